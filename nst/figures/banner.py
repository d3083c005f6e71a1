"""A strip of the method at a glance: photograph and artwork beside what became of them."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.figure import Figure

from nst.figures.page import WIDTH, Cells, Page, place

GROUPS, GAP, INNER = 3, 4.0, 0.8  # millimetres
SHARE = 1 / 3  # of a group's width: photograph above artwork; the picture has the rest


def banner(frame: pd.DataFrame, panels: Sequence[str]) -> Figure:
    """Draw up to three panels of Figure 2, each with its photograph and its artwork to the left."""
    cells = Cells(frame)
    width = (WIDTH - (GROUPS - 1) * GAP) / GROUPS
    small = SHARE * (width - INNER)
    height = (width - INNER - small) * cells.aspect
    page = Page(height)
    for k, panel in enumerate(panels[-GROUPS:]):
        x = k * (width + GAP)
        place(page, cells, panel, x + small + INNER, 0, width - INNER - small)
        y = 0.0
        for name, cell in (("content", None), ("style", panel)):
            picture = cells.input(name, cell)
            if picture:
                across = min(small, (height - INNER) / 2 * picture.width / picture.height)
                page.picture(picture, x + small - across, y, across)
            y = (height + INNER) / 2
    return page.figure


def shown(frame: pd.DataFrame, panels: Sequence[str]) -> list[str]:
    """Return the panels whose artworks may be shown everywhere."""
    licences = {row["cell"]: str(row.get("style.licence")) for row in frame.to_dict("records")}
    return [panel for panel in panels if "in copyright" not in licences.get(panel, "in copyright")]
