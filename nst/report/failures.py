"""Cells that failed: what their folders say. Imports no torch."""

import json
from dataclasses import dataclass
from pathlib import Path

from nst.report.cells import unlike


@dataclass(frozen=True)
class Failure:
    """A cell without a record, and why; `settings` are those that not all others share."""

    name: str
    error: str
    settings: dict[str, str]


def failures(root: Path, common: dict[str, str]) -> list[Failure]:
    """The cells below `root` with a ``failure.json`` and no record.

    `common` are the settings of all cells that did not fail.
    """
    found = []
    for path in sorted(root.rglob("failure.json")):
        if not (path.parent / "record.json").exists():
            name = path.parent.relative_to(root).as_posix()
            found.append(Failure(name, *read(path, common)))
    return found


def read(path: Path, common: dict[str, str]) -> tuple[str, dict[str, str]]:
    """The error of a failed cell and its telling settings; a broken file is an error, too."""
    try:
        failure = json.loads(path.read_text())
        return str(failure["error"]), unlike(failure.get("settings") or {}, common)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return f"{path.name} cannot be read", {}
