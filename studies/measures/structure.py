"""How much of the photograph Figure 3 keeps, and how calm its skies are: docs/loss-scaling.md."""

import io
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image
from scipy import ndimage

from nst.errors import InputError
from nst.runs import records
from studies.measures.metrics import edge_correlation

# Structure and edges in the sky of the published Figure 3, rows A-E, measured in the same way.
PUBLISHED = Path(__file__).with_name("published.csv")
SETTINGS = ("layer_set", "ratio", "loss_scaling", "size")
MEASURES = ("published", "found", "published_sky", "sky", "printed_sky")
SIZE = (224, 168)  # pixels of a cell of the published figure
QUALITY = 82  # of Pillow's JPEG: its tables leave the edges that those of the published figure do
SCALE, TRIM = 1.5, 6  # pixels
SKY = (slice(8, 80), slice(60, 200))  # rows and columns of Neckarfront's, above the roofs
SMOOTH, AROUND, FINE = 14.0, 9, 1.0  # the photograph's own edges within so many pixels; scale


def pixels(path: Path, mode: str, printed: bool = False) -> np.ndarray:
    """Return a picture in a mode of Pillow's, 0 to 255, at the size of the published cells.

    `printed` takes it through a JPEG like the published figure's.
    """
    with Image.open(path) as picture:
        small = picture.convert(mode).resize(SIZE, Image.Resampling.LANCZOS)
    if printed:
        small.save(file := io.BytesIO(), "JPEG", quality=QUALITY)
        small = Image.open(file)
    return np.asarray(small, float)


def colour_edges(path: Path, scale: float, printed: bool = False) -> np.ndarray:
    """Return the magnitude of the gradient over the three colours, of 0 to 255."""
    channels = np.moveaxis(pixels(path, "RGB", printed), -1, 0)
    edges = [ndimage.gaussian_gradient_magnitude(channel, scale) for channel in channels]
    return np.linalg.norm(edges, axis=0)


def sky_edges(path: Path, photograph: Path, printed: bool = False) -> float:
    """Return how strong edges are on average where the photograph's sky is smooth."""
    own = ndimage.maximum_filter(colour_edges(photograph, SCALE), AROUND)
    return float(colour_edges(path, FINE, printed)[SKY][own[SKY] < SMOOTH].mean())


def structure_table(folder: Path) -> pd.DataFrame:
    """Return one row per cell of Figure 3: structure and edges in the sky, published and found.

    Structure left is the correlation of a picture's edges with the photograph's. Raises
    `InputError` if there are no records, or no photograph.
    """
    frame = records.load(folder, whole=True)
    if frame.empty:
        raise InputError(f"no records in {folder}: make fig3 PROFILE=paper")
    rows = []
    for row in frame.to_dict("records"):
        if (photograph := records.input_file(row, "content")) is None:
            raise InputError(f"the photograph of {row['folder']} is not here: make images")
        left = edge_correlation(pixels(row["image"], "L"), pixels(photograph, "L"), SCALE, TRIM)
        sky, printed = (round(sky_edges(row["image"], photograph, p), 2) for p in (False, True))
        measured = {"found": left, "sky": sky, "printed_sky": printed}
        rows.append({key: row[key] for key in SETTINGS} | measured)
    table = pd.DataFrame(rows).merge(pd.read_csv(PUBLISHED), how="left")
    return table.sort_values(["layer_set", "ratio"], ignore_index=True)[[*SETTINGS, *MEASURES]]
