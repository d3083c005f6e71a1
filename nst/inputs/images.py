"""Images x (1, 3, H, W), float32 RGB in [0, 1], and masks: from files, to and from PIL images."""

import math
import os
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from nst.errors import CallError, InputError, TooSmallError
from nst.inputs.imagefiles import InMemory, Source, open_rgb

Given = str | os.PathLike[str] | Image.Image | Tensor  # an image as passed to the library


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


def source(given: Given, name: str) -> Source:
    """Return an image argument as a file or an image in memory, called `name` in messages.

    Tensors, (3, H, W) or (1, 3, H, W), are rounded to 8 bits, like files. Raise `CallError` for
    other types, and `InputError` for a tensor that is not RGB in [0, 1].
    """
    if isinstance(given, str | os.PathLike):
        return Path(os.path.expanduser(given))
    if isinstance(given, Tensor):
        return InMemory(to_picture(checked(given, name)), name)
    if not isinstance(given, Image.Image):
        kind = type(given).__name__
        raise CallError(f"{name} is of type {kind}: give a path, a PIL image or a tensor")
    if 0 in given.size:
        raise InputError(f"{name} has no pixels: give another image")
    return InMemory(given, name)


def checked(x: Tensor, name: str) -> Tensor:
    """Return a tensor as (1, C, H, W); raise `InputError` unless it is an RGB or grey image."""
    shape = tuple(x.shape)
    x = x[None] if x.ndim == 3 else x
    if x.ndim != 4 or x.shape[0] != 1 or x.shape[1] not in (1, 3) or not x.numel():
        raise InputError(f"{name} is a tensor of shape {shape}: use (3, H, W) or (1, 3, H, W)")
    x = x.detach()
    if not (x.is_floating_point() and x.min() >= 0 and x.max() <= 1):  # false for NaN as well
        span = f"{x.min().item():g} to {x.max().item():g}"
        raise InputError(f"{name} is a tensor of {x.dtype} from {span}: use float RGB in [0, 1]")
    return x
