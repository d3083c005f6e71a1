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

ROW, MARGINS = 38.0, 7.0  # heights of a claim, and of the margins above and below all
PANELS = 3  # per claim, at most
COLUMNS = (39.0, *[34.7] * PANELS)  # widths
COLOURS = ("#0072B2", "#D55E00")  # safe for the colour-blind (Okabe & Ito)
MARKERS = ("o", "s")
GREY = "0.4"
UNORDERED = ("pooling", "distance")  # axes whose settings have no order


def claims_figure(frame: pd.DataFrame) -> Figure:
    """Draw the figure of a table of claims (see `studies.claims.verdicts.table`)."""
    names = frame["measure"].str.partition(", ")
    frame = frame.assign(quantity=names[0], series=names[2])
    claims = frame.groupby("claim")
    height = ROW * len(claims) + MARGINS
    figure = Figure(figsize=(WIDTH / 25.4, height / 25.4), dpi=DPI)
    grid = figure.subplots(len(claims), 1 + PANELS, squeeze=False, width_ratios=COLUMNS)
    figure.subplots_adjust(
        5 / WIDTH, 14.5 / height, 178 / WIDTH, 1 - 12 / height, wspace=0.28, hspace=1.05
    )
    for row, (number, rows) in zip(grid, claims, strict=True):
        statement(row[0], int(number), rows)
        panels = list(rows.groupby("quantity", sort=False))[:PANELS]
        for axes, (quantity, values) in zip(row[1:], panels, strict=False):
            panel(axes, str(quantity), values)
        for axes in row[1 + len(panels) :]:
            axes.remove()
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


def statement(axes: Axes, number: int, rows: pd.DataFrame) -> None:
    """Write the claim and its verdict, in the place of a panel."""
    axes.axis("off")
    words = "\n".join(textwrap.wrap(rows["statement"].iloc[0], 30))
    style: dict[str, Any] = {"transform": axes.transAxes, "va": "top", "size": 7}
    axes.text(-0.1, 1.49, str(number), weight="bold", **style)
    above = axes.text(0, 1.49, words, linespacing=1.25, **style)
    below: dict[str, Any] = {"xycoords": above, "textcoords": "offset points", "va": "top"}
    axes.annotate(rows["verdict"].iloc[0], (0, 0), (0, -5), size=7, weight="bold", **below)


def panel(axes: Axes, quantity: str, rows: pd.DataFrame) -> None:
    """Draw one quantity against its settings, one line per series."""
    series = dict(list(rows.groupby("series", sort=False)))
    if len(series) > 1:  # the quantity itself is then the summary of its series
        series.pop("", None)
    for k, (name, values) in enumerate(series.items()):
        draw(axes, values, color=COLOURS[k], marker=MARKERS[k], label=name)
    if len(series) > 1:
        axes.legend(fontsize=5, frameon=False, handlelength=1.2, borderpad=0.2)
    for limit in rows["limit"].dropna().unique():
        axes.axhline(limit, color=GREY, linestyle="--", linewidth=0.6, zorder=0)
    if axes.get_yscale() == "linear" and (rows["mean"] >= 0).all():
        axes.set_ylim(0, 1.08 * max(axes.get_ylim()[1], rows["limit"].max()))
    expected = "; ".join(filter(None, dict.fromkeys(rows["expected"])))
    found = together(list(rows["found"]))
    note = "\n".join(textwrap.wrap(f"{expected}: {found}", 44))
    above: dict[str, Any] = {"transform": axes.transAxes}
    axes.text(0, 1.29, quantity[0].upper() + quantity[1:], size=6.5, va="bottom", **above)
    axes.text(0, 1.26, note, size=5, color=GREY, va="top", **above)
    axes.set_xlabel(rows["axis"].iloc[-1], size=6, labelpad=1.5)
    axes.tick_params(labelsize=5.5, length=2, width=0.5, pad=1.5)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_linewidth(0.5)


def draw(axes: Axes, values: pd.DataFrame, **style: Any) -> None:
    """Draw the means of one series, and their deviations."""
    axis, settings = values["axis"].iloc[0], list(values["setting"])
    if axis == "evaluations":
        axes.set(xscale="log", yscale="log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_major_formatter("{x:g}")
        axes.yaxis.set_minor_formatter(NullFormatter())
        settings = [float(setting) for setting in settings]
    else:
        if axis == "alpha/beta":
            settings = [power_of_ten(float(setting)) for setting in settings]
        settings = [setting.removeprefix("conv") for setting in settings]
        axes.set_xlim(-0.5, len(settings) - 0.5)
    style |= {"linestyle": "none"} if axis in UNORDERED else {"linewidth": 0.8}
    lines: dict[str, Any] = {"markersize": 2.6, "capsize": 1.5, "elinewidth": 0.6}
    axes.errorbar(settings, values["mean"], values["deviation"].fillna(0), **lines, **style)
