"""Records -> Figures 2 and 3 and a banner, in the paper's layout. Imports no torch.

Lengths are millimetres on a page of 180 mm, the width of two columns in print.
"""

import itertools
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from PIL import Image

from nst.runs.records import input_file

WIDTH = 180.0
DPI = 150  # of a figure as PNG or WebP, and of the pictures in a PDF
QUALITY = 90  # of a figure as WebP
MARGIN = 1.5
GROUPS, GAP, INNER = 3, 4.0, 0.8  # of the banner
# What captions say about weights that differ from their source's.
WEIGHTS = dict.fromkeys(("bdac0c54", "d736dee4"), "kernels conv4_1 to conv5_4 from 8-bit codes")
CENTRED: Any = {"ha": "center", "va": "center"}
SMALL: Any = {"size": 5, "color": "0.35", "va": "bottom", "linespacing": 1.4}


class Page:
    """A sheet in millimetres from the upper left corner, for pictures, text and arrows."""

    def __init__(self, height: float) -> None:
        self.figure = Figure(figsize=(WIDTH / 25.4, height / 25.4), dpi=DPI)
        self.axes = self.figure.add_axes((0, 0, 1, 1))
        self.axes.set(xlim=(0, WIDTH), ylim=(height, 0))
        self.axes.axis("off")
        self.layers = itertools.count()  # z-orders, each above all before

    def text(self, x: float, y: float, text: str, **style: Any) -> None:
        """Write text with its anchor, by default the lower left corner, at (x, y)."""
        self.axes.text(x, y, text, zorder=next(self.layers), **{"size": 7} | style)

    def picture(self, picture: Image.Image, x: float, y: float, width: float) -> None:
        """Draw a picture with its upper left corner at (x, y)."""
        height = width * picture.height / picture.width
        pixels = (round(width / 25.4 * DPI), round(height / 25.4 * DPI))
        if pixels[0] < picture.width:
            picture = picture.resize(pixels, Image.Resampling.LANCZOS)
        extent = (x, x + width, y + height, y)
        style: Any = {"extent": extent, "aspect": "auto", "interpolation": "none"}
        self.axes.imshow(picture, zorder=next(self.layers), **style)

    def blank(self, text: str, x: float, y: float, width: float, height: float) -> None:
        """Draw a labelled box where a picture is missing."""
        self.box(x, y, width, height, facecolor="0.95", edgecolor="0.7", linestyle="--")
        self.text(x + width / 2, y + height / 2, text, color="0.4", size=6, **CENTRED)

    def box(self, x: float, y: float, width: float, height: float, **style: Any) -> None:
        """Draw a rectangle."""
        rectangle = Rectangle((x, y), width, height, linewidth=0.6, edgecolor="black")
        rectangle.set(zorder=next(self.layers), **style)
        self.axes.add_patch(rectangle)

    def arrow(self, x: float, y: float, dy: float) -> None:
        """Draw a thin arrow from (x, y) up (dy < 0) or down."""
        style = {"arrowstyle": "-|>", "lw": 0.6, "color": "black"}
        self.axes.annotate("", (x, y + dy), (x, y), arrowprops=style, zorder=next(self.layers))


