"""Images to compare with, that keep one property of an image and lose another.

Images are (1, 3, H, W) in [0, 1].
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from nst.method.pixels import resize


def as_photograph(artwork: Tensor, photograph: Tensor) -> Tensor:
    """Return the artwork in the photograph's shape, cropped after scaling, never stretched."""
    height, width = photograph.shape[2:]
    scale = max(height / artwork.shape[2], width / artwork.shape[3])
    size = [round(scale * side + 0.5) for side in artwork.shape[2:]]
    return resize(artwork, *size)[:, :, :height, :width]


def shuffled(x: Tensor, block: int, seed: int) -> Tensor:
    """Return the image's square blocks in random places: the same pieces, rearranged.

    Args: x, whose sides are cropped to multiples of `block` pixels. Returns (1, 3, H', W').

    Example:
        >>> x = torch.rand(1, 3, 8, 13)
        >>> shuffled(x, 4, seed=0).shape
        torch.Size([1, 3, 8, 12])
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
