"""Pictures inside of a page: encoded again as WebP, in a ``data:`` address. Imports no torch."""

import base64
import io
import math
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from nst.errors import InputError

BUDGET = 20_000_000  # pixels of all pictures of a page: some 15 megabytes
STRIPS = 10_000_000  # the same of all strips of frames
QUALITY = 82
FIGURE_WIDTH = 1600


@dataclass(frozen=True)
class Embedded:
    """A picture in a page, its size there, and whether that is its size on disk."""

    address: str
    width: int
    height: int
    whole: bool


def embed(path: Path, pixels: int) -> Embedded:
    """A picture as WebP, made smaller if its area is above `pixels`.

    Raises `InputError` if it is missing or cannot be read.
    """
    try:
        with Image.open(path) as image:
            picture = image.convert("RGB")
    except OSError as error:
        raise InputError(f"{path} cannot be read as an image: run its cell again") from error
    size = picture.size
    scale = min(1.0, math.sqrt(pixels / (size[0] * size[1])))
    if scale < 1:
        smaller = (max(1, int(scale * size[0])), max(1, int(scale * size[1])))
        picture = picture.resize(smaller, Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    picture.save(buffer, format="WEBP", quality=QUALITY)
    data = base64.b64encode(buffer.getvalue()).decode()
    return Embedded(f"data:image/webp;base64,{data}", *picture.size, picture.size == size)


def embed_figure(path: Path) -> Embedded:
    """A figure that was drawn for print, as wide as a page shows it."""
    try:
        with Image.open(path) as image:
            width, height = image.size
    except OSError as error:
        raise InputError(f"{path} cannot be read as an image: draw it again") from error
    return embed(path, FIGURE_WIDTH * max(1, FIGURE_WIDTH * height // width))