class Cells:
    """The records of a figure by the names of their cells."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.rows = {row["cell"]: row for row in frame.to_dict("records")}
        self.any = next(iter(self.rows.values()))

    def input(self, name: str, cell: str | None = None) -> Image.Image | None:
        """Return the photograph (content) or artwork (style) of a cell, or of any that has one."""
        rows = [self.rows[cell]] if cell in self.rows else self.rows.values() if not cell else []
        files = (input_file(row, name) for row in rows)
        return next((open_picture(path) for path in files if path), None)

    def restricted(self, cell: str) -> bool:
        """Return whether a cell's artwork is in copyright somewhere."""
        return "in copyright" in str(self.rows.get(cell, {}).get("style.licence"))

    @property
    def aspect(self) -> float:
        """Height over width of the images."""
        picture = open_picture(self.any["image"])
        return picture.height / picture.width

    def caption(self) -> str:
        """Return how the figure was made, from its photograph to the precision."""
        row = self.any
        keys = ("content.title", "content.artist", "content.licence")
        photograph = ", ".join(row[key] for key in keys if isinstance(row.get(key), str))
        weights = "random weights"
        if isinstance(checksum := row.get("checksums.network"), str):
            note = WEIGHTS.get(checksum[:8])
            weights = f"weights sha256 {checksum[:8]}" + (f" ({note})" if note else "")
        spent = span([r["evaluations"] for r in self.rows.values()])
        schedules = sorted({str(r.get("schedule.name", "single")) for r in self.rows.values()})
        precisions = sorted({str(r["precision"]) for r in self.rows.values()})
        transfers = [r for r in self.rows.values() if r["alpha"] and r["beta"]]
        factors = [f if pd.notna(f := r.get("continuation")) else 1.0 for r in transfers]
        when = "at first"
        if any(pd.notna(r.get("opening")) for r in transfers):
            when += " or after an opening"
        first = f", content {span(factors)} times {when}" if max(factors, default=1) > 1 else ""
        pink = [r.get("noise.pink") is True for r in self.rows.values()]
        noise = "pink noise" if all(pink) else "white and pink noise"
        start = f", from {noise}" if any(pink) else ""
        credit = f"{photograph}. " if photograph else ""
        return (
            f"{credit}VGG-19 {row['network.name']}, {weights}, {row['network.pooling']} pooling.\n"
            f"{row['size']}² px; {spent} evaluations of {row['optimizer.name']}{start}{first}, "
            f"schedule {' and '.join(schedules)}, seed {row['seed']}, {' and '.join(precisions)}; "
            f"alpha/beta {row['loss_scaling']}"
        )


def span(values: Sequence[float]) -> str:
    """Return the range of some numbers, or what all of them are."""
    least, most = f"{min(values):g}", f"{max(values):g}"
    return least if least == most else f"{least}-{most}"


def open_picture(path: Path) -> Image.Image:
    """Read a picture into memory."""
    with Image.open(path) as picture:
        return picture.convert("RGB")


def place(page: Page, cells: Cells, cell: str, x: float, y: float, width: float) -> None:
    """Draw the image of a cell, or a box of the same size if it is missing."""
    if cell in cells.rows:
        page.picture(open_picture(cells.rows[cell]["image"]), x, y, width)
    else:
        page.blank(f"{cell}\nis missing", x, y, width, width * cells.aspect)


