"""How much of the photograph Figure 3 keeps, beside the published one: docs/convention.md."""

from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from nst.errors import InputError
from nst.runs import records
from studies.measures.metrics import edge_correlation

# Of the published Figure 3, measured in the same way: rows A-E at 1e-5, 1e-4, 1e-3, 1e-2.
PUBLISHED = {
    "a": (0.11, 0.32, 0.66, 0.75),
    "b": (0.15, 0.37, 0.56, 0.61),
    "c": (0.06, 0.31, 0.52, 0.58),
    "d": (0.07, 0.30, 0.55, 0.60),
    "e": (-0.01, 0.26, 0.50, 0.61),
}
RATIOS = (1e-5, 1e-4, 1e-3, 1e-2)
SIZE = (224, 168)  # pixels of a cell of the published figure
SCALE, TRIM = 1.5, 6  # pixels


def grey(path: Path) -> np.ndarray:
    """Return the luminance of a picture at the size of the published cells."""
    with Image.open(path) as picture:
        return np.asarray(picture.convert("L").resize(SIZE, Image.Resampling.LANCZOS), float)


def structure_table(folder: Path) -> pd.DataFrame:
    """Return one row per cell of Figure 3: the structure left, published and found.

    Structure left is the correlation of a picture's edges with the photograph's. Raises
    `InputError` if there are no records, or no photograph.
    """
    frame = records.load_whole(folder)
    if frame.empty:
        raise InputError(f"no records in {folder}: make fig3 PROFILE=paper")
    rows = []
    for row in frame.to_dict("records"):
        if (photograph := records.input_file(row, "content")) is None:
            raise InputError(f"the photograph of {row['folder']} is not here: make images")
        left = edge_correlation(grey(row["image"]), grey(photograph), SCALE, TRIM)
        published = PUBLISHED[row["depth"]][RATIOS.index(row["ratio"])]
        settings = {key: row[key] for key in ("depth", "ratio", "convention", "size")}
        rows.append(settings | {"published": published, "found": left})
    return pd.DataFrame(rows).sort_values(["depth", "ratio"], ignore_index=True)
