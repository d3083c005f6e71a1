"""Figure 1: the network sketched between style and content reconstructions. Imports no torch."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from nst.figures.page import CENTRED, MARGIN, SMALL, WIDTH, Cells, Page, open_picture, place

LEFT = 36.0  # of the columns; the input images are left of them
IMAGE = 25.5  # width of a reconstruction
PLANES = ((7, 17.0), (9, 11.5), (11, 6.6), (13, 3.6), (15, 1.8))  # per layer: number, side
GRAMS = (1.8, 3.6, 6.8, 13.5, 13.5)  # sides of the squares for the Gram matrices


def figure1(frame: pd.DataFrame, layer_sets: Sequence[str]) -> Figure:
    """Draw Figure 1 for layer sets (a-e): style reconstructions above, content below."""
    cells = Cells(frame)
    tall = IMAGE * cells.aspect
    top = 4.0  # of the style reconstructions
    grams = top + tall + 14  # middle of the squares
    network = grams + 13  # top of the network's box
    bottom = network + 38 + 9  # top of the content reconstructions
    page = Page(bottom + tall + 31)
    pitch = (WIDTH - LEFT - IMAGE - MARGIN) / max(1, len(layer_sets) - 1)
    for k, layer_set in enumerate(layer_sets):
        x = LEFT + k * pitch
        middle = x + IMAGE / 2
        place(page, cells, f"style_{layer_set}", x, top, IMAGE)
        place(page, cells, f"content_{layer_set}", x, bottom, IMAGE)
        for y in (top, bottom):
            page.text(x - 1.2, y + 1.5, layer_set, weight="bold", size=8, ha="right")
        side = GRAMS[k % len(GRAMS)]
        page.box(middle - side / 2, grams - side / 2, side, side, facecolor="white")
        page.arrow(middle, network, -5)
        page.arrow(middle, top + tall + 6.5, -5)
        page.arrow(middle, network + 38, 7)
        planes(page, *PLANES[k % len(PLANES)], middle, network + 18)
        detail(page, cells, f"content_{layer_set}", x, bottom, tall)
    sketch(page, cells, top, grams, network, bottom)
    page.text(0.5, bottom + tall + 30, cells.caption(), **SMALL)
    return page.figure


def planes(page: Page, count: int, side: float, x: float, y: float) -> None:
    """Draw a layer's responses as planes one behind the other, around (x, y)."""
    shift = 0.34 * 17.0 / count if side > 15 else 0.62
    for k in reversed(range(count)):
        offset = (k - (count - 1) / 2) * shift
        left, bottom = x - side / 2 + offset, y + side / 2 - offset
        grey = "white" if k % 2 == 0 else "0.75"
        page.box(left, bottom, side, -side, facecolor=grey, linewidth=0.45)


def detail(page: Page, cells: Cells, cell: str, x: float, y: float, tall: float) -> None:
    """Frame the detail of a content reconstruction, and draw it enlarged below."""
    box = cells.any.get("content.detail")
    if cell not in cells.rows or not isinstance(box, list):
        return
    picture = open_picture(cells.rows[cell]["image"])
    left, top, width, height = box
    page.box(x + left * IMAGE, y + top * tall, width * IMAGE, height * tall, fill=False)
    w, h = picture.size
    x0, y0 = round(left * w), round(top * h)
    across, down = round((left + width) * w) - x0, round((top + height) * h) - y0
    pixels = min(across, down)  # the central square is shown
    x0, y0 = x0 + (across - pixels) // 2, y0 + (down - pixels) // 2
    square = picture.crop((x0, y0, x0 + pixels, y0 + pixels))
    side = 20.0
    page.picture(square, x + (IMAGE - side) / 2, y + tall + 3, side)


def sketch(
    page: Page, cells: Cells, top: float, grams: float, network: float, bottom: float
) -> None:
    """Draw the network's box, the input images and the labels."""
    page.box(LEFT - 1, network, WIDTH - LEFT + 1 - MARGIN, 38, fill=False, linewidth=1)
    title: Any = {"weight": "bold", "ha": "right"}
    page.text(WIDTH - 2.5, network + 36, "Convolutional Neural Network", **title)
    middle = LEFT + IMAGE / 2
    page.text(middle - 3.3, network + 21, "Content\nRepresentations", size=5.3, **CENTRED)
    page.text(middle + 3, grams + 1, "Style\nRepresentations", va="center", size=6)
    page.text(LEFT - 5, top + 12, "Style\nReconstructions", va="center", **title)
    page.text(LEFT - 5, bottom + 12, "Content\nReconstructions", va="center", **title)
    page.text(14, network + 19, "Input image", **CENTRED)
    page.text(31, network + 19, "⇨", size=14, **CENTRED)
    width = 28.0
    if artwork := cells.input("style"):
        page.picture(artwork, 0.5, network + 15.5 - width * artwork.height / artwork.width, width)
    if photograph := cells.input("content"):
        page.picture(photograph, 0.5, network + 22, width)
