"""Records -> the context of the page's template -> one HTML file. Imports no torch."""

import math
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from nst.errors import InputError
from nst.files import check_file, printable, write_file
from nst.runs import records
from studies.report import cells, pictures
from studies.report.curves import POINTS, SUMS, curves
from studies.report.planes import planes

TEMPLATES = Path(__file__).parent / "assets"
LOSSES = ("total", "content", "style")
READ = ("name", "caption", "kind", "settings", "losses", "seconds", "evaluations", "device",
        "commit", "messages", "inputs", "original")  # fmt: skip
FACTS = {"network.name": "Network", "size": "Size", "evaluations": "Evaluations",
         "optimizer.name": "Optimizer", "device": "Device", "commit": "Commit"}  # fmt: skip


def write(root: Path, output: Path) -> Path:
    """Write the page of the results below `root` atomically; return its path.

    Raise `InputError` if there are none, or if the page cannot be written.
    """
    page = render(root, output.parent)
    check_file(output, "name another file with --output")
    write_file(output, printable(page).encode())
    return output


def render(root: Path, beside: Path) -> str:
    """Return the page; its links to original files are relative to the folder `beside`.

    The same records give the same page.
    """
    frame = records.load(root)
    failed = cells.failures(root, cells.shared(frame), frame.attrs["broken"])
    if frame.empty and not failed:
        raise InputError(f"no records in {root}: make figures, or name a folder with results")
    templates = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    templates.policies["json.dumps_kwargs"] = {"sort_keys": False}  # settings in their own order
    found = contents(frame, root, beside)
    return templates.get_template("page.html").render(
        name=root.resolve().name,
        failures=failed,
        figures=pictures.figures(root, beside),
        data=data(found),
        quality=pictures.QUALITY,
        figure_width=pictures.FIGURE_WIDTH,
        points=POINTS,
        **found,
    )


def data(found: dict[str, Any]) -> dict[str, Any]:
    """Return the data for the page's scripts; they take pictures from the page itself."""
    names = {name for lines in found["lines"] for name in lines}
    return {
        "measures": [name for name in SUMS if name in names],
        "cells": [{key: cell[key] for key in READ} for cell in found["cells"]],
        "inputs": [{key: known[key] for key in ("role", "title")} for known in found["inputs"]],
        "planes": found["planes"],
    }


def contents(frame: pd.DataFrame, root: Path, beside: Path) -> dict[str, Any]:
    """Return all that the page shows of the records; all of it is empty if all cells failed."""
    if len(frame):  # in the order in which a reader counts
        frame = frame.sort_values(
            "folder",
            key=lambda paths: [cells.natural(path.relative_to(root).as_posix()) for path in paths],
            ignore_index=True,
        )
    varied = cells.differing(frame)
    rows = frame.to_dict("records")
    several = max(1, len(rows))
    inputs = pictures.gather_inputs(rows)
    shown = [show(row, root, beside, pictures.BUDGET // several) for row in rows]
    for i, (cell, row) in enumerate(zip(shown, rows, strict=True)):
        cell["number"] = i
        cell["settings"] = {key: values[i] for key, values in varied.items()}
        files = set(pictures.kept_inputs(row).values())
        cell["inputs"] = [k for k, known in enumerate(inputs) if known["paths"] & files]
    return {
        "inputs": inputs,
        "cells": shown,
        "groups": groups(frame, shown),
        "planes": planes(frame, varied),
        "keys": list(varied),
        "varied": [(key, list(Counter(values).items())) for key, values in varied.items()],
        "shared": cells.shared(frame),
        "facts": facts(frame),
        "reduced": sum(not cell["picture"].whole for cell in shown),
        "kinds": sorted({cell["kind"] for cell in shown}),
        "example": example(shown[0]) if shown else "",
        "lines": [cell["curves"] for cell in shown],
        "trajectories": [trajectory(row, pictures.STRIPS // several) for row in rows],
    }


def show(row: dict[str, Any], root: Path, beside: Path, pixels: int) -> dict[str, Any]:
    """Return one cell as the page shows it, its picture limited to a number of pixels."""
    folder, lines = row["folder"], curves(row["losses"])
    return {
        "name": root.resolve().name if folder == root else folder.relative_to(root).as_posix(),
        "original": pictures.link(row["image"], beside),
        "picture": pictures.embed(row["image"], pixels),
        "losses": {name: number(row.get(f"losses.{name}")) for name in LOSSES},
        "seconds": number(row.get("seconds")),
        "evaluations": lines["evaluations"][-1] if lines["evaluations"] else 0,
        "device": cells.text(row.get("device")),
        "commit": cells.text(row.get("commit")),
        "kind": cells.kind(row),
        "messages": row["messages"] if isinstance(row.get("messages"), list) else [],
        "curves": lines,
    }


def number(value: Any) -> float | None:
    """Return a finite number, or nothing."""
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None


def example(cell: dict[str, Any]) -> str:
    """Return what a reader might look for: a setting with a value of one word, or a name."""
    words = {key: value for key, value in cell["settings"].items() if value and " " not in value}
    key = "ratio" if "ratio" in words else next(iter(words), "")
    return f"{key}={words[key]}" if key else cell["name"]


def groups(frame: pd.DataFrame, shown: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the cells by figure; caption each so that it is told from others of its figure."""
    found = []
    for figure, rows in frame.groupby("figure", sort=False, dropna=False) if shown else ():
        rows.attrs = frame.attrs
        varied = list(cells.differing(rows))
        for i, row in zip(rows.index, rows.to_dict("records"), strict=True):
            shown[i]["caption"] = cells.caption(row, varied) or row["folder"].name
        title, note = cells.figure_title(str(figure))
        found.append({"title": title, "note": note, "cells": [shown[i] for i in rows.index]})
    return found


def trajectory(row: dict[str, Any], pixels: int) -> dict[str, Any] | None:
    """Return the strip of frames of a cell's synthesis, if it was kept."""
    name = row.get("trajectory.image")
    if not isinstance(name, str):
        return None
    strip = pictures.embed(row["folder"] / name, pixels).address
    return {"strip": strip, "evaluations": row["trajectory.evaluations"]}


def facts(frame: pd.DataFrame) -> dict[str, str]:
    """Return the head of the page: how the pictures were made."""
    found = {}
    for key, label in FACTS.items():
        values = [v for v in dict.fromkeys(map(cells.text, frame.get(key, []))) if v]
        if values:
            few = ", ".join(values) if len(values) < 4 else f"{len(values)} different"
            found[label] = few + (" px" if key == "size" else "")
    if "seconds" in frame:
        found["Computing"] = duration(float(frame["seconds"].sum()))
    return found


def duration(seconds: float) -> str:
    """Return a time in its two largest units.

    >>> duration(12.4), duration(95), duration(4000)
    ('12 s', '1 min 35 s', '1 h 6 min')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
