"""Records -> the context of the page's template -> one HTML file. Imports no torch."""

import math
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from nst.errors import InputError
from nst.files import check_file, printable, write_file
from nst.runs import records
from studies.report import cells, pictures
from studies.report.cells import planes

TEMPLATES = Path(__file__).parent / "assets"
LOSSES = ("total", "content", "style")
SUMS = (*LOSSES, "gradient")
WEIGHTED = "_weighted"
POINTS = 80  # of a curve at most, evenly along a logarithmic axis
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
    shared = cells.shared(frame)
    failed = cells.failures(root, shared, frame.attrs["broken"])
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
    return templates.get_template("page.html").render(
        name=root.resolve().name,
        failures=failed,
        figures=pictures.figures(root, beside),
        shared=shared,
        facts=facts(frame),
        quality=pictures.QUALITY,
        figure_width=pictures.FIGURE_WIDTH,
        points=POINTS,
        **contents(frame, root, beside),
    )


def contents(frame: pd.DataFrame, root: Path, beside: Path) -> dict[str, Any]:
    """Return what the page shows of the cells; all of it is empty if all of them failed.

    ``data`` is for the page's scripts, which take the pictures from the page itself.
    """
    if len(frame):  # in the order in which a reader counts
        frame = frame.sort_values(
            "folder",
            key=lambda paths: [cells.natural(path.relative_to(root).as_posix()) for path in paths],
            ignore_index=True,
        )
    rows, varied = frame.to_dict("records"), cells.differing(frame)
    several = max(1, len(rows))
    inputs = pictures.gather_inputs(rows)
    lines = [curves(row["losses"]) for row in rows]
    shown = [show(row, root, beside) for row in rows]
    for i, (cell, row) in enumerate(zip(shown, rows, strict=True)):
        files = set(pictures.kept_inputs(row).values())
        cell["number"] = i
        cell["evaluations"] = max(lines[i]["evaluations"], default=0)
        cell["settings"] = {key: values[i] for key, values in varied.items()}
        cell["inputs"] = [k for k, known in enumerate(inputs) if known["paths"] & files]
    data = {
        "measures": [name for name in SUMS if any(name in line for line in lines)],
        "cells": shown,
        "inputs": [{"role": known["role"], "title": known["title"]} for known in inputs],
        "planes": planes(frame, varied),
    }
    return {
        "data": data,
        "inputs": inputs,
        "cells": shown,
        "pictures": [pictures.embed(row["image"], pictures.BUDGET // several) for row in rows],
        "groups": groups(frame, shown),
        "varied": {key: Counter(values) for key, values in varied.items()},
        "example": example(shown[0]) if shown else "",
        "lines": lines,
        "trajectories": [trajectory(row, pictures.STRIPS // several) for row in rows],
    }


def show(row: dict[str, Any], root: Path, beside: Path) -> dict[str, Any]:
    """Return what a cell's own record says of it."""
    folder = row["folder"]
    return {
        "name": root.resolve().name if folder == root else folder.relative_to(root).as_posix(),
        "original": pictures.link(row["image"], beside),
        "losses": {name: number(row.get(f"losses.{name}")) for name in LOSSES},
        "seconds": number(row.get("seconds")),
        "device": cells.text(row.get("device")),
        "commit": cells.text(row.get("commit")),
        "kind": cells.kind(row),
        "messages": row["messages"] if isinstance(row.get("messages"), list) else [],
    }


def curves(path: Path) -> dict[str, Any]:
    """Return ``evaluations`` and, for each loss that is not zero throughout, its values there.

    A layer's loss is weighted, so that it can be set against the total. The first and the last
    evaluation are always there.
    """
    table = pd.read_csv(path)
    steps = np.geomspace(1, max(1, len(table)), POINTS).round().astype(int) - 1
    thin = table.iloc[sorted(set(steps[steps < len(table)]))]
    labels = {name: name for name in SUMS if name in table}
    for name in table:
        if name.endswith(WEIGHTED):
            labels[name] = name.removesuffix(WEIGHTED).replace("_", " ", 1)
    found: dict[str, Any] = {"evaluations": [int(v) for v in thin["evaluation"]]}
    for name, label in labels.items():
        # Four digits are more than a chart shows; some values it cannot show at all.
        values = [float(f"{v:.4g}") if math.isfinite(v) else None for v in thin[name]]
        if any(values):
            found[label] = values
    return found


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
        title, note = cells.FIGURES.get(str(figure), (str(figure), ""))
        found.append({"title": title, "note": note, "cells": [shown[i] for i in rows.index]})
    return found


def trajectory(row: dict[str, Any], pixels: int) -> dict[str, Any] | None:
    """Return the strip of frames of a cell's synthesis, if it was kept."""
    name = row.get("trajectory.image")
    if not isinstance(name, str):
        return None
    strip = pictures.embed(row["folder"] / name, pixels)["address"]
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
        found["Computing"] = f"{frame['seconds'].sum() / 60:.1f} min"
    return found
