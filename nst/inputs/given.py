"""Images as passed to the library: paths, PIL images or tensors."""

import os
from pathlib import Path

from PIL import Image
from torch import Tensor

from nst.errors import CallError, InputError
from nst.inputs.imagefiles import InMemory, Source
from nst.inputs.images import to_picture

Given = str | os.PathLike[str] | Image.Image | Tensor


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
