"""Figures by name: what they should show, from configs/figure, and the files drawn."""

from pathlib import Path

from matplotlib.figure import Figure
from omegaconf import OmegaConf

from nst.errors import InputError
from nst.figures.fig1 import figure1
from nst.figures.page import banner, figure2, figure3, save
from nst.files import CONFIGS
from nst.runs import records

FIGURES = ("fig1", "fig2", "fig3")


def draw(path: Path, published: bool = False) -> list[str]:
    """Draw a figure from its records in the folder `path`; return the lines to print.

    A `published` figure is a WebP, a fifth of the PNG's size, without artworks in copyright, and
    Figure 2 comes with a banner. Raise `InputError` if there are no records.
    """
    name, frame = path.name, records.load(path)
    broken = [f"broken: {problem}" for problem in frame.attrs["broken"].values()]
    if frame.empty:
        missing = f"no records in {path}: make {name} PROFILE={path.parent.name}"
        raise InputError("; ".join(broken) or missing)
    params = OmegaConf.load(CONFIGS / "figure" / f"{name}.yaml").hydra.sweeper.params
    axes = {key: str(value).split(",") for key, value in params.items()}  # what it should show
    figure: Figure
    if name == "fig1":
        expected = [f"{task}_{own}" for task in axes["task"] for own in axes["layer_set"]]
        figure = figure1(frame, axes["layer_set"])
    elif name == "fig2":
        expected = axes["panel"]
        figure = figure2(frame, axes["panel"], published)
    else:
        sets = axes["layer_set"]
        expected = [f"{own}_{float(ratio)}" for own in sets for ratio in axes["ratio"]]
        configs = {own: OmegaConf.load(CONFIGS / "layer_set" / f"{own}.yaml") for own in sets}
        layers = {own: str(config.style_layers[-1]) for own, config in configs.items()}
        figure = figure3(frame, layers, axes["ratio"])
    lines = [f"missing: {cell}" for cell in expected if cell not in set(frame["cell"])]
    if published:
        path.with_suffix(".png").unlink(missing_ok=True)  # left by an earlier publication
    files = save(figure, path, ".webp" if published else ".png")
    if published and name == "fig2":
        files += save(banner(frame, axes["panel"]), path.with_name("banner"), ".webp")
    return broken + lines + [str(file) for file in files]
