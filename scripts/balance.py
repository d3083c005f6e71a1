"""A network's balance, from the paper's Figure 3: python scripts/balance.py FIGURE3 --help

`network.balance` is the factor on alpha with which the paper's ratios give the progression of
the paper's Figure 3 with another network.
FIGURE3 is an image of the published figure, labels and all: on white, five rows of four
pictures. Of each picture, the paper's and the network's own, it is measured how much of the
photograph's structure is left: the correlation of the magnitudes of the luminance's gradient, in
units of the row's highest. The balance is the one with which both follow the ratio most closely.
The photograph and the artwork should be the figure's: Neckarfront and Composition VII.
"""

import argparse
import sys
from itertools import pairwise
from pathlib import Path

import hydra
import numpy as np
from hydra.core.config_store import ConfigStore
from omegaconf import OmegaConf
from PIL import Image

from nst.config import Config
from nst.errors import InputError
from nst.images import open_rgb, to_picture
from nst.inputs import input_files
from nst.metrics import edge_correlation
from nst.pipeline import choose_device, run_levels

ConfigStore.instance().store(name="schema", node=Config)
ROWS = {"a": 0, "c": 2, "e": 4}  # depth -> row of the figure
RATIOS = (1e-5, 1e-4, 1e-3, 1e-2)  # its columns
ALPHAS = 10.0 ** np.arange(-3, 1, 0.5)  # at which the network's own pictures are made
SCALE = 1.5  # px of the cells, a Gaussian's deviation; at 3 px the fit is half as good
MINIMUM = 100  # px: what is smaller between white lines is a letter


def cells(figure: Image.Image) -> list[list[Image.Image]]:
    """The pictures of a figure, which lie in rows and columns on white."""
    white = np.asarray(figure).min(2) > 245
    rows = spans(white.mean(1) > 0.9)
    columns = spans(white.mean(0) > 0.97)
    return [[figure.crop((x, y, right, low)) for x, right in columns] for y, low in rows]


def spans(white: np.ndarray) -> list[tuple[int, int]]:
    """First and last line of each stretch that is not white, unless it is a letter's."""
    edges = [-1, *np.flatnonzero(white).tolist(), len(white)]
    return [(a + 1, b) for a, b in pairwise(edges) if b - a > MINIMUM]


def structure(picture: Image.Image, photograph: Image.Image, like: Image.Image) -> float:
    """How much of the photograph's structure is in a picture."""
    grey = [np.asarray(p.convert("L").resize(like.size), float) for p in (picture, photograph)]
    return edge_correlation(*grey, SCALE)


def pictures(depth: str, options: argparse.Namespace) -> list[Image.Image]:
    """The network's own pictures of a row, one an alpha, with a balance of 1."""
    found = []
    for alpha in ALPHAS:
        overrides = [
            f"network={options.network}", "network.balance=1", "panel=F", f"depth={depth}",
            "content_layers=[conv4_2]", f"ratio={alpha}", f"size={options.size}", "course=0",
            f"evaluations={options.evaluations}", f"content.path={options.photograph}",
            f"style.path={options.artwork}", "schedule=single",
        ]  # fmt: skip
        with hydra.initialize("../configs", version_base="1.3"):
            config: Config = OmegaConf.to_object(hydra.compose("config", overrides))
        image = run_levels(config, input_files(config), choose_device(config.device)).image
        found.append(to_picture(image))
    return found


def fit(ours: np.ndarray, papers: np.ndarray) -> float:
    """The exponent of the balance; rows of structure at ALPHAS, and at RATIOS."""
    ours, papers = (x / x.max(axis=1, keepdims=True) for x in (ours, papers))
    exponents = np.arange(0.0, 4.0, 0.01)
    errors = [
        sum(
            np.square(np.interp(np.log10(RATIOS) + b, np.log10(ALPHAS), row) - paper).sum()
            for row, paper in zip(ours, papers, strict=True)
        )
        for b in exponents
    ]
    return float(exponents[np.argmin(errors)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("figure", type=Path)
    parser.add_argument("--photograph", type=Path, required=True)
    parser.add_argument("--artwork", type=Path, required=True)
    parser.add_argument("--network", default="embedded")
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--evaluations", type=int, default=100)
    options = parser.parse_args()
    grid = cells(open_rgb(options.figure))
    if [len(row) for row in grid] != [len(RATIOS)] * 5:
        raise InputError(f"{options.figure} does not show five rows of four pictures on white")
    photograph, like = open_rgb(options.photograph), grid[0][0]
    papers, ours = [], []
    for depth, row in ROWS.items():
        papers.append([structure(cell, photograph, like) for cell in grid[row]])
        ours.append([structure(p, photograph, like) for p in pictures(depth, options)])
        print(depth, "paper", np.round(papers[-1], 2).tolist(), flush=True)
        print(depth, options.network, np.round(ours[-1], 2).tolist(), flush=True)
    exponent = fit(np.array(ours), np.array(papers))
    print(f"{options.network}: balance 10^{exponent:.2f}, or {10**exponent:.1g}")


if __name__ == "__main__":
    try:
        main()
    except InputError as error:
        sys.exit(f"error: {error}")
