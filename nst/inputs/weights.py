"""VGG-19's weights: drawn at random, or read from the file of a network's source, and checked.

Weights are a dict: ``conv1_1.weight`` (N, N_prev, 3, 3), ``conv1_1.bias`` (N,), ... float32. Files
are read without executing code; they may hold filters as int8 codes, to be multiplied by
``conv1_1.scale`` (N,). A full checkpoint of VGG-19 has 550 MB, its convolutions 80: of a download,
only these are kept.
"""

import functools
import os.path
import zipfile
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save
from torch import Tensor

from nst.config import NetworkConfig
from nst.errors import InputError
from nst.files import ASSETS, sha256, write_files
from nst.inputs.download import fetch, kept_name
from nst.method.vgg import CONVOLUTIONS, TORCHVISION_INDEX, random_weights

Weights = dict[str, Tensor]


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
        return fetch(url, path, checksum, "network.path=FILE")
    mark = f"_{checksum[:16].lower()}" if checksum else ""  # of another file with this name
    kept = path.with_name(f"{path.stem}{mark}.safetensors")
    if kept.is_file():
        return kept
    copy = Path(torch.hub.get_dir()) / "checkpoints" / path.name  # where torchvision keeps it
    there = path.exists()
    source = copy if checksum and copy.is_file() and not there else path
    fetch(url, source, checksum, "network.path=FILE")
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


def read_weights(path: Path) -> Weights:
    """Read weights from a safetensors file or a state dict, without executing code in it.

    Keys are the paper's (``conv1_1.weight``) or torchvision's (``features.0.weight``). Raise
    `InputError` if the file is missing, damaged or of another architecture.
    """
    if not path.is_file():
        raise InputError(f"no weights at {path}: check network.path, or use network=embedded")
    safetensors = path.suffix == ".safetensors"
    try:
        state = read_safetensors(path) if safetensors else read_state_dict(path)
    except InputError:
        raise
    except Exception as error:  # damaged bytes can raise almost anything
        form = "safetensors" if safetensors else "what torch.save(model.state_dict(), FILE) writes"
        raise InputError(
            f"cannot read weights from {path}: it is damaged, or not {form}; replace or delete it"
        ) from error
    if not isinstance(state, Mapping):
        raise InputError(f"{path} holds a {type(state).__name__}, not a state dict of VGG-19")
    if not (weights := by_paper_names(state)):
        raise InputError(
            f"{path} has the keys {', '.join(repr(key)[:60] for key in list(state)[:2])} ..., "
            "not VGG-19's: conv1_1.weight ... or features.0.weight ..."
        )
    return check(weights, path)


def read_state_dict(path: Path) -> object:
    """Read what torch.save wrote; raise if it is damaged or holds more than data."""
    zipped = zipfile.is_zipfile(path)
    if zipped:  # torch does not verify its checksums
        with zipfile.ZipFile(path) as file:
            if damaged := file.testzip():
                raise ValueError(f"{damaged} has another checksum")
    # Memory-mapped: the classifier, most of 550 MB, is never read.
    return torch.load(path, map_location="cpu", weights_only=True, mmap=zipped)


def read_safetensors(path: Path) -> Weights:
    """Read the tensors of VGG-19's convolutions, and no others, from a safetensors file.

    Codes come multiplied by their scales.
    """
    with safe_open(path, "pt") as file:
        names = [name for name in [*file.keys()] if name.startswith(("conv", "features."))]
        state = {name: file.get_tensor(name) for name in names}
    for name in [name.removesuffix(".scale") for name in names if name.endswith(".scale")]:
        scale = state.pop(f"{name}.scale").reshape(-1, 1, 1, 1)
        state[f"{name}.weight"] = scale * state[f"{name}.weight"]
    return state


def in_eight_bits(weights: Weights) -> dict[str, Tensor]:
    """Quantize weights to int8 codes and a scale for each filter: a quarter of the bytes."""
    coded: dict[str, Tensor] = {}
    for name in CONVOLUTIONS:
        W, b = weights[f"{name}.weight"], weights[f"{name}.bias"]
        scale = W.abs().amax((1, 2, 3)).clamp(min=torch.finfo(W.dtype).tiny) / 127
        codes = (W / scale.reshape(-1, 1, 1, 1)).round().to(torch.int8)
        coded |= {f"{name}.weight": codes, f"{name}.scale": scale, f"{name}.bias": b}
    return coded


def by_paper_names(state: Mapping[str, Tensor]) -> Weights:
    """Return the convolutions of a state dict under the paper's names, in float32."""
    found = {}
    for name, index in TORCHVISION_INDEX.items():
        for part in ("weight", "bias"):
            for key in (f"{name}.{part}", f"features.{index}.{part}"):
                value = state.get(key)
                if isinstance(value, Tensor) and value.is_floating_point():
                    found[f"{name}.{part}"] = value.to(torch.float32, copy=True)  # not mapped
    return found


def check(weights: Weights, path: Path) -> Weights:
    """Return the weights; raise `InputError` unless they are finite and shaped as VGG-19's."""
    before = 3
    for name in CONVOLUTIONS:
        W, b = weights.get(f"{name}.weight"), weights.get(f"{name}.bias")
        if W is None or b is None:
            raise InputError(f"{path} has no {name}: not a VGG-19 without batch normalization")
        if W.shape[1:] != (before, 3, 3) or b.shape != W.shape[:1]:
            raise InputError(
                f"{path}: {name} is {tuple(W.shape)}, not (N, {before}, 3, 3): not a VGG-19"
            )
        if not (W.isfinite().all() and b.isfinite().all()):
            raise InputError(f"{path}: {name} holds values that are not finite")
        before = W.shape[0]
    return weights
