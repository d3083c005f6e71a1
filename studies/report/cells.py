"""The cells of a report: what tells them apart, what to call them, which failed, and their grids.

Imports no torch.
"""

import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from nst.errors import InputError
from nst.runs.records import INCIDENTAL, flatten, read_record

# Names for what other settings say in full: a picture has them in its path, or in its layers.
NAMES = ("profile", "figure", "cell", "panel", "layer_set")
TITLE = re.compile(r"inputs\.((content|style|mask)(_\d+)?)\.title")
FIGURES = {
    "fig1": ("Figure 1", "Content and style, each alone, from every level of the network"),
    "fig2": ("Figure 2", "A photograph in the style of several artworks"),
    "fig3": ("Figure 3", "Style layers against the ratio of content to style"),
    "images": ("Pictures", ""),
}
SAID = ("content", "style", "ratio", "alpha", "beta", "content_layers", "style_layers")
SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
AXES = ("ratio", "alpha", "content_layers", "style_layers")
# What may follow from layers and alpha/beta: configs/layer_set, `little` in configs/config.yaml.
FOLLOWING = ("schedule.name", "schedule.scales", "schedule.shares", "evaluations",
             "noise.deviation", "noise.pink", "optimizer.spectrum",
             "continuation", "continuation_share", "opening")  # fmt: skip
Place = tuple[tuple[str, ...], float]  # layers, alpha/beta


def text(value: Any) -> str:
    """Return a setting as a reader wants it; nothing where there is none.

    >>> text(["conv1_1", "conv2_1", "conv3_1"]), text(1e-5), text(3.0), text(None)
    ('conv1_1 … conv3_1', '1e-05', '3', '')
    """
    if isinstance(value, list | tuple):
        names = [text(each) for each in value]
        if len(names) > 2 and names == [f"conv{level}_1" for level in range(1, len(names) + 1)]:
            return f"{names[0]} … {names[-1]}"
        return ", ".join(names)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and not math.isnan(value):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:g}"
    return "" if pd.isna(value) else str(value)


def power(value: float) -> str:
    """Return a ratio as the paper prints it.

    >>> power(1e-3), power(0.002), power(1.0), power(0.0)
    ('10⁻³', '0.002', '1', '0')
    """
    digits, _, exponent = f"{value:e}".partition("e")
    if float(digits) != 1 or not int(exponent):
        return text(value)
    return "10" + str(int(exponent)).translate(SUPERSCRIPT)


def natural(name: str) -> list[str | float]:
    """Return the key that sorts names as a reader counts: numbers by size, wherever they stand."""
    parts = re.split(r"(\d+(?:\.\d+)?(?:e[+-]?\d{1,3})?)", name)
    return [float(part) if i % 2 else part for i, part in enumerate(parts)]


def counts(key: str) -> bool:
    """Tell whether a setting is neither incidental nor a name for others."""
    return key not in NAMES and key.rsplit(".", 1)[-1] not in INCIDENTAL


def columns(frame: pd.DataFrame) -> dict[str, list[str]]:
    """Return the settings that count, as texts, a value a row; inputs by their titles."""
    found = {}
    for name in filter(None, map(TITLE.fullmatch, frame)):
        titles = [text(value) for value in frame[name[0]]]
        short = [title.split(",")[0] for title in titles]  # without artist and year
        found[name[1]] = short if len(set(short)) == len(set(titles)) else titles
    settings = [key for key in frame.attrs["settings"] if counts(key)]
    return found | {key: [text(value) for value in frame[key]] for key in settings}


def differing(frame: pd.DataFrame) -> dict[str, list[str]]:
    """Return the settings in which the cells differ: a value a row, under the setting's name.

    Of an input or a group of settings (``network.name``, ``network.width``, the checksum of its
    weights) those that follow from one that is kept already are left out.
    """
    kept: dict[str, list[str]] = {}
    for key, values in columns(frame).items():
        topic = key.removeprefix("checksums.").partition(".")[0]
        known = [kept[k] for k in kept if topic == k.partition(".")[0]]
        follows = any(len(set(zip(k, values, strict=True))) == len(set(k)) for k in known)
        if len(set(values)) > 1 and not follows:
            kept[key] = values
    return kept


def shared(frame: pd.DataFrame) -> dict[str, str]:
    """Return the settings that all cells have in common, without those that are empty."""
    return {k: v[0] for k, v in columns(frame).items() if len(set(v)) == 1 and v[0]}


def kind(row: dict[str, Any]) -> str:
    """Return the task of a cell: content or style alone, or a transfer."""
    if row.get("beta") == 0:
        return "content"
    return "style" if row.get("alpha") == 0 else "transfer"


