"""How the losses of a cell went, thinned for a chart. Imports no torch."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from nst.errors import InputError

POINTS = 80  # of a curve at most, evenly along a logarithmic axis
SUMS = ("total", "content", "style", "gradient")
WEIGHTED = "_weighted"


def curves(path: Path) -> dict[str, Any]:
    """``evaluations`` and, for each loss that is not zero throughout, its values there.

    A layer's loss is weighted, so that it can be set against the total. The first and the last
    evaluation are always there. Raises `InputError` if the file cannot be read.
    """
    try:
        table = pd.read_csv(path)
        evaluations = table["evaluation"]
    except (OSError, ValueError, KeyError) as error:  # ValueError: pandas' errors of parsing
        raise InputError(f"{path} is not a table of losses: run its cell again") from error
    steps = np.geomspace(1, max(1, len(table)), POINTS).round().astype(int) - 1
    thin = table.iloc[sorted(set(steps[steps < len(table)]))]
    names = {name: name for name in SUMS if name in table}
    names |= {
        name.removesuffix(WEIGHTED).replace("_", " ", 1): name
        for name in table
        if name.endswith(WEIGHTED)
    }
    lines = {label: [rounded(v) for v in thin[name]] for label, name in names.items()}
    found = {"evaluations": [int(v) for v in evaluations.loc[thin.index]]}
    return found | {label: values for label, values in lines.items() if any(values)}


def rounded(value: float) -> float | None:
    """Four digits, which is more than a chart shows; None for what no chart can show."""
    return float(f"{value:.4g}") if math.isfinite(value) else None
