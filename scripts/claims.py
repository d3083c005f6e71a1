"""Measure the paper's claims on the records of `make claims`: python scripts/claims.py

Leaves claims.csv, a row a measure and setting, and the figure drawn from it.
"""

import argparse
from pathlib import Path

import pandas as pd

from nst.claims.figure import claims_figure
from nst.claims.verdicts import HOLDS
from nst.errors import InputError, run_script
from nst.figures.page import save
from nst.files import write_files
from nst.runs import records


def measured(folder: Path) -> pd.DataFrame:
    """The table of claims of the records in a folder, written beside it."""
    cells = records.load(folder)
    if cells.empty:
        raise InputError(f"no records in {folder}: make claims PROFILE={folder.parent.name}")
    from nst.claims.measuring import claims_table  # drawing alone needs no torch
    from nst.runs.device import choose_device

    frame = claims_table(cells, str(choose_device("auto")))
    content = frame.to_csv(index=False, float_format="%.4g").encode()
    write_files(folder.parent, {"claims.csv": content})
    return frame


def summary(frame: pd.DataFrame) -> list[str]:
    """A line a claim, and one for each measure that is not as expected."""
    lines = []
    for number, rows in frame.groupby("claim"):
        lines.append(f"{number}. {rows['statement'].iloc[0]}: {rows['verdict'].iloc[0]}")
        for _, row in rows[rows["expected"] != ""].drop_duplicates("measure").iterrows():
            if row["found"] != HOLDS:
                because = f" ({row['reason']})" if row["reason"] else ""
                lines.append(f"   {row['measure']} {row['expected']}: {row['found']}{because}")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--profile", default="demo", choices=("demo", "paper"))
    parser.add_argument("--output", type=Path, default=Path("outputs"))
    parser.add_argument("--draw", action="store_true", help="only draw claims.csv again")
    options = parser.parse_args()
    folder = options.output / options.profile / "claims"
    path = folder.with_suffix(".csv")
    if not options.draw:
        measured(folder)
    if not path.is_file():
        raise InputError(f"no table at {path}: make claims PROFILE={options.profile}")
    try:
        frame = pd.read_csv(
            path,
            dtype={"setting": str},
            na_values={"mean": [""], "deviation": [""], "limit": [""]},
            keep_default_na=False,
        )
        lines = summary(frame)
    except (ValueError, KeyError) as error:  # ValueError: pandas' errors of parsing
        raise InputError(f"{path} is no table of claims: make it again without --draw") from error
    print("\n".join(lines))
    for file in (path, *save(claims_figure(frame), folder)):
        print(file)


if __name__ == "__main__":
    run_script(main)
