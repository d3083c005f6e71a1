"""Collect the cells below a folder in a table: python scripts/collect.py outputs [--output FILE]"""

from nst.cli import run_collect

if __name__ == "__main__":
    run_collect()
