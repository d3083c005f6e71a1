"""The balance of the two gradients under each reading of alpha/beta: python scripts/convention.py

The norm of alpha dL_content/dx over that of beta dL_style/dx, with alpha = beta = 1 and without
network.balance, at the white noise that figures start from and at a photograph; for each set of
weights at hand and several sizes. The table is results/convention.csv.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import skimage.data
import torch
from omegaconf import OmegaConf
from torch import Tensor

from nst.checkpoints import Weights, read_weights
from nst.errors import InputError
from nst.images import load_image, white_noise
from nst.losses import content_factor, style_factor
from nst.objective import Objective
from nst.records import write_files
from nst.vgg import CONVOLUTIONS, MINIMUM_PIXELS, VGG19, Preprocessing
from nst.weights import ASSETS, normalize, random_weights, reference_images

CONFIGS = Path(__file__).resolve().parents[1] / "configs"
CONTENT, STYLE = ["conv4_2"], [f"conv{block}_1" for block in range(1, 6)]  # Fig 2
PREPROCESSING = Preprocessing(mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225))
CAFFE = Preprocessing(255.0, (103.939, 116.779, 123.68), bgr=True)
SIZES, SEEDS = (128, 256, 512), (0, 1, 2)


def images(size: int) -> tuple[Tensor, Tensor, dict[str, Tensor]]:
    """Photograph, artwork, and images x: noise, and another photograph of that shape."""
    photographs = Path(skimage.data.__file__).parent
    photograph = load_image(photographs / "astronaut.png", size, MINIMUM_PIXELS)
    artwork = load_image(ASSETS / "artworks" / "night.jpg", size, MINIMUM_PIXELS)
    large = load_image(photographs / "coffee.png", 2 * size, MINIMUM_PIXELS)
    height, width = photograph.shape[2:]
    top, left = (large.shape[2] - height) // 2, (large.shape[3] - width) // 2
    coffee = large[:, :, top : top + height, left : left + width]
    start = OmegaConf.load(CONFIGS / "start" / "noise.yaml")
    noise = white_noise(height, width, 0, start.mean, start.deviation)
    return photograph, artwork, {"noise": noise, "photograph": coffee}


def balances(network: VGG19, size: int) -> dict[tuple[str, str], float]:
    """The content gradient's norm over the style gradient's, by x and convention."""
    photograph, artwork, starts = images(size)
    objective = Objective(network, photograph, artwork, 1.0, 1.0, CONTENT, STYLE, "literal")
    N, M = objective.size(objective.get_buffer(f"P_{CONTENT[0]}"))
    found = {}
    for at, start in starts.items():
        x = start.clone().requires_grad_()
        losses = objective(x)
        (content,) = torch.autograd.grad(losses.content.sum(), x, retain_graph=True)
        (style,) = torch.autograd.grad(losses.style.sum(), x)
        for convention in ("authors", "literal"):
            factor = content_factor(convention, N, M) / style_factor(convention)
            found[at, convention] = factor * (content.norm() / style.norm()).item()
    return found


def scaled(weights: Weights, factor: float) -> Weights:
    """The weights with every response multiplied by a factor."""
    return {
        name: factor * value if name.startswith("conv1_1.") or name.endswith("bias") else value
        for name, value in weights.items()
    }


def rescaled(weights: Weights, seed: int = 0) -> Weights:
    """The same function with each filter's response multiplied by its own factor, 0.1 to 10."""
    generator = torch.Generator().manual_seed(seed)
    found, before = {}, torch.ones(3)
    for name in CONVOLUTIONS:
        W, b = weights[f"{name}.weight"], weights[f"{name}.bias"]
        factors = 10 ** (2 * torch.rand(len(b), generator=generator) - 1)
        found[f"{name}.weight"] = W * factors[:, None, None, None] / before[:, None, None]
        found[f"{name}.bias"] = b * factors
        before = factors
    return found


def at_hand(files: dict[Path, Preprocessing]) -> Iterator[tuple[str, Weights, Preprocessing]]:
    """Sets of weights, each with its preprocessing."""
    references = reference_images()

    def normalized(weights: Weights, preprocessing: Preprocessing = PREPROCESSING) -> Weights:
        return normalize(weights, preprocessing, references)

    embedded = read_weights(ASSETS / "embedded.safetensors")
    yield "embedded, normalized", embedded, PREPROCESSING
    yield "embedded, filters x 0.1 to 10", rescaled(embedded), PREPROCESSING
    again = normalized(rescaled(embedded))
    yield "embedded, filters x 0.1 to 10, normalized", again, PREPROCESSING
    for path, preprocessing in files.items():
        weights = normalized(read_weights(path), preprocessing)
        yield f"{path.stem}, normalized", weights, preprocessing
    for width, share in ((1.0, ""), (1 / 2, " 1/2"), (1 / 4, " 1/4")):
        for seed in SEEDS:
            weights = normalized(random_weights(width, seed))
            yield f"random{share}, seed {seed}, normalized", weights, PREPROCESSING
    drawn = random_weights(1 / 4)
    yield "random 1/4, as drawn", drawn, PREPROCESSING
    yield "random 1/4, as drawn, responses x 10", scaled(drawn, 10.0), PREPROCESSING
    yield "random 1/4, as drawn, input 0-255", drawn, CAFFE


def table(files: dict[Path, Preprocessing]) -> pd.DataFrame:
    """A row a set of weights, image x and convention: the balance at each size, and its range."""
    rows = []
    for name, weights, preprocessing in at_hand(files):
        network = VGG19(weights, preprocessing, deepest="conv5_1")
        by_size = {size: balances(network, size) for size in SIZES}
        for at, convention in by_size[SIZES[0]]:
            values = {f"{size} px": by_size[size][at, convention] for size in SIZES}
            spread = max(values.values()) / min(values.values())
            row = {"weights": name, "at": at, "convention": convention, **values, "range": spread}
            rows.append(row)
            print(row, file=sys.stderr, flush=True)
    return pd.DataFrame(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    more = "files of more weights, made for"
    parser.add_argument("--rgb", nargs="*", type=Path, default=[], help=f"{more} normalized RGB")
    parser.add_argument("--bgr", nargs="*", type=Path, default=[], help=f"{more} BGR from 0 to 255")
    parser.add_argument("--output", type=Path, default=Path("results/convention.csv"))
    options = parser.parse_args()
    files = dict.fromkeys(options.rgb, PREPROCESSING) | dict.fromkeys(options.bgr, CAFFE)
    content = table(files).to_csv(index=False, float_format="%.4g").encode()
    write_files(options.output.parent, {options.output.name: content})
    print(options.output)


if __name__ == "__main__":
    try:
        main()
    except InputError as error:
        sys.exit(f"error: {error}")
