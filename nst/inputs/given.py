"""Images as a caller of the library gives them: paths, Pillow's images, tensors."""

import os
from pathlib import Path

from PIL import Image
from torch import Tensor

from nst.errors import CallError, InputError
from nst.inputs.imagefiles import InMemory, Source
from nst.inputs.images import to_picture

Given = str | os.PathLike[str] | Image.Image | Tensor


def source(given: Given, name: str) -> Source:
    """Return an image that was given as a file or a picture; messages call the latter `name`.

    Of tensors, (3, H, W) or (1, 3, H, W), 8 bits are kept, as of files. Raise `CallError` for
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
    """Return a tensor as (1, C, H, W); raise `InputError` if it is no image of RGB, or grey."""
    shape = tuple(x.shape)
    x = x[None] if x.ndim == 3 else x
    if x.ndim != 4 or x.shape[0] != 1 or x.shape[1] not in (1, 3) or not x.numel():
        raise InputError(f"{name} is a tensor of shape {shape}: use (3, H, W) or (1, 3, H, W)")
    x = x.detach()
    if not (x.is_floating_point() and x.min() >= 0 and x.max() <= 1):  # nor of NaN
        span = f"{x.min().item():g} to {x.max().item():g}"
        raise InputError(f"{name} is a tensor of {x.dtype} from {span}: use float RGB in [0, 1]")
    return x
