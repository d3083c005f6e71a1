"""Measure how much of the photograph Figure 3 keeps, beside the published one: docs/convention.md

python scripts/structure.py [outputs/paper/fig3] [--output FILE.csv]
"""

import argparse
from pathlib import Path

from nst.errors import run_script
from nst.files import write_table
from studies.measures.structure import structure_table


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, nargs="?", default=Path("outputs/paper/fig3"))
    parser.add_argument("--output", type=Path, help="a CSV to write")
    options = parser.parse_args()
    frame = structure_table(options.folder)
    print(frame.pivot(index="depth", columns="ratio", values="found").round(2).to_string())
    difference = (frame["found"] - frame["published"]).abs().mean()
    print(f"{len(frame)} cells, mean absolute difference {difference:.3f}")
    if options.output:
        write_table(options.output, frame)


if __name__ == "__main__":
    run_script(main)
