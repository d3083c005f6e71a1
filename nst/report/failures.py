"""Cells that failed: what their folders say. Imports no torch."""

import json
from dataclasses import dataclass
from pathlib import Path

from nst.report.cells import counting


@dataclass(frozen=True)
class Failure:
    """A cell without a record, and why; `settings` are those that not all others share."""

    name: str
    error: str
    settings: dict[str, str]


def failures(root: Path, common: dict[str, str]) -> list[Failure]:
    """The cells below `root` with a ``failure.json`` and no record.

    `common` are the settings that all cells share that did not fail.
    """
    found = [
        Failure(path.parent.relative_to(root).as_posix(), *read(path))
        for path in sorted(root.rglob("failure.json"))
        if not (path.parent / "record.json").exists()
    ]
    if not common:  # all failed: what they share among themselves says nothing either
        shared = set.intersection(*(set(f.settings.items()) for f in found)) if found else set()
        common = dict(shared) if len(found) > 1 else {}
    return [
        Failure(f.name, f.error, {k: v for k, v in f.settings.items() if common.get(k) != v})
        for f in found
    ]


def read(path: Path) -> tuple[str, dict[str, str]]:
    """The error of a failed cell and its settings; a broken file is an error, too."""
    try:
        failure = json.loads(path.read_text())
        return str(failure["error"]), counting(failure.get("settings") or {})
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return f"{path.name} cannot be read", {}
