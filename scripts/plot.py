"""Draw a figure from its records: python scripts/plot.py [fig1 ...] [--profile paper]"""

import argparse
from pathlib import Path

from matplotlib.figure import Figure
from omegaconf import OmegaConf

from nst.errors import InputError, run_script
from nst.figures.fig1 import figure1
from nst.figures.page import figure2, figure3, missing, save
from nst.runs import records

CONFIGS = Path(__file__).parent.parent / "configs"
FIGURES = ("fig1", "fig2", "fig3")


def grid(name: str) -> dict[str, list[str]]:
    """The axes of a figure, from its configuration: what the figure should show."""
    params = OmegaConf.load(CONFIGS / "figure" / f"{name}.yaml").hydra.sweeper.params
    return {key: str(value).split(",") for key, value in params.items()}


def current(name: str, profile: str, output: Path) -> bool:
    """Whether a figure was drawn after the last of its records was written."""
    drawn = [output / profile / f"{name}{suffix}" for suffix in (".png", ".pdf")]
    records = list((output / profile / name).glob("*/record.json"))
    if not (records and all(path.exists() for path in drawn)):
        return False
    last = max(path.stat().st_mtime for path in records)
    return all(path.stat().st_mtime > last for path in drawn)


def draw(name: str, profile: str, output: Path, published: bool) -> list[str]:
    """Draw one figure of one profile; the lines to print."""
    frame = records.load(output / profile / name)
    if frame.empty:
        raise InputError(f"no records in {output / profile / name}: make {name} PROFILE={profile}")
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
        layers = {
            d: OmegaConf.load(CONFIGS / "depth" / f"{d}.yaml").style_layers[-1]
            for d in axes["depth"]
        }
        figure = figure3(frame, layers, axes["ratio"])
    lines = [f"missing: {cell}" for cell in missing(frame, expected)]
    return lines + [str(path) for path in save(figure, output / profile / name)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("figures", nargs="*", metavar="FIGURE", help=", ".join(FIGURES))
    parser.add_argument("--profile", default="demo", choices=("demo", "paper"))
    parser.add_argument("--output", type=Path, default=Path("outputs"))
    parser.add_argument("--changed", action="store_true", help="only what has new records")
    parser.add_argument(
        "--published", action="store_true", help="without artworks that are in copyright"
    )
    options = parser.parse_args()
    for name in options.figures or FIGURES:
        if name not in FIGURES:
            parser.error(f"no figure {name!r}: use {', '.join(FIGURES)}")
        if options.changed and current(name, options.profile, options.output):
            print(f"{options.output / options.profile / name}.png is up to date")
        else:
            print("\n".join(draw(name, options.profile, options.output, options.published)))


if __name__ == "__main__":
    run_script(main)
