"""The figure of the claims, drawn from their table alone. Imports no torch.

A row of panels per claim: its statement and verdict, then a panel per quantity. Lengths are in mm.
"""

import textwrap
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

from nst.figures.page import DPI, WIDTH, power_of_ten
from studies.claims.verdicts import together

LEFT = 46.0  # column of the statements
TOP, BELOW = 3.0, 4.0
ROW, PANEL = 38.0, 18.5  # of a claim; the height of a panel
PANELS = 3  # per claim, at most
COLOURS = ("#0072B2", "#D55E00")  # safe for the colour-blind (Okabe & Ito)
MARKERS = ("o", "s")
GREY = "0.4"
SHORT = {"conv1_1": "1_1", "conv2_1": "2_1", "conv3_1": "3_1", "conv4_1": "4_1", "conv5_1": "5_1"}


def claims_figure(frame: pd.DataFrame) -> Figure:
    """Draw the figure of a table of claims (see `studies.claims.verdicts.table`)."""
    claims = frame.groupby("claim")
    height = TOP + ROW * len(claims) + BELOW
    figure = Figure(figsize=(WIDTH / 25.4, height / 25.4), dpi=DPI)
    for k, (number, rows) in enumerate(claims):
        top = TOP + k * ROW
        statement(figure, 1 - top / height, int(number), rows)
        across = (WIDTH - LEFT) / PANELS
        for j, quantity in enumerate(quantities(rows)[:PANELS]):
            x, y = LEFT + j * across + 8, top + 9
            box = (x / WIDTH, 1 - (y + PANEL) / height, (across - 10) / WIDTH, PANEL / height)
            panel(figure.add_axes(box), quantity, rows[rows["measure"].map(of) == quantity])
    figure.text(1 / WIDTH, 1.5 / height, caption(frame), size=5, color="0.35")
    return figure


def caption(frame: pd.DataFrame) -> str:
    """Say what is drawn, and what it was made with."""
    first, seeds = frame.iloc[0], " or ".join(str(n) for n in sorted(frame["seeds"].unique()))
    return (
        f"Mean and standard deviation of {seeds} seeds; dashed: the limit of what is expected; "
        f"VGG-19 {first['network']}; {first['size']}² px; {first['evaluations']} evaluations; "
        f"profile {first['profile']}"
    )


def of(measure: str) -> str:
    """Return the quantity of a measure: its name without the series."""
    return measure.partition(", ")[0]


def quantities(rows: pd.DataFrame) -> list[str]:
    """Return the quantities of a claim, in order."""
    return list(dict.fromkeys(map(of, rows["measure"])))


def statement(figure: Figure, y: float, number: int, rows: pd.DataFrame) -> None:
    """Write the claim and its verdict, at the left."""
    words = "\n".join(textwrap.wrap(rows["statement"].iloc[0], 30))
    lines = words.count("\n") + 1
    height = figure.get_size_inches()[1] * 25.4
    style: dict[str, Any] = {"va": "top", "size": 7, "linespacing": 1.25}
    figure.text(1 / WIDTH, y, str(number), weight="bold", **style)
    figure.text(5 / WIDTH, y, words, **style)
    below = y - (1.5 + 3.1 * lines) / height
    figure.text(5 / WIDTH, below, rows["verdict"].iloc[0], weight="bold", **style)


def panel(axes: Axes, quantity: str, rows: pd.DataFrame) -> None:
    """Draw one quantity against its settings, one line per series."""
    series = dict(list(rows.groupby("measure", sort=False)))
    found = together(list(rows.drop_duplicates("measure")["found"]))
    if len(series) > 1:  # the quantity itself is then the summary of its series
        series.pop(quantity, None)
    for k, (name, values) in enumerate(series.items()):
        draw(axes, values, COLOURS[k], MARKERS[k], name.partition(", ")[2])
    if len(series) > 1:
        axes.legend(fontsize=5, frameon=False, handlelength=1.2, borderpad=0.2)
    for limit in rows["limit"].dropna().unique():
        axes.axhline(limit, color=GREY, linestyle="--", linewidth=0.6, zorder=0)
    if axes.get_yscale() == "linear" and (rows["mean"] >= 0).all():
        axes.set_ylim(0, 1.08 * max(axes.get_ylim()[1], rows["limit"].max()))
    expected = "; ".join(filter(None, dict.fromkeys(rows["expected"])))
    note = "\n".join(textwrap.wrap(f"{expected}: {found}", 44))
    above: dict[str, Any] = {"transform": axes.transAxes}
    axes.text(0, 1.29, quantity[0].upper() + quantity[1:], size=6.5, va="bottom", **above)
    axes.text(0, 1.26, note, size=5, color=GREY, va="top", **above)
    axes.set_xlabel(str(next(iter(series.values()))["axis"].iloc[0]), size=6, labelpad=1.5)
    axes.tick_params(labelsize=5.5, length=2, width=0.5, pad=1.5)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_linewidth(0.5)


def draw(axes: Axes, values: pd.DataFrame, colour: str, marker: str, label: str) -> None:
    """Draw the means of one series, and their deviations."""
    style: dict[str, Any] = {"color": colour, "marker": marker, "markersize": 2.6, "linewidth": 0.8}
    error = values["deviation"].fillna(0)
    settings = list(values["setting"])
    if values["axis"].iloc[0] == "evaluations":
        axes.set(xscale="log", yscale="log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter("{x:g}")
        axes.yaxis.set_minor_formatter(NullFormatter())
        positions = [float(setting) for setting in settings]
    else:
        positions = [float(k) for k in range(len(settings))]
        axes.set_xticks(positions, [tick(s, values["axis"].iloc[0]) for s in settings])
        axes.set_xlim(-0.5, len(settings) - 0.5)
    if values["axis"].iloc[0] in ("pooling", "distance"):  # settings without an order
        style["linestyle"] = "none"
    axes.errorbar(
        positions, values["mean"], error, capsize=1.5, elinewidth=0.6, label=label, **style
    )


def tick(setting: str, axis: str) -> str:
    """Return a setting as the axis shows it."""
    return power_of_ten(float(setting)) if axis == "alpha/beta" else SHORT.get(setting, setting)
