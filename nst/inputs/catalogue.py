"""The named photographs and artworks: where each file is, and whether it is the right one."""

import os.path
from pathlib import Path

import skimage.data

from nst.config import ImageConfig
from nst.errors import InputError
from nst.files import ASSETS
from nst.inputs.download import fetch, kept_name


def image_file(image: ImageConfig, setting: str, data: Path) -> Path:
    """Return the file of an image, which the configuration calls `setting`: content or style.

    The user's `path` takes precedence. Otherwise `source` is ``nst:FILE`` (drawn by this
    project), ``skimage:FILE`` (in scikit-image's own package) or a URL, kept in `data`. Without a
    `setting`, errors name none.
    """
    if image.path:
        return Path(os.path.expanduser(image.path))
    scheme, _, name = image.source.partition(":")
    if scheme == "nst":
        return ASSETS / name
    if scheme == "skimage":
        return Path(skimage.data.__file__).parent / name
    if scheme in ("http", "https"):
        own = f"{setting}.path" if setting else ""
        return fetch(image.source, stored(image, data), image.sha256, own)
    raise InputError(f"{setting} has neither a path nor a source: set {setting}.path=FILE")


def stored(image: ImageConfig, data: Path) -> Path:
    """Return where the file of an image's URL is kept."""
    return data / kept_name(image.source, image.name, bool(image.sha256))


def title(image: ImageConfig) -> str:
    """Return what a caption calls the image."""
    if image.path:
        return Path(image.path).stem
    return ", ".join(filter(None, (image.title, image.artist, image.year)))
