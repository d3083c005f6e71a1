"""The figures by name: their grids, from configs/figure, and the files that are drawn of them."""

from pathlib import Path

from matplotlib.figure import Figure
from omegaconf import OmegaConf

from nst.errors import InputError
from nst.figures.fig1 import figure1
from nst.figures.page import figure2, figure3, missing, save
from nst.files import CONFIGS
from nst.runs import records

FIGURES = ("fig1", "fig2", "fig3")


def grid(name: str) -> dict[str, list[str]]:
    """Return the axes of a figure: what it should show."""
    params = OmegaConf.load(CONFIGS / "figure" / f"{name}.yaml").hydra.sweeper.params
    return {key: str(value).split(",") for key, value in params.items()}


def deepest_layer(depth: str) -> str:
    """Return the last style layer of a depth, a row of Figure 3."""
    return str(OmegaConf.load(CONFIGS / "depth" / f"{depth}.yaml").style_layers[-1])


def is_current(path: Path) -> bool:
    """Tell whether the figure at `path` was drawn after the last of its records was written."""
    drawn = [path.with_suffix(suffix) for suffix in (".png", ".pdf")]
    sources = list(path.glob("*/record.json"))
    if not (sources and all(file.exists() for file in drawn)):
        return False
    return min(f.stat().st_mtime for f in drawn) > max(f.stat().st_mtime for f in sources)


def draw(path: Path, published: bool = False) -> list[str]:
    """Draw a figure from its records in the folder `path`; return the lines to print.

    Raises `InputError` if there are no records.
    """
    name, frame = path.name, records.load(path)
    if frame.empty:
        raise InputError(f"no records in {path}: make {name} PROFILE={path.parent.name}")
    axes = grid(name)
    figure: Figure
    if name == "fig1":
        expected = [f"{kind}_{depth}" for kind in axes["reconstruct"] for depth in axes["depth"]]
        figure = figure1(frame, axes["depth"])
    elif name == "fig2":
        expected = axes["panel"]
        figure = figure2(frame, axes["panel"], published)
    else:
        expected = [f"{depth}_{float(r)}" for depth in axes["depth"] for r in axes["ratio"]]
        layers = {depth: deepest_layer(depth) for depth in axes["depth"]}
        figure = figure3(frame, layers, axes["ratio"])
    lines = [f"missing: {cell}" for cell in missing(frame, expected)]
    return lines + [str(file) for file in save(figure, path)]
