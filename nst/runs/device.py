"""Where and in which arithmetic a run is computed, and how its process is set up for it.

Convolutions may be computed in another precision than float32; losses and Gram matrices never are.
`float32` is the reference. `bfloat16` keeps 8 bits of every weight and response; `tf32` rounds what
enters a convolution on a GPU to 11. `auto` is the fastest that the device has instructions for.
"""

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from nst.errors import InputError

AMPERE = (8, 0)  # the first GPUs with TF32 and bfloat16
# Names and numbers of glibc's malloc.h; https://man7.org/linux/man-pages/man3/mallopt.3.html
M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_MAX = -1, -2, -4
LARGEST = 2**31 - 1
PAD = 64 * 2**20


def prepare_process(precision: str = "float32") -> None:
    """Set up the process for runs: its memory, and cuDNN.

    For entry points: it changes what other code in the process sees. A run sets its own precision.
    """
    keep_freed_memory()
    torch.backends.cudnn.deterministic = True  # a resumed run has the bytes of one that was not
    torch.backends.cudnn.allow_tf32 = precision == "tf32"  # torch's own default is to allow it


@contextmanager
def convolving(precision: str) -> Iterator[None]:
    """Let cuDNN round to TF32 if that is the precision, and only then: torch's default is to."""
    before = torch.backends.cudnn.allow_tf32
    torch.backends.cudnn.allow_tf32 = precision == "tf32"
    try:
        yield
    finally:
        torch.backends.cudnn.allow_tf32 = before


def precision_in_force(weight: Tensor) -> str:
    """Return the precision in which a convolution with these filters is computed now."""
    if weight.dtype == torch.bfloat16:
        return "bfloat16"
    rounds = weight.is_cuda and torch.backends.cudnn.enabled and torch.backends.cudnn.allow_tf32
    modern = weight.is_cuda and torch.cuda.get_device_capability(weight.device) >= AMPERE
    return "tf32" if rounds and modern else "float32"


def choose_device(name: str) -> torch.device:
    """Return the device of that name; ``auto`` is the first of cuda, mps and cpu that is there."""
    cuda, mps = torch.cuda.is_available(), torch.backends.mps.is_available()
    counts = {"cuda": torch.cuda.device_count() if cuda else 0, "mps": int(mps), "cpu": 1}
    there = [kind for kind, count in counts.items() if count]
    if name == "auto":
        return torch.device(there[0])
    kind, colon, index = name.partition(":")
    if kind not in there or (colon and index not in map(str, range(counts[kind]))):
        raise InputError(f"device={name} is not available here: use auto, {', '.join(there)}")
    return torch.device(name)


def choose_precision(name: str, device: torch.device) -> str:
    """Return the precision that ``auto`` stands for on a device; any other name as it is.

    Raise `InputError` for TF32 without a GPU.
    """
    if name == "tf32" and device.type != "cuda":
        raise InputError(f"precision=tf32 needs a GPU, not {device}: use auto or float32")
    if name != "auto":
        return name
    if device.type == "cpu":
        return "bfloat16" if cpu_has_bfloat16() else "float32"
    if device.type == "cuda" and torch.cuda.get_device_capability(device) >= AMPERE:
        return "tf32"
    return "float32"


def cpu_has_bfloat16() -> bool:
    """Return whether the processor multiplies bfloat16 by itself (AVX-512 BF16, AMX)."""
    capabilities: dict[str, bool] = getattr(torch.cpu, "get_capabilities", dict)()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))


def response_type(precision: str) -> torch.dtype:
    """Return the type of weights and responses inside the network."""
    return torch.bfloat16 if precision == "bfloat16" else torch.float32


def keep_freed_memory() -> bool:
    """Let the process keep what it frees, and use it again; return whether the C library can.

    An evaluation allocates every response and frees it. glibc gives large ones back to the system
    at once, and the next evaluation waits for the system to clear them: a sixth of the time of
    plain code at 256 px, and more at larger sizes (docs/speed.md).
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    settings = ((M_MMAP_MAX, 0), (M_TRIM_THRESHOLD, LARGEST), (M_TOP_PAD, PAD))
    return mallopt is not None and all(mallopt(name, value) for name, value in settings)
