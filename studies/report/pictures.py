"""Pictures embedded in a page: figures, photographs, artworks and cells. Imports no torch."""

import base64
import math
import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

from PIL import Image

from nst.errors import InputError
from nst.runs.records import encoded, is_own
from studies.report import cells

BUDGET = 20_000_000  # pixels of all pictures of a page: some 15 megabytes
STRIPS = 10_000_000  # the same of all strips of frames
QUALITY = 82
FIGURE_WIDTH = 1600
NOUNS = {"content": "Photograph", "style": "Artwork", "mask": "Mask"}


def embed(path: Path, pixels: int | None) -> dict[str, Any]:
    """Encode a picture as WebP in a ``data:`` address, smaller if its area is above `pixels`.

    None makes it as wide as a page shows a figure. Return ``address``, ``width`` and ``height``,
    and whether it is ``whole``, as on disk. Raise `InputError` if it cannot be read.
    """
    try:
        with Image.open(path) as image:
            picture = image.convert("RGB")
    except OSError as error:
        raise InputError(f"{path} cannot be read as an image: make it again") from error
    width, height = size = picture.size
    pixels = pixels or FIGURE_WIDTH * max(1, FIGURE_WIDTH * height // width)
    scale = min(1.0, math.sqrt(pixels / (width * height)))
    if scale < 1:
        smaller = (max(1, int(scale * width)), max(1, int(scale * height)))
        picture = picture.resize(smaller, Image.Resampling.LANCZOS)
    data = base64.b64encode(encoded(picture, "WEBP", quality=QUALITY)).decode()
    found = {"address": f"data:image/webp;base64,{data}", "whole": picture.size == size}
    return found | {"width": picture.width, "height": picture.height}


def link(path: Path, beside: Path) -> str:
    """Return the relative address of a file beside the page."""
    relative = Path(os.path.relpath(path.resolve(), beside.resolve())).as_posix()
    return quote(os.fsencode(relative))  # whatever the locale made of it


def figures(root: Path, beside: Path) -> list[dict[str, Any]]:
    """Return the drawn figures of a folder."""
    found = []
    for path in sorted([*root.glob("fig*.png"), *root.glob("fig*.webp")]):
        title, note = cells.FIGURES.get(path.stem, (path.stem, ""))
        files = [file for file in (path, path.with_suffix(".pdf")) if file.exists()]
        links = {file.name: link(file, beside) for file in files}
        picture = embed(path, None)
        found.append({"title": title, "note": note, "picture": picture, "links": links})
    return found


def kept_inputs(row: dict[str, Any]) -> dict[str, Path]:
    """Return the files of a cell's inputs that are kept beside the cell: name -> path."""
    found = {}
    for key, kept in row.items():
        name = re.fullmatch(r"inputs\.((content|style|mask).*)\.image", key)
        if name and isinstance(kept, str) and (row["folder"] / kept).is_file():
            found[name[1]] = (row["folder"] / kept).resolve()
    return found


def gather_inputs(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the photographs, artworks and masks of all cells, each once, with its picture.

    Every figure keeps its own: the same picture counts once, and has several ``paths``.
    """
    first: dict[tuple[str, Path], dict[str, Any]] = {}
    for row in rows:
        for place in kept_inputs(row).items():
            first.setdefault(place, row)
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    kinds = {place: place[0].partition("_")[0] for place in first}  # that of style_2 is style
    for place in sorted(first, key=lambda place: (list(NOUNS).index(kinds[place]), place[0])):
        (role, path), row, noun = place, first[place], NOUNS[kinds[place]]
        title = cells.text(row.get(f"inputs.{role}.title"))
        own = is_own(row, kinds[place])  # a file of the user's has no known licence
        licence = "" if own else cells.text(row.get(f"{role}.licence"))
        picture = embed(path, BUDGET // 100)
        entry = {"role": noun, "title": title, "licence": licence, "picture": picture}
        key = (noun, title, picture["address"])
        found.setdefault(key, entry | {"paths": set()})["paths"].add(path)
    return list(found.values())
