"""All cells below a folder as one table: done, failed and why, or unfinished.

Imports no torch.
"""

import os
from pathlib import Path
from typing import Any

import pandas as pd

from nst.errors import BrokenError, InputError
from nst.files import printable
from nst.runs.locks import SUFFIX, is_held
from nst.runs.records import check_there, one_row, read_record

STATES = DONE, FAILED, UNFINISHED, COMPUTING = "done", "failed", "unfinished", "computing"
MARKS = {"record.json", "failure.json", "checkpoint.pt"}  # what makes a folder a cell


def collect(root: Path) -> pd.DataFrame:
    """Return one row per cell below `root`: ``folder`` (from there), ``state``, ``error``, ...

    Settings and losses have dotted names, as in `nst.runs.records.load`; lists are joined with
    spaces. Raise `InputError` if there is no cell.
    """
    rows = [{"folder": str(cell.relative_to(root)), **row(cell)} for cell in cells(root)]
    frame = pd.DataFrame([{key: joined(value) for key, value in row.items()} for row in rows])
    if frame.empty:
        raise InputError(f"no cells in {root}: give the output folder of a sweep")
    return frame


def cells(root: Path) -> list[Path]:
    """Return the folders of all cells begun below `root`; some have only a lock."""
    found = set()
    for folder, subfolders, files in os.walk(root):
        here = Path(folder)
        locks = [name for name in files if name[0] == "." and name.endswith(SUFFIX)]
        found |= {here / name[1 : -len(SUFFIX)] for name in locks}
        if not MARKS.isdisjoint(files):
            found.add(here)
        subfolders[:] = [name for name in subfolders if not name.startswith(".")]
    return sorted(found)


def row(folder: Path) -> dict[str, Any]:
    """Return a cell's state, its error if it failed, settings and losses."""
    try:
        if record := read_record(folder):
            check_there(folder, record)
            return {"state": DONE, "error": "", **one_row(record)}
        failure = None if is_held(folder) else read_record(folder, "failure.json")
        if failure:
            failure.pop("traceback", None)
            return {"state": FAILED, **one_row(failure)}
    except InputError as error:
        if not (isinstance(error, BrokenError) and is_held(folder)):  # not being replaced
            return {"state": FAILED, "error": str(error)}
    return {"state": COMPUTING if is_held(folder) else UNFINISHED, "error": ""}


def joined(value: Any) -> Any:
    """Return a list as one text, and any text in a form that UTF-8 can hold."""
    text = " ".join(map(str, value)) if isinstance(value, list) else value
    return printable(text) if isinstance(text, str) else text


def summary(frame: pd.DataFrame) -> str:
    """Return how many cells are in which state, as text."""
    counts = frame["state"].value_counts().to_dict()
    found = {DONE: 0} | {state: counts[state] for state in STATES if state in counts}
    return ", ".join(f"{count} {state}" for state, count in found.items())
