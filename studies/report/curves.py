"""The loss curves of a cell, thinned for a chart. Imports no torch."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

POINTS = 80  # of a curve at most, evenly along a logarithmic axis
SUMS = ("total", "content", "style", "gradient")
WEIGHTED = "_weighted"


def curves(path: Path) -> dict[str, Any]:
    """Return ``evaluations`` and, for each loss that is not zero throughout, its values there.

    A layer's loss is weighted, so that it can be set against the total. The first and the last
    evaluation are always there.
    """
    table = pd.read_csv(path)
    steps = np.geomspace(1, max(1, len(table)), POINTS).round().astype(int) - 1
    thin = table.iloc[sorted(set(steps[steps < len(table)]))]
    weighted = [name for name in table if name.endswith(WEIGHTED)]
    labels = {name: name for name in SUMS if name in table}
    labels |= {name: name.removesuffix(WEIGHTED).replace("_", " ", 1) for name in weighted}
    found: dict[str, Any] = {"evaluations": [int(v) for v in thin["evaluation"]]}
    for name, label in labels.items():
        # Four digits are more than a chart shows; some values it cannot show at all.
        values = [float(f"{v:.4g}") if math.isfinite(v) else None for v in thin[name]]
        if any(values):
            found[label] = values
    return found
