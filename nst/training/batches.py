"""Batches: a pure function of (seed, step), so that a resumed run sees the same ones."""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor
from tqdm import tqdm

from nst.config import TrainingConfig
from nst.errors import InputError

SHORT_SIDE = 128
LONG_SIDE = 192  # what is beyond is cut off, so that no photograph takes more than its share
SUFFIXES = (".jpg", ".jpeg", ".png")


@dataclass
class Photographs:
    """Images (each (3, H, W) uint8) with their class labels, all in memory."""

    images: list[Tensor]
    labels: list[int]
    classes: list[str]


def load_photographs(folder: Path) -> Photographs:
    """Every photograph of a folder of class folders, in sorted order, its short side 128 px.

    Raises `InputError` if there is none.
    """
    files = sorted(p for p in folder.glob("*/*") if p.suffix.lower() in SUFFIXES)
    if not files:
        raise InputError(f"no photographs in {folder}: data= names a folder of class folders")
    classes = sorted({p.parent.name for p in files})
    images = []
    for path in tqdm(files, desc="photographs", mininterval=5):
        image = Image.open(path).convert("RGB")
        scale = SHORT_SIDE / min(image.size)
        image = image.resize([round(scale * side) for side in image.size], Image.Resampling.LANCZOS)
        array = np.array(image)[:LONG_SIDE, :LONG_SIDE]
        images.append(torch.from_numpy(array).permute(2, 0, 1).contiguous())
    return Photographs(images, [classes.index(p.parent.name) for p in files], classes)


def crop(image: Tensor, pixels: int, config: TrainingConfig, generator: torch.Generator) -> Tensor:
    """A random crop, mirrored, turned and scaled a little: (1, 3, pixels, pixels) in [0, 1]."""

    def uniform(low: float, high: float) -> float:
        return low + (high - low) * torch.rand((), generator=generator).item()

    height, width = image.shape[1:]
    zoom = math.exp(uniform(math.log(config.zoom[0]), math.log(config.zoom[1])))
    angle, stretch = math.radians(uniform(-1, 1) * config.rotation), math.exp(uniform(-0.12, 0.12))
    mirror = 1 if uniform(-1, 1) > 0 else -1
    half_x, half_y = zoom * pixels / width, zoom * pixels / height  # in units of half the image
    shift_x = uniform(-1, 1) * max(0.0, 1 - half_x)
    shift_y = uniform(-1, 1) * max(0.0, 1 - half_y)
    cos, sin = math.cos(angle), math.sin(angle)
    theta = torch.tensor(
        [
            [mirror * half_x * stretch * cos, -half_x * sin, shift_x],
            [mirror * half_y * sin, half_y / stretch * cos, shift_y],
        ]
    )
    grid = F.affine_grid(theta[None], [1, 3, pixels, pixels], align_corners=False)
    return F.grid_sample(
        image[None].float() / 255, grid, padding_mode="reflection", align_corners=False
    )


def add_noise(x: Tensor, config: TrainingConfig, generator: torch.Generator) -> Tensor:
    """White or smoothed noise on some images of the batch; the readouts must report it."""
    noisy = (torch.rand(len(x), 1, 1, 1, generator=generator) < config.noisy).float()
    sigma = torch.exp(
        torch.empty(len(x), 1, 1, 1).uniform_(math.log(0.02), math.log(0.3), generator=generator)
    )
    noise = torch.randn(x.shape, generator=generator)
    smooth = 2 * F.avg_pool2d(noise, 3, stride=1, padding=1)
    white = (torch.rand(len(x), 1, 1, 1, generator=generator) < 0.5).float()
    return (x + noisy * sigma * (white * noise + (1 - white) * smooth)).clamp(0, 1)


def make_batch(
    photographs: Photographs, config: TrainingConfig, step: int
) -> tuple[Tensor, Tensor, Tensor]:
    """Images (B, 3, P, P) in [0, 1], classes (B,) and instances (B,) of one step."""
    generator = torch.Generator().manual_seed(config.seed * 1_000_003 + step)
    late = step >= config.large_from * config.steps
    pixels = config.large_pixels if late else config.pixels
    batch = config.large_batch if late else config.batch
    chosen = torch.randint(len(photographs.images), (batch,), generator=generator)
    crops = [crop(photographs.images[i], pixels, config, generator) for i in chosen.tolist()]
    x = torch.cat(crops)
    light = 1 + config.brightness * (2 * torch.rand(batch, 1, 1, 1, generator=generator) - 1)
    x = add_noise((x * light).clamp(0, 1), config, generator)
    labels = torch.tensor([photographs.labels[i] for i in chosen.tolist()])
    return x, labels, chosen
