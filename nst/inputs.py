"""What a cell reads: which files, their checksums, and the images as tensors."""

import os.path
from pathlib import Path

from torch import Tensor

from nst.artworks import image_file
from nst.config import Config, layers_used
from nst.errors import InputError
from nst.images import load_image, load_start, sha256
from nst.vgg import MINIMUM_PIXELS, deepest, stride
from nst.weightcache import checksum as weights_checksum
from nst.weights import weights_file


def input_files(config: Config) -> dict[str, Path | None]:
    """The files that the run reads; an image that has no part in the loss is not asked for.

    The photograph always is: it gives the result's width and height.
    """
    data = Path(config.data)
    if config.start.kind == "file" and not config.start.path:
        raise InputError("start=file needs the image to start from: add start.path=FILE")
    images: dict[str, Path | None] = {"content": image_file(config.content, "content", data)}
    if config.beta:
        images["style"] = image_file(config.style, "style", data)
    if config.start.kind == "file" and config.start.path:
        images["start"] = Path(os.path.expanduser(config.start.path))
    return {"network": weights_file(config.network, weights_folder(config)), **images}


def weights_folder(config: Config) -> Path:
    """Where weights are downloaded to and kept."""
    return Path(config.data) / "weights"


def checksums(config: Config, files: dict[str, Path | None]) -> dict[str, str]:
    """The sha256 of each input; what settings and files cannot tell apart is the same run.

    Of weights that were kept from a checkpoint, it is the checkpoint's.
    """
    for path in filter(None, files.values()):
        if path.is_dir():
            raise InputError(f"{path} is a folder: name a file in it")
        if path.exists() and not path.is_file():
            raise InputError(f"{path} is a pipe or a device: save what it gives in a file")
        if not path.is_file():
            raise InputError(f"no file at {path}: check the path")
    checksum = {"network": weights_checksum}
    return {name: checksum.get(name, sha256)(path) for name, path in files.items() if path}


def load_images(
    config: Config, files: dict[str, Path | None], scale: float = 1.0
) -> dict[str, Tensor]:
    """Photograph, artwork and start, each (1, 3, H, W), of the area that the config asks for.

    A level of a schedule has a `scale` of the size.
    """
    minimum = max(MINIMUM_PIXELS, stride(deepest(layers_used(config))))
    whole, size = f"size={config.size}", round(scale * config.size)
    level = f"{scale:g} of {whole}, where schedule={config.schedule.name} begins (single does not)"
    images = {
        name: load_image(path, size, minimum, whole if scale == 1 else level)
        for name, path in files.items()
        if path and name not in ("network", "start")
    }
    if start := files.get("start"):
        height, width = images["content"].shape[2:]
        images["start"] = load_start(start, width, height)
    return images
