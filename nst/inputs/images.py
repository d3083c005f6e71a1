"""Images x (1, 3, H, W), float32 RGB in [0, 1], and masks: from files, and to PIL images."""

import math

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from nst.errors import InputError, TooSmallError
from nst.inputs.imagefiles import Source, open_rgb


def fit(width: int, height: int, size: float) -> tuple[int, int]:
    """Return width and height scaled to an area of size^2 pixels, at the same aspect ratio.

    The authors' rule ("area 512^2"), for photograph and artwork alike.
    """
    scale = size / math.sqrt(width * height)
    return max(1, round(scale * width)), max(1, round(scale * height))


def square(width: int, height: int, longest: float) -> float:
    """Return the side of a square with the area of a picture whose longest side is given."""
    return longest * math.sqrt(min(width, height) / max(width, height))


def same_aspect(a: tuple[int, int], b: tuple[int, int]) -> bool:
    """Return whether two sizes (width, height) have one aspect ratio, up to a pixel of rounding.

    >>> same_aspect((600, 400), (137, 91)), same_aspect((600, 400), (400, 600))
    (True, False)
    """
    low = max((width - 1) / (height + 1) for width, height in (a, b))
    high = min((width + 1) / max(1, height - 1) for width, height in (a, b))
    return low <= high


def load_init(source: Source, width: int, height: int) -> Tensor:
    """Return an initial image from a file, (1, 3, height, width) in [0, 1].

    Raise `InputError` if it cannot be read or has another aspect ratio.
    """
    image = open_over(source, width, height)
    return to_tensor(image.resize((width, height), Image.Resampling.LANCZOS))


def load_mask(source: Source, width: int, height: int) -> Tensor:
    """Return a mask from an image file, (1, 1, height, width): its luminance times its alpha.

    Black and transparent are 0, opaque white is 1. Raise `InputError` as `load_init` does, and for
    a mask that is 0 everywhere.
    """
    grey = open_over(source, width, height, "black").convert("L")  # over black: times alpha
    mask = to_tensor(grey.resize((width, height), Image.Resampling.BILINEAR).convert("RGB"))[:, :1]
    if not mask.any():
        raise InputError(
            f"the mask {source} is black at {width} x {height} px: paint a part opaque white"
        )
    return mask


def open_over(source: Source, width: int, height: int, background: str = "white") -> Image.Image:
    """Open an image that lies over a photograph of this width and height."""
    image = open_rgb(source, background)
    if not same_aspect(image.size, (width, height)):
        raise InputError(
            f"{source} has not the photograph's aspect ratio: crop it to {width} x {height} px"
        )
    return image


def load_image(source: Source, size: float, minimum: int, setting: str | None = None) -> Tensor:
    """Return an image as (1, 3, H, W) in [0, 1], resized to an area of size^2.

    Raise `InputError` if it cannot be read, and `TooSmallError` if a side would be below `minimum`
    pixels. The message blames `setting`, as ``name=value``, by default the size.
    """
    image = open_rgb(source)
    width, height = fit(*image.size, size)
    if min(width, height) < minimum:
        setting = setting or f"size={size:g}"
        raise TooSmallError(
            f"{source} would be {width} x {height} px at {setting}; the network needs {minimum} px "
            f"a side: raise {setting.partition('=')[0]} or supply a less elongated image"
        )
    return to_tensor(image.resize((width, height), Image.Resampling.LANCZOS))


def to_tensor(image: Image.Image) -> Tensor:
    """Return an RGB picture as (1, 3, H, W) in [0, 1]."""
    array = np.asarray(image, dtype=np.float32) / 255
    return torch.from_numpy(array).permute(2, 0, 1)[None].contiguous()


def to_picture(x: Tensor) -> Image.Image:
    """Return an image (1, 3, H, W) or mask (1, 1, H, W) as 8-bit RGB, clipped to [0, 1]."""
    array = (x[0].expand(3, -1, -1).clamp(0, 1) * 255).round().to(torch.uint8)
    return Image.fromarray(array.permute(1, 2, 0).cpu().numpy())
