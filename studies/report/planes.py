"""Which cells form a grid of alpha/beta and layers, as Figure 3's do. Imports no torch."""

from typing import Any

import pandas as pd

from studies.report.cells import FIGURES, kind, power, text

AXES = ("ratio", "alpha", "content_layers", "style_layers")
# What may follow from layers and alpha/beta: configs/layer_set, `little` in configs/config.yaml.
FOLLOWING = ("schedule.name", "schedule.scales", "schedule.shares", "evaluations",
             "noise.deviation", "noise.pink", "optimizer.spectrum",
             "continuation", "continuation_share")  # fmt: skip
Place = tuple[tuple[str, ...], float]  # layers, alpha/beta


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
    both = which == "both"
    plane = (
        FIGURES.get(figure, (figure, ""))[0],
        "" if both else f"{which} alone",
        text(row.get("content_layers")) if both else "",
        *(v if k in ("content", "style") or not v else f"{k} {v}" for k, v in other.items()),
    )
    names = row.get("content_layers" if which == "content" else "style_layers")
    ratio = row.get("ratio", 1.0) if both else 1.0  # alone, content or style has none
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
