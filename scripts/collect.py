"""One table of all cells below a folder: python scripts/collect.py outputs [--output FILE.csv]

Failed cells come with their errors, unfinished ones are named; exit code 1 if a cell failed.
"""

import argparse
from pathlib import Path

from nst.errors import run_script
from nst.files import check_folder, write_files
from nst.runs.table import DONE, FAILED, collect, summary


def run(root: Path, output: Path) -> int:
    """Write the table of the cells below `root`; the exit code."""
    frame = collect(root)
    for cell in frame[frame["state"] != DONE].itertuples():
        print(f"{cell.state}: {root / cell.folder}" + (f": {cell.error}" if cell.error else ""))
    check_folder(output.parent)
    write_files(output.parent, {output.name: frame.to_csv(index=False).encode()})
    print(f"{output}: {summary(frame)}")
    return int(FAILED in set(frame["state"]))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, help="such as outputs, or outputs/demo/images")
    parser.add_argument("--output", type=Path, help="default: cells.csv in the folder")
    options = parser.parse_args()
    return run(options.folder, options.output or options.folder / "cells.csv")


if __name__ == "__main__":
    run_script(main)
