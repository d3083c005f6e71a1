"""Cells that failed: what their folders say. Imports no torch."""

import json
from pathlib import Path
from typing import Any

from nst.report.cells import counting


def failures(root: Path, common: dict[str, str]) -> list[dict[str, Any]]:
    """Return name, error and settings of each cell below `root` that failed and has no record.

    Left out are `common`, the settings that all cells share that did not fail.
    """
    found = [
        {"name": path.parent.relative_to(root).as_posix(), **read(path)}
        for path in sorted(root.rglob("failure.json"))
        if not (path.parent / "record.json").exists()
    ]
    if not common and len(found) > 1:  # what all share that failed says nothing either
        common = dict(set.intersection(*(set(cell["settings"].items()) for cell in found)))
    for cell in found:
        settings = cell["settings"].items()
        cell["settings"] = {key: value for key, value in settings if common.get(key) != value}
    return found


def read(path: Path) -> dict[str, Any]:
    """Read the error of a failed cell and its settings; a broken file is an error, too."""
    try:
        failure = json.loads(path.read_text())
        settings = counting(failure.get("settings") or {})
        return {"error": str(failure["error"]), "settings": settings}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {"error": f"{path.name} cannot be read", "settings": {}}