def figure2(frame: pd.DataFrame, panels: Sequence[str], published: bool = False) -> Figure:
    """Draw Figure 2: A, the photograph, then a panel per artwork, which is inset at the lower left.

    A `published` figure leaves out artworks in copyright.
    """
    cells = Cells(frame)
    gap, left, width = 12.0, 8.0, 79.0
    height = width * cells.aspect
    pitch = height + 14
    rows = math.ceil((len(panels) + 1) / 2)
    page = Page(rows * pitch + 6)
    for k, panel in enumerate(["A", *panels]):
        x, y = left + (k % 2) * (width + gap), 4 + (k // 2) * pitch
        page.text(x - 3, y + 2, panel, weight="bold", size=8, ha="right")
        if panel == "A":
            if photograph := cells.input("content"):
                page.picture(photograph, x, y, width)
            else:
                page.blank("the photograph is not here:\nmake images", x, y, width, height)
            continue
        place(page, cells, panel, x, y, width)
        if published and cells.restricted(panel):
            note = "The artwork is in copyright in some countries, and left out."
            page.text(x, y + height + 3, note, size=5, color="0.35")
        elif artwork := cells.input("style", panel):
            inset(page, artwork, x - 6, y + height + 6, width)
    page.text(0.5, rows * pitch + 5, cells.caption(), **SMALL)
    return page.figure


def inset(page: Page, artwork: Image.Image, x: float, bottom: float, width: float) -> None:
    """Draw an artwork framed in white, its lower left corner at (x, bottom)."""
    across = 0.32 * width * min(1.0, artwork.width / artwork.height)
    tall = across * artwork.height / artwork.width
    y = bottom - tall
    page.box(x - 0.8, y - 0.8, across + 1.6, tall + 1.6, facecolor="white", edgecolor="none")
    page.picture(artwork, x, y, across)


def figure3(frame: pd.DataFrame, rows: dict[str, str], ratios: Sequence[str]) -> Figure:
    """Draw Figure 3: `rows` (layer set -> its deepest layer) against `ratios` (alpha/beta)."""
    cells = Cells(frame)
    left, gap, top = 7.0, 3.5, 6.0
    width = min(60.0, (WIDTH - left - MARGIN + gap) / len(ratios) - gap)
    pitch = width * cells.aspect + 6
    page = Page(top + len(rows) * pitch + 6)
    for j, ratio in enumerate(ratios):
        x = left + j * (width + gap)
        page.text(x + width / 2, top - 2, power_of_ten(float(ratio)), ha="center", size=8)
        for i, (layer_set, layer) in enumerate(rows.items()):
            y = top + i * pitch
            place(page, cells, f"{layer_set}_{float(ratio)}", x, y, width)
            if j == 0:
                page.text(1, y - 0.5, layer_set.upper(), weight="bold", size=8)
                middle = y + width * cells.aspect / 2
                page.text(3.5, middle, layer.capitalize(), rotation=90, size=8, **CENTRED)
    page.text(0.5, top + len(rows) * pitch + 3.5, cells.caption(), **SMALL)
    return page.figure


def banner(frame: pd.DataFrame, panels: Sequence[str]) -> Figure:
    """Draw up to three panels of Figure 2, each with its photograph and artwork to the left.

    Only artworks that are free of copyright are shown.
    """
    cells = Cells(frame)
    panels = [panel for panel in panels if panel in cells.rows and not cells.restricted(panel)]
    width = (WIDTH - (GROUPS - 1) * GAP) / GROUPS
    small = (width - INNER) / 3  # photograph above artwork; the picture has the rest
    height = (width - INNER - small) * cells.aspect
    page = Page(height)
    for k, panel in enumerate(panels[-GROUPS:]):
        x = k * (width + GAP)
        place(page, cells, panel, x + small + INNER, 0, width - INNER - small)
        for y, name, cell in ((0.0, "content", None), ((height + INNER) / 2, "style", panel)):
            if picture := cells.input(name, cell):
                across = min(small, (height - INNER) / 2 * picture.width / picture.height)
                page.picture(picture, x + small - across, y, across)
    return page.figure


def power_of_ten(ratio: float) -> str:
    """Return a ratio as the paper prints it: 10^-3."""
    exponent = math.log10(ratio) if ratio > 0 else math.nan
    return f"$10^{{{exponent:.0f}}}$" if exponent.is_integer() else f"{ratio:g}"


def save(figure: Figure, path: Path, picture: str = ".png") -> list[Path]:
    """Write `path` as a picture (PNG or WebP) and as a PDF with vector text, each atomically."""
    options: dict[str, dict[str, Any]] = {  # without dates, so that equal records give equal bytes
        ".png": {"metadata": {"Software": None}},
        ".webp": {"pil_kwargs": {"quality": QUALITY}},
        ".pdf": {"metadata": {"CreationDate": None}},
    }
    written = []
    with mpl.rc_context({"pdf.fonttype": 42, "font.family": "sans-serif"}):  # 42: as text
        for suffix in (picture, ".pdf"):
            temporary = path.with_name(f".{path.name}{suffix}")
            figure.savefig(temporary, format=suffix[1:], **options[suffix])
            written.append(temporary.replace(path.with_suffix(suffix)))
    return written
