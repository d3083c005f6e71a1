"""Fetch the paper's photograph and artworks: python scripts/fetch.py [names...] [--list]"""

from nst.cli import run_fetch

if __name__ == "__main__":
    run_fetch()
