"""The cells that the claims are measured on, and tables of what is measured of them.

They are those of configs/figure/claims.yaml. Imports no torch.
"""

from collections.abc import Callable
from typing import Any

import pandas as pd

from nst.errors import InputError

Row = dict[str, Any]
COMMON = ("size", "network.name", "checksums.network", "checksums.content")


def load_cells(frame: pd.DataFrame) -> dict[str, list[Row]]:
    """Return records as rows, by what they show, in the order of their settings.

    ``content`` and ``style`` reconstructions; transfers by ``ratio`` (with all style layers), by
    ``layers`` (at one ratio) and by ``pooling`` (with all style layers, at one ratio).
    Raises `InputError` if they were made with different means.
    """
    for key in COMMON:
        if key in frame and (values := frame[key].dropna().unique()).size > 1:
            raise InputError(f"records of {key} {values[0]} and {values[1]} are mixed: remove some")
    frame = frame.sort_values(["layer_set", "ratio", "network.pooling", "seed"])
    transfers = frame[(frame["alpha"] > 0) & (frame["beta"] > 0)]
    average = transfers[transfers["network.pooling"] == "average"]
    others = transfers[transfers["network.pooling"] != "average"]
    deepest = average[average["layer_set"] == average["layer_set"].max()]
    shallowest = average[average["layer_set"] == average["layer_set"].min()]
    parts = {
        "content": frame[frame["beta"] == 0],
        "style": frame[frame["alpha"] == 0],
        "ratio": deepest,
        "layers": average[average["ratio"].isin(shallowest["ratio"])],
        "pooling": pd.concat([deepest[deepest["ratio"].isin(others["ratio"])], others]),
    }
    return {name: part.to_dict("records") for name, part in parts.items()}


def tabulate(
    rows: list[Row],
    setting: Callable[[Row], str],
    measure: Callable[[Row], dict[str, float]],
) -> dict[str, pd.DataFrame]:
    """Return what `measure` gives of rows: name -> values, a row per seed, a column per setting.

    A seed that lacks a setting is left out.
    """
    found = pd.DataFrame(
        [{"seed": row["seed"], "setting": setting(row)} | measure(row) for row in rows]
    )
    order = list(dict.fromkeys(found["setting"]))
    return {
        name: found.pivot(index="seed", columns="setting", values=name)[order].dropna()
        for name in found.columns.drop(["seed", "setting"])
    }
