"""Measure the paper's claims on the records of `make claims`: python scripts/claims.py

Leaves claims.csv, one row per measure and setting, and the figure drawn from it.
"""

import argparse
from pathlib import Path

from nst.errors import InputError
from nst.figures.page import save
from nst.runs import records
from nst.runs.records import write_table
from nst.script import run_script
from studies.claims.figure import claims_figure
from studies.claims.verdicts import read_table, summary


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--profile", default="demo", choices=("demo", "paper"))
    parser.add_argument("--output", type=Path, default=Path("outputs"))
    parser.add_argument("--draw", action="store_true", help="only draw claims.csv again")
    options = parser.parse_args()
    folder = options.output / options.profile / "claims"
    path = folder.with_suffix(".csv")
    if not options.draw:
        cells = records.load(folder, whole=True)
        if cells.empty:
            raise InputError(f"no records in {folder}: make claims PROFILE={options.profile}")
        from nst.runs.device import choose_device
        from studies.claims.measuring import claims_table  # drawing alone needs no torch

        write_table(path, claims_table(cells, str(choose_device("auto"))))
    if not path.is_file():
        raise InputError(f"no table at {path}: make claims PROFILE={options.profile}")
    frame = read_table(path)
    print("\n".join(summary(frame)))
    for file in (path, *save(claims_figure(frame), folder)):
        print(file)


if __name__ == "__main__":
    run_script(main)