def caption(row: dict[str, Any], varied: Sequence[str]) -> str:
    """Say what a picture is, among others that differ in the settings `varied`.

    >>> caption({"alpha": 1.0, "beta": 0.0, "content_layers": ["conv4_1"]}, [])
    'Content of conv4_1'
    """
    if (which := kind(row)) != "transfer":
        parts = [f"{which.capitalize()} of {text(row.get(f'{which}_layers'))}"]
    else:
        said = {
            "style": text(row.get("inputs.style.title")).split(",")[0],
            "content": text(row.get("inputs.content.title")).split(",")[0],
            "ratio": f"α/β {power(row['ratio'])}" if "ratio" in row else "",
            "style_layers": f"style {text(row.get('style_layers'))}",
            "content_layers": f"content {text(row.get('content_layers'))}",
        }
        parts = [words for key, words in said.items() if key in varied and words]
    rest = {key: text(row.get(key)) for key in varied if key not in SAID}
    return " · ".join(parts + [f"{key} {value}" for key, value in rest.items() if value])


def failures(root: Path, common: dict[str, str], broken: dict[Path, str]) -> list[dict[str, Any]]:
    """Return name, error and settings of each cell below `root` that failed and has no record.

    Left out are `common`, the settings that all cells share that did not fail. Cells that are
    `broken`, folder -> why, come last, without settings.
    """
    found: list[dict[str, Any]] = []
    for folder in sorted(path.parent for path in root.rglob("failure.json")):
        if (folder / "record.json").exists():
            continue
        try:
            failure = read_record(folder, "failure.json") or {}
        except InputError as error:
            failure = {"error": str(error)}
        texts = {key: text(value) for key, value in flatten(failure.get("settings", {})).items()}
        settings = {key: value for key, value in texts.items() if counts(key) and value}
        found.append({"folder": folder, "error": failure.get("error", ""), "settings": settings})
    if not common and len(found) > 1:  # what all share that failed says nothing either
        common = dict(set.intersection(*(set(cell["settings"].items()) for cell in found)))
    for folder, problem in broken.items():
        found.append({"folder": folder, "error": f"broken: {problem}", "settings": {}})
    for cell in found:
        cell["name"] = cell.pop("folder").relative_to(root).as_posix()
        settings = cell["settings"].items()
        cell["settings"] = {key: value for key, value in settings if common.get(key) != value}
    return found


def planes(frame: pd.DataFrame, varied: dict[str, list[str]]) -> list[dict[str, Any]]:
    """Return the sets of cells that differ in nothing but alpha/beta and layers, two at least.

    `varied` holds the settings in which the cells of the frame differ, a value a row. A plane has
    a ``title``, ``ratios`` and ``layers`` (the texts along its axes) and ``cells``: for each set of
    layers, shallow first, and each ratio, the row of the frame; None where it was not computed.
    """
    rows = frame.to_dict("records")
    for within in ((*AXES, *FOLLOWING), AXES):  # two cells in one place: what may follow does vary
        found: dict[tuple[str, ...], dict[Place, int]] = {}
        for number, row in enumerate(rows):
            other = {key: values[number] for key, values in varied.items() if key not in within}
            plane, place = located(row, other)
            found.setdefault(plane, {})[place] = number
        if sum(map(len, found.values())) == len(rows):
            break
    together = {plane: places for plane, places in found.items() if len(places) > 1}
    titled = zip(titles(list(together)), together.values(), strict=True)
    return [{"title": title} | grid(places) for title, places in titled]


def located(row: dict[str, Any], other: dict[str, str]) -> tuple[tuple[str, ...], Place]:
    """Return the plane of a row, and its place there.

    A plane is what its cells have in common: figure, what is minimized, and `other` settings.
    """
    figure, which = text(row.get("figure")), kind(row)
    transfer = which == "transfer"
    plane = (
        FIGURES.get(figure, (figure, ""))[0],
        "" if transfer else f"{which} alone",
        text(row.get("content_layers")) if transfer else "",
        *(v if k in ("content", "style") or not v else f"{k} {v}" for k, v in other.items()),
    )
    names = row.get("content_layers" if which == "content" else "style_layers")
    ratio = row.get("ratio", 1.0) if transfer else 1.0  # alone, content or style has none
    return plane, (tuple(names) if isinstance(names, list) else (), float(ratio))


def titles(keys: list[tuple[str, ...]]) -> list[str]:
    """Return of each plane its figure, and of its other parts as few as tell it from all others."""
    figures, *others = zip(*keys, strict=True) if keys else [()]
    telling = [figures]
    for part in others:
        known = set(zip(*telling, strict=True))
        if len(set(zip(*telling, part, strict=True))) > len(known):
            telling.append(part)
    return [", ".join(filter(None, parts)) for parts in zip(*telling, strict=True)]


def grid(places: dict[Place, int]) -> dict[str, Any]:
    """Return the axes and cells of a plane."""
    depths = sorted({names for names, _ in places}, key=lambda names: (len(names), names))
    ratios = sorted({ratio for _, ratio in places})
    return {
        "ratios": [power(ratio) for ratio in ratios],
        "layers": [text(list(names)) for names in depths],
        "deepest": [names[-1] if names else "" for names in depths],
        "cells": [[places.get((names, ratio)) for ratio in ratios] for names in depths],
    }
