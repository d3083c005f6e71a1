"""What a cell reads: which files, their checksums, and the images as tensors."""

import math
import os.path
from collections.abc import Mapping
from pathlib import Path

from torch import Tensor

from nst.config import Config, artworks, layers_used, masks
from nst.errors import InputError, TooSmallError
from nst.inputs.catalogue import image_file
from nst.inputs.colours import grey_pair, match_colours
from nst.inputs.imagefiles import Source, open_rgb
from nst.inputs.images import load_image, load_init, load_mask, to_picture, to_tensor
from nst.inputs.weights import checksum, weights_file
from nst.method.vgg import MINIMUM_PIXELS, deepest, stride


def input_files(config: Config) -> dict[str, Path | None]:
    """Return the files that the run reads: the network's weights, and images."""
    images = image_files(
        config
    )  # images first: a missing one is reported before weights are loaded
    return {"network": weights_file(config.network, Path(config.data) / "weights"), **images}


def image_files(config: Config) -> dict[str, Path]:
    """Return the images that the run reads; those that play no part in the loss are left out.

    The photograph always is: it gives the result's width and height.
    """
    data = Path(config.data)
    if config.init == "file" and not config.init_path:
        raise InputError("init=file needs the image to start from: add init_path=FILE")
    images = {"content": image_file(config.content, "content", data)}
    if config.beta:
        images["style"] = image_file(config.style, "style", data)
        more = zip(artworks(config)[1:], config.more_styles or [], strict=True)
        own = [*more, *masks(config).items()]
        images |= {name: Path(os.path.expanduser(path)) for name, path in own}
    if config.init == "file" and config.init_path:
        images["init"] = Path(os.path.expanduser(config.init_path))
    return images


def checksums(config: Config, files: Mapping[str, Path | None]) -> dict[str, str]:
    """Return the sha256 of each input; equal settings and checksums identify a run.

    For weights extracted from a checkpoint, it is the checkpoint's.
    """
    check_files(files)
    return {name: checksum(path) for name, path in files.items() if path}


def check_files(files: Mapping[str, Source | None]) -> None:
    """Raise `InputError` for a path that leads to no file."""
    for path in [path for path in files.values() if isinstance(path, Path)]:
        if path.is_dir():
            raise InputError(f"{path} is a folder: name a file in it")
        if path.exists() and not path.is_file():
            raise InputError(f"{path} is a pipe or a device: save what it gives in a file")
        if not path.is_file():
            raise InputError(f"no file at {path}: check the path")


def load_images(
    config: Config, files: Mapping[str, Source | None], scale: float = 1.0
) -> dict[str, Tensor]:
    """Return photograph, artworks and init, (1, 3, H, W), of the area that the config asks for.

    A level of a schedule has a `scale` of the size. Masks, (1, 1, H, W), cover the photograph.
    Raise `TooSmallError` if the network needs more pixels.
    """
    minimum = max(MINIMUM_PIXELS, stride(deepest(layers_used(config))))
    named = f"max_side={config.max_side}" if config.max_side else f"size={config.size}"
    size = scale * picture_size(config, files)
    there = {name: path for name, path in files.items() if path}
    side = size if config.max_side else round(size)  # exact, for the longest side's sake
    images = {"content": load_image(there["content"], side, minimum, named)}
    side = round(size * (config.style_scale or 1.0))
    named = f"style_scale={config.style_scale:g}" if (config.style_scale or 1) < 1 else named
    painted = [name for name in artworks(config) if name in there]
    images |= {name: load_image(there[name], side, minimum, named) for name in painted}
    keep_colours(config, images)
    height, width = images["content"].shape[2:]
    masked = [name for name in masks(config) if name in there]
    images |= {name: load_mask(there[name], width, height) for name in masked}
    if "init" in there:
        images["init"] = load_init(there["init"], width, height)
    return images


def load_levels(
    config: Config, files: Mapping[str, Source | None], budgets: list[int]
) -> tuple[list[tuple[dict[str, Tensor], int]], list[str]]:
    """Return images and budget of each level of a schedule, and a line on each that is left out.

    A level that is too small for the network is: its budget goes to the next. Raise
    `TooSmallError` if that is the last one, the picture itself.
    """
    levels, left_out, unused = [], [], 0
    for scale, budget in zip(config.schedule.scales, budgets, strict=True):
        try:
            images = load_images(config, files, scale)
        except TooSmallError:
            if scale == config.schedule.scales[-1]:
                raise
            unused += budget
            left_out.append(f"{scale:g} of the size is too small for the network, and left out")
        else:
            levels.append((images, budget + unused))
            unused = 0
    return levels, left_out


def keep_colours(config: Config, images: dict[str, Tensor]) -> None:
    """Change the images so that the photograph's colours are kept, if the config asks for it.

    They are rounded to 8 bits, like the files in which a run keeps them.
    """
    content = images["content"]
    for name in [name for name in artworks(config) if name in images]:
        if config.colours == "match":
            images[name] = match_colours(images[name], content)
        elif config.colours == "luminance":
            images["content"], images[name] = grey_pair(content, images[name])
    if config.colours:
        images |= {name: to_tensor(to_picture(x)) for name, x in images.items()}


def picture_size(config: Config, files: Mapping[str, Source | None]) -> float:
    """Return the side of the square that has the picture's area, in px."""
    photograph = files["content"]
    if not config.max_side or photograph is None:
        return config.size
    width, height = open_rgb(photograph, config.max_side).size
    return config.max_side * math.sqrt(min(width, height) / max(width, height))
