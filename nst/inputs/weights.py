"""VGG-19's weights: drawn at random, or read from the file of a network's source.

A full checkpoint of VGG-19 has 550 MB, its convolutions 80. Only these are kept of a download.
"""

import functools
import os.path
from pathlib import Path

import torch
from safetensors.torch import load_file, save
from torch import Tensor

from nst.config import NetworkConfig
from nst.errors import InputError
from nst.files import ASSETS, sha256, write_files
from nst.inputs.download import fetch, kept_name
from nst.inputs.weightfiles import Weights, read_weights
from nst.method.vgg import CONVOLUTIONS, random_weights


@functools.lru_cache(maxsize=1)
def load_weights(path: Path | None, width: float, seed: int | None) -> Weights:
    """Return the weights of a file or, without one, random ones; once for a process's cells."""
    return read_weights(path) if path else random_weights(width, seed or 0)


def load_means(config: NetworkConfig, weights: Weights) -> dict[str, Tensor] | None:
    """Return the mean response of each of a network's filters, as measured by scripts/means.py.

    The set is `config.means`, ``ones`` for weights that are normalized already, or else the
    network's own; None if it has none. Raise `InputError` if a set that is named belongs to a
    network with another number of filters.
    """
    filters = {layer: weights[f"{layer}.bias"] for layer in CONVOLUTIONS}
    if config.means == "ones":
        return {layer: torch.ones_like(bias) for layer, bias in filters.items()}
    name, found = config.means or config.name, load_file(ASSETS / "means.safetensors")
    means = {layer: found[f"{name}.{layer}"] for layer in filters if f"{name}.{layer}" in found}
    if [m.shape for m in means.values()] == [bias.shape for bias in filters.values()]:
        return means
    if config.means:
        raise InputError(
            f"network.means={name} do not match the filters of {config.name}: leave it out"
        )
    return None


def weights_file(config: NetworkConfig, cache: Path) -> Path | None:
    """Return the file of a network's weights, downloaded if necessary; None for random weights.

    Of a download, it is the file in `cache` that holds its convolutions.
    """
    if config.path:
        return Path(os.path.expanduser(config.path))
    if config.source == "random":
        return None
    if config.source == "embedded":
        return ASSETS / "embedded.safetensors"
    if config.source == "url" and config.url:
        return downloaded(config.url, config.sha256, cache)
    raise InputError(f"network={config.name} needs a file of weights: add network.path=FILE")


def downloaded(url: str, checksum: str | None, folder: Path) -> Path:
    """Return the file with the convolutions of a URL's checkpoint: kept, or else extracted.

    It is extracted from torch's own copy, or from a download, which is then deleted.
    """
    path = folder / kept_name(url, None, bool(checksum))
    if path.suffix == ".safetensors":
        return fetch(url, path, checksum, "network.path")
    mark = f"_{checksum[:16].lower()}" if checksum else ""  # of another file with this name
    kept = path.with_name(f"{path.stem}{mark}.safetensors")
    if kept.is_file():
        return kept
    copy = Path(torch.hub.get_dir()) / "checkpoints" / path.name  # where torchvision keeps it
    there = path.exists()
    source = copy if checksum and copy.is_file() and not there else path
    fetch(url, source, checksum, "network.path")
    try:
        write_files(folder, {kept.name: save(read_weights(source))})
        return kept
    finally:
        if source == path and not there:
            source.unlink()


def checksum(path: Path) -> str:
    """Return a file's SHA-256, computed once as long as the file does not change."""
    state = path.stat()
    return checksum_of(path, state.st_mtime_ns, state.st_size)


@functools.lru_cache(maxsize=1024)
def checksum_of(path: Path, changed: int, size: int) -> str:
    """Return the SHA-256 of a file of this time and size."""
    return sha256(path)
