"""Images to compare with, which keep one property of an image and lose another; and distances.

Images are (1, 3, H, W) in [0, 1]. Distances are from a source's content or style: 0 at the source
and 1 as far away as another image, whatever the network's scale.
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from nst.method.objective import Objective
from nst.method.pixels import resize
from nst.method.vgg import VGG19

CONTENT_LAYERS = ["conv4_2"]  # Fig 2
STYLE_LAYERS = ["conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1"]  # Fig 2

Distance = Callable[[Tensor], float]


def as_photograph(artwork: Tensor, photograph: Tensor) -> Tensor:
    """Return the artwork in the photograph's shape, cropped after scaling, never stretched."""
    height, width = photograph.shape[2:]
    scale = max(height / artwork.shape[2], width / artwork.shape[3])
    size = [round(scale * side + 0.5) for side in artwork.shape[2:]]
    return resize(artwork, *size)[:, :, :height, :width]


def shuffled(x: Tensor, block: int, seed: int) -> Tensor:
    """Return the image's square blocks in random places: the same pieces, rearranged.

    Args: x, whose sides are cropped to multiples of `block` pixels. Returns (1, 3, H', W').
    """
    rows, columns = x.shape[2] // block, x.shape[3] // block
    x = x[:, :, : rows * block, : columns * block]
    pieces = F.unfold(x, block, stride=block)
    order = torch.randperm(rows * columns, generator=torch.Generator().manual_seed(seed))
    return F.fold(pieces[:, :, order], x.shape[2:], block, stride=block)


def displaced(x: Tensor, seed: int) -> Tensor:
    """Return the image moved cyclically, by a quarter to three quarters of each side.

    It has the image's textures and colours, but nothing where it was.
    """
    shares = torch.rand(2, generator=torch.Generator().manual_seed(seed)).tolist()
    shifts = [
        round(side * (1 + 2 * share) / 4) for side, share in zip(x.shape[2:], shares, strict=True)
    ]
    return x.roll(shifts, (2, 3))


def content_distance(network: VGG19, source: Tensor, other: Tensor) -> Distance:
    """Return the square root of Eq. (1) at conv4_2.

    Args: a network; source and other, each (1, 3, H, W), as the images that are to be measured.
    """
    return relative(Objective(network, source, None, 1.0, 0.0, CONTENT_LAYERS, []), other)


def style_distance(network: VGG19, source: Tensor, other: Tensor) -> Distance:
    """Return the square root of Eq. (5) with conv1_1 ... conv5_1.

    Args: a network; source and other, each (1, 3, H, W) of any size.
    """
    return relative(Objective(network, None, source, 0.0, 1.0, [], STYLE_LAYERS), other)


def relative(objective: Objective, other: Tensor) -> Distance:
    """Return the square root of an objective, in units of its value at another image."""

    @torch.no_grad()
    def loss(x: Tensor) -> float:
        return objective(x).total.item()

    unit = loss(other)
    return lambda x: (loss(x) / unit) ** 0.5
