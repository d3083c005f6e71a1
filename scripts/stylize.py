"""Paint a photograph in the style of a painting: python scripts/stylize.py --help"""

from nst.cli import run_stylize

if __name__ == "__main__":
    run_stylize()
