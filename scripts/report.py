"""Write one HTML page to look at results: python scripts/report.py [FOLDER] [--output FILE]

FOLDER is a profile's results, a sweep, or any folder that holds records.
"""

import argparse
from pathlib import Path

from nst.script import run_script
from studies.report import write


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    default = "default: outputs/<profile>, or else results/<profile>"
    parser.add_argument("folder", nargs="?", type=Path, help=default)
    parser.add_argument("--profile", default="demo", choices=("demo", "paper"))
    parser.add_argument("--output", type=Path, metavar="FILE", help="FOLDER/report.html")
    options = parser.parse_args()
    own, published = (Path(name) / options.profile for name in ("outputs", "results"))
    folder = options.folder or (own if own.exists() else published)
    print(write(folder, options.output or folder / "report.html"))


if __name__ == "__main__":
    run_script(main)
