"""Which files a run reads, by their names in its record, where they are, and their checksums."""

import os.path
from collections.abc import Mapping
from pathlib import Path

import skimage.data

from nst.config import Config, ImageConfig, images_used
from nst.errors import InputError
from nst.files import ASSETS
from nst.inputs.download import fetch, kept_name
from nst.inputs.imagefiles import check_file
from nst.inputs.weights import checksum, weights_file

OWN = {"content": "content.path=FILE", "style": "styles=[FILE]"}  # sets a file of the user's


def input_files(config: Config) -> dict[str, Path]:
    """Return the files that a run reads: images and, unless they are random, weights."""
    if config.init == "file" and not config.init_path:
        raise InputError("init=file needs the image to start from: add init_path=FILE")
    data = Path(config.data)
    # Images first: a missing one is reported before weights are downloaded.
    images = {name: image_file(image, name, data) for name, image in images_used(config).items()}
    weights = network_file(config)
    return {"network": weights, **images} if weights else images


def network_file(config: Config) -> Path | None:
    """Return the file of the network's weights; None for random ones."""
    return weights_file(config.network, Path(config.data) / "weights")


def image_file(image: ImageConfig | Path, name: str, data: Path) -> Path:
    """Return the file of an image, which a run calls `name`: content, style, mask, ...

    A file of the user's is a path; otherwise `source` is ``nst:FILE`` (drawn by this project),
    ``skimage:FILE`` (from scikit-image's package) or a URL, downloaded to `data`.
    """
    if isinstance(image, Path):
        return Path(os.path.expanduser(image))
    scheme, _, file = image.source.partition(":")
    if scheme == "nst":
        return ASSETS / file
    if scheme == "skimage":
        return Path(skimage.data.__file__).parent / file
    if scheme in ("http", "https"):
        return fetch(image.source, stored(image, data), image.sha256, OWN.get(name, ""))
    raise InputError(f"{name} has no source: set {OWN[name]}")


def stored(image: ImageConfig, data: Path) -> Path:
    """Return where an image's URL is downloaded to."""
    return data / kept_name(image.source, image.name, bool(image.sha256))


def title(image: ImageConfig | Path) -> str:
    """Return an image's title for captions."""
    if isinstance(image, Path):
        return image.stem
    return ", ".join(filter(None, (image.title, image.artist, image.year)))


def checksums(files: Mapping[str, Path]) -> dict[str, str]:
    """Return the SHA-256 of each input; equal settings and checksums identify a run."""
    for path in files.values():
        check_file(path)
    return {name: checksum(path) for name, path in files.items()}
