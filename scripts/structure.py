"""How much of the photograph Figure 3 keeps, beside the published one: python scripts/structure.py

Structure left is the correlation of a picture's edges with the photograph's: docs/convention.md.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from nst.errors import InputError
from nst.files import write_files
from nst.measures.metrics import edge_correlation
from nst.runs import records

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
    """Luminance of a picture at the size of the published cells."""
    with Image.open(path) as picture:
        return np.asarray(picture.convert("L").resize(SIZE, Image.Resampling.LANCZOS), float)


def table(folder: Path) -> pd.DataFrame:
    """A row a cell: the structure left, published and found."""
    frame = records.load(folder)
    if frame.empty:
        raise InputError(f"no records in {folder}: make fig3 PROFILE=paper")
    rows = []
    for row in frame.to_dict("records"):
        if (photograph := records.input_file(row, "content")) is None:
            raise InputError(f"the photograph of {row['folder']} is not here: make images")
        found = edge_correlation(grey(row["image"]), grey(photograph), SCALE, TRIM)
        published = PUBLISHED[row["depth"]][RATIOS.index(row["ratio"])]
        settings = {key: row[key] for key in ("depth", "ratio", "convention", "size")}
        rows.append(settings | {"published": published, "found": found})
    return pd.DataFrame(rows).sort_values(["depth", "ratio"], ignore_index=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, nargs="?", default=Path("outputs/paper/fig3"))
    parser.add_argument("--output", type=Path, help="a CSV to write")
    options = parser.parse_args()
    frame = table(options.folder)
    print(frame.pivot(index="depth", columns="ratio", values="found").round(2).to_string())
    difference = (frame["found"] - frame["published"]).abs().mean()
    print(f"{len(frame)} cells, mean absolute difference {difference:.3f}")
    if options.output:
        content = frame.to_csv(index=False, float_format="%.4g").encode()
        write_files(options.output.parent, {options.output.name: content})


if __name__ == "__main__":
    try:
        main()
    except InputError as error:
        sys.exit(f"error: {error}")
