"""Which files a run reads, by the names that its record gives them, and their checksums."""

import os.path
from collections.abc import Mapping
from pathlib import Path

from nst.config import Config, more_files
from nst.errors import InputError
from nst.inputs.catalogue import image_file
from nst.inputs.imagefiles import check_file
from nst.inputs.weights import checksum, weights_file


def input_files(config: Config) -> dict[str, Path]:
    """Return the files that the run reads: images, and the network's weights unless random."""
    images = image_files(config)  # first: a missing one is reported before weights are loaded
    weights = network_file(config)
    return {"network": weights, **images} if weights else images


def network_file(config: Config) -> Path | None:
    """Return the file of the network's weights; None for random ones."""
    return weights_file(config.network, Path(config.data) / "weights")


def image_files(config: Config) -> dict[str, Path]:
    """Return the images that the run reads; those that play no part in the loss are left out.

    The photograph always is: it gives the result's width and height.
    """
    data = Path(config.data)
    if config.init == "file" and not config.init_path:
        raise InputError("init=file needs the image to start from: add init_path=FILE")
    images = {"content": image_file(config.content, "content", data)}
    own = {}
    if config.beta:
        images["style"] = image_file(config.style, "style", data)
        own = more_files(config)
    if config.init == "file" and config.init_path:
        own["init"] = config.init_path
    return images | {name: Path(os.path.expanduser(path)) for name, path in own.items()}


def checksums(files: Mapping[str, Path]) -> dict[str, str]:
    """Return the sha256 of each input; equal settings and checksums identify a run.

    For weights extracted from a checkpoint, it is the checkpoint's.
    """
    for path in files.values():
        check_file(path)
    return {name: checksum(path) for name, path in files.items()}
