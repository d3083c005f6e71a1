"""What the two networks look at: a pure function of (seed, index), so a resumed run sees the same.

A synthesis starts from noise and passes through images unlike any photograph. A student trained on
photographs alone responds arbitrarily there, and its gradients lead elsewhere.
"""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from nst.errors import InputError
from nst.files import ASSETS
from nst.inputs.imagefiles import is_image_name, open_rgb
from nst.inputs.images import to_tensor

ARTWORKS = tuple(sorted((ASSETS / "artworks").glob("*.jpg")))
HELD_OUT = 20  # every 20th name
KINDS = ("photograph", "artwork", "noisy", "white", "smooth", "flat", "dark", "strong", "painted",
         "mixed")  # fmt: skip


def find_photographs(folder: Path) -> tuple[list[Path], list[Path]]:
    """Return the image files of the subfolders of a folder: to learn from, and to measure on.

    Files of one name in two subfolders are on the same side: they may be one photograph cropped
    twice, as in Caltech-101's two folders of faces. Raises `InputError` without two distinct names.
    """
    files = sorted(path for path in folder.glob("*/**/*") if is_image_name(path.name))
    names = sorted({path.name for path in files})
    if len(names) < 2:
        raise InputError(f"no photographs in {folder}: data= names a folder of folders of images")
    held_out = set(names[::HELD_OUT])
    learned = [path for path in files if path.name not in held_out]
    return learned, [path for path in files if path.name in held_out]


class Draw:
    """One picture (1, 3, pixels, pixels), RGB in [0, 1]: the random decisions behind it."""

    def __init__(self, files: Sequence[Path], pixels: int, seed: int, index: int) -> None:
        self.files, self.pixels = files, pixels
        self.rng = np.random.default_rng([seed, index])

    def between(self, low: float, high: float) -> float:
        """Draw a number whose logarithm is uniform."""
        return math.exp(self.rng.uniform(math.log(low), math.log(high)))

    def normal(self, side: int) -> Tensor:
        """Return white noise N(0, 1), (1, 3, side, side)."""
        return torch.from_numpy(self.rng.standard_normal((1, 3, side, side), dtype=np.float32))

    def colour(self) -> Tensor:
        """Return one colour, (1, 3, 1, 1)."""
        return torch.from_numpy(self.rng.random((1, 3, 1, 1), dtype=np.float32))

    def crop(self, files: Sequence[Path]) -> Tensor:
        """Cut a part out of a file, between all of its short side and its own resolution."""
        image = open_rgb(files[int(self.rng.integers(len(files)))])
        short = min(image.size)
        scale = self.pixels / short * self.between(1, max(1.25, short / self.pixels))
        width, height = (max(self.pixels, round(scale * side)) for side in image.size)
        left = int(self.rng.integers(width - self.pixels + 1))
        top = int(self.rng.integers(height - self.pixels + 1))
        image = image.resize((width, height), Image.Resampling.LANCZOS)
        image = image.crop((left, top, left + self.pixels, top + self.pixels))
        return to_tensor(image).flip(3) if self.rng.random() < 0.5 else to_tensor(image)

    def photograph(self) -> Tensor:
        """Return part of a photograph."""
        return self.crop(self.files)

    def artwork(self) -> Tensor:
        """Return part of one of this project's own paintings."""
        return self.crop(ARTWORKS)

    def noisy(self) -> Tensor:
        """Return a photograph or an artwork under noise, as a synthesis leaves its start."""
        crop = self.crop(self.files if self.rng.random() < 0.7 else ARTWORKS)
        return crop + self.between(0.01, 0.4) * self.normal(self.pixels)

    def white(self) -> Tensor:
        """Return white noise, from one grey level of 255, as at the start, to full contrast."""
        grey = self.rng.uniform(0.2, 0.8)
        return grey + self.between(1 / 255, 0.5) * self.normal(self.pixels)

    def smooth(self) -> Tensor:
        """Return coloured clouds of one size."""
        coarse = self.normal(round(self.between(3, self.pixels / 2)))
        clouds = F.interpolate(coarse, (self.pixels, self.pixels), mode="bicubic")
        return self.colour() + self.between(0.03, 0.5) * clouds

    def flat(self) -> Tensor:
        """Return one colour with almost no noise."""
        return self.colour() + self.between(0.001, 0.02) * self.normal(self.pixels)

    def dark(self) -> Tensor:
        """Return a dark photograph."""
        return self.between(0.03, 0.5) * self.photograph()

    def strong(self) -> Tensor:
        """Return a photograph of harsh contrast and colour."""
        crop = self.photograph()
        grey = crop.mean(1, keepdim=True)
        vivid = grey + self.between(1, 4) * (crop - grey)
        return 0.5 + self.between(1.2, 4) * (vivid - 0.5)

    def painted(self) -> Tensor:
        """Return a photograph in few colours, under strokes of one direction."""
        levels = int(self.rng.integers(2, 7))
        few = (self.photograph() * levels).round() / levels
        step = [(0, 1), (1, 0), (1, 1), (1, -1), (1, 2), (2, -1)][self.rng.integers(6)]
        noise, length = self.normal(self.pixels), int(self.rng.integers(4, 12))
        smeared = [torch.roll(noise, (k * step[0], k * step[1]), (2, 3)) for k in range(length)]
        return few + self.between(0.03, 0.3) / math.sqrt(length) * torch.stack(smeared).sum(0)

    def mixed(self) -> Tensor:
        """Return one photograph through another, or through an artwork."""
        share = self.rng.uniform(0.2, 0.8)
        other = self.crop(self.files if self.rng.random() < 0.5 else ARTWORKS)
        return share * self.photograph() + (1 - share) * other


def make_picture(
    files: Sequence[Path], kinds: dict[str, float], pixels: int, seed: int, index: int
) -> Tensor:
    """Make picture number `index`, (1, 3, pixels, pixels), RGB in [0, 1]; `kinds` gives shares."""
    draw = Draw(files, pixels, seed, index)
    shares = np.array(list(kinds.values())) / sum(kinds.values())
    kind = list(kinds)[draw.rng.choice(len(kinds), p=shares)]
    return getattr(draw, kind)().clamp(0, 1)
