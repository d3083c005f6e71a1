"""Files of VGG-19 weights: read without executing code, and checked.

Weights are a dict: ``conv1_1.weight`` (N, N_prev, 3, 3), ``conv1_1.bias`` (N,), ... float32.
A file may hold filters as int8 codes, to be multiplied by ``conv1_1.scale`` (N,).
"""

import zipfile
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import safe_open
from torch import Tensor

from nst.errors import InputError
from nst.method.vgg import CONVOLUTIONS, TORCHVISION_INDEX

Weights = dict[str, Tensor]


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
