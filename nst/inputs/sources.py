"""What a cell reads: which files, their checksums, and the images as tensors."""

from pathlib import Path

from torch import Tensor

from nst.config import Config, artworks, layers_used, masks
from nst.errors import InputError
from nst.files import sha256
from nst.inputs.artworks import image_file
from nst.inputs.images import load_image, load_mask, load_start
from nst.inputs.weightcache import checksum as weights_checksum
from nst.inputs.weights import weights_file
from nst.method.vgg import MINIMUM_PIXELS, deepest, stride


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
        more = zip(artworks(config)[1:], config.more_styles or [], strict=True)
        own = [*more, *masks(config).items()]
        images |= {name: Path(path).expanduser() for name, path in own}
    if config.start.kind == "file" and config.start.path:
        images["start"] = Path(config.start.path).expanduser()
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
        if not path.is_file():
            raise InputError(f"no file at {path}: check the path")
    checksum = {"network": weights_checksum}
    return {name: checksum.get(name, sha256)(path) for name, path in files.items() if path}


def load_images(
    config: Config, files: dict[str, Path | None], scale: float = 1.0
) -> dict[str, Tensor]:
    """Photograph, artworks and start, each (1, 3, H, W), of the area that the config asks for.

    A level of a schedule has a `scale` of the size. Masks, (1, 1, H, W), cover the photograph.
    """
    minimum = max(MINIMUM_PIXELS, stride(deepest(layers_used(config))))
    whole, size = f"size={config.size}", round(scale * config.size)
    level = f"{scale:g} of {whole}, where schedule={config.schedule.name} begins (single does not)"
    images = {
        name: load_image(path, size, minimum, whole if scale == 1 else level)
        for name, path in files.items()
        if path and name in ("content", *artworks(config))
    }
    height, width = images["content"].shape[2:]
    masked = {name: path for name, path in files.items() if path and name in masks(config)}
    images |= {name: load_mask(path, width, height) for name, path in masked.items()}
    if start := files.get("start"):
        images["start"] = load_start(start, width, height)
    return images
