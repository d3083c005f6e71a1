"""Collect all cells below a folder in one table.

Failed and unfinished cells are named, with errors; the exit code is 1 if a cell failed.
"""

import argparse
from pathlib import Path

from nst.files import check_file, write_file
from nst.runs.table import DONE, FAILED, collect, summary


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, help="such as outputs, or outputs/demo/images")
    parser.add_argument("--output", type=Path, help="default: cells.csv in the folder")
    options = parser.parse_args()
    output = options.output or options.folder / "cells.csv"
    frame = collect(options.folder)
    for cell in frame[frame["state"] != DONE].itertuples():
        reason = f": {cell.error}" if cell.error else ""
        print(f"{cell.state}: {options.folder / cell.folder}{reason}")
    check_file(output, "name another file with --output")
    write_file(output, frame.to_csv(index=False).encode())
    print(f"{output}: {summary(frame)}")
    return int(FAILED in set(frame["state"]))
