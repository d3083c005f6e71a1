"""Files of VGG-19 weights: read without executing anything, checked, and written whole.

Weights are a dict: ``conv1_1.weight`` (N, N_prev, 3, 3), ``conv1_1.bias`` (N,), ... float32.
A file may hold filters as 8-bit codes, int8, which ``conv1_1.scale`` (N,) multiplies.
"""

import hashlib
import zipfile
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save
from torch import Tensor

from nst.errors import InputError
from nst.files import write_files
from nst.method.vgg import CONVOLUTIONS, TORCHVISION_INDEX

Weights = dict[str, Tensor]


def read_weights(path: Path) -> Weights:
    """Read weights from a safetensors file or a state dict; no code in it is ever executed.

    The keys may be the paper's names (``conv1_1.weight``) or torchvision's (``features.0.weight``).
    Raise `InputError` if the file is missing, truncated, or of another architecture.
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
            f"cannot read weights from {path}: it is damaged, or not {form}; supply the file again"
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
    if zipped:  # torch does not compare its checksums
        with zipfile.ZipFile(path) as file:
            if damaged := file.testzip():
                raise ValueError(f"{damaged} has another checksum")
    # Mapped: of a file of 550 MB, the classifier is never read into memory.
    return torch.load(path, map_location="cpu", weights_only=True, mmap=zipped)


def read_safetensors(path: Path) -> Weights:
    """Read the tensors of VGG-19's convolutions in a safetensors file, and nothing else.

    Raise `InputError` if the file states a digest of its tensors and they have another.
    """
    with safe_open(path, "pt") as file:
        stated = (file.metadata() or {}).get("digest")
        names = list(file.keys())
        wanted = [name for name in names if name.startswith(("conv", "features."))]
        state = {name: file.get_tensor(name) for name in wanted}
    if stated and digest(state) != stated:
        raise InputError(f"{path} is damaged: delete it; a download is repeated then")
    return from_eight_bits(state)


def in_eight_bits(weights: Weights) -> dict[str, Tensor]:
    """Quantize weights to a quarter of the bytes: each filter in 255 steps."""
    coded: dict[str, Tensor] = {}
    for name in CONVOLUTIONS:
        W, b = weights[f"{name}.weight"], weights[f"{name}.bias"]
        scale = W.abs().amax((1, 2, 3)).clamp(min=torch.finfo(W.dtype).tiny) / 127
        codes = (W / scale.reshape(-1, 1, 1, 1)).round().to(torch.int8)
        coded |= {f"{name}.weight": codes, f"{name}.scale": scale, f"{name}.bias": b}
    return coded


def from_eight_bits(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Multiply the codes among a file's tensors by their scales."""
    for name in [key.removesuffix(".scale") for key in state if key.endswith(".scale")]:
        scale = state.pop(f"{name}.scale").reshape(-1, 1, 1, 1)
        state[f"{name}.weight"] = scale * state[f"{name}.weight"]
    return state


def read_metadata(path: Path) -> dict[str, str]:
    """Return the metadata that `write_weights` put in a file; empty for other or damaged files."""
    try:
        with safe_open(path, "pt") as file:
            return dict(file.metadata() or {})
    except Exception:  # damaged bytes can raise almost anything
        return {}


def write_weights(path: Path, weights: Weights, notes: dict[str, str]) -> None:
    """Write tensors atomically, with metadata and the digest by which they are checked."""
    contents = save(weights, metadata=notes | {"digest": digest(weights)})
    write_files(path.parent, {path.name: contents})


def digest(tensors: Mapping[str, Tensor]) -> str:
    """Return a SHA-256 of names, shapes and values of tensors, the same in every file format."""
    total = hashlib.sha256()
    for name in sorted(tensors):
        tensor = tensors[name].contiguous()
        total.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        total.update(tensor.numpy().data)
    return total.hexdigest()


def by_paper_names(state: Mapping[str, Tensor]) -> Weights:
    """Return the convolutions of a state dict under the paper's names, in float32."""
    found = {}
    for name, index in TORCHVISION_INDEX.items():
        for part in ("weight", "bias"):
            for key in (f"{name}.{part}", f"features.{index}.{part}"):
                value = state.get(key)
                if isinstance(value, Tensor) and value.is_floating_point():
                    found[f"{name}.{part}"] = value.to(torch.float32, copy=True)  # of no file
    return found


def check(weights: Weights, path: Path) -> Weights:
    """Raise `InputError` unless the weights are finite and chain as VGG-19's convolutions."""
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
