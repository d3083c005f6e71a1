"""Draw a figure from its records: python scripts/plot.py [fig1 ...] [--profile paper]"""

import argparse
from pathlib import Path

from nst.figures.drawing import FIGURES, draw
from nst.script import run_script


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("figures", nargs="*", metavar="FIGURE", help=", ".join(FIGURES))
    parser.add_argument("--profile", default="demo", choices=("demo", "paper"))
    parser.add_argument("--output", type=Path, default=Path("outputs"))
    without = "as WebP, without artworks that are in copyright"
    parser.add_argument("--published", action="store_true", help=without)
    options = parser.parse_args()
    for name in options.figures or FIGURES:
        if name not in FIGURES:
            parser.error(f"no figure {name!r}: use {', '.join(FIGURES)}")
        print("\n".join(draw(options.output / options.profile / name, options.published)))


if __name__ == "__main__":
    run_script(main)
