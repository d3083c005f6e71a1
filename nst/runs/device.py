"""The device and precision of a run, and the setup of its process.

Convolutions may be computed in less than float32; losses and Gram matrices never are. `float32` is
the reference, `bfloat16` keeps 8 bits of each weight and response, `tf32` rounds the inputs of a
convolution on a GPU to 11. `auto` is the fastest that the device has instructions for.
"""

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from nst.errors import InputError

AMPERE = (8, 0)  # the first GPUs with TF32 and bfloat16
# Names and numbers of glibc's malloc.h; https://man7.org/linux/man-pages/man3/mallopt.3.html
M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_MAX = -1, -2, -4
LARGEST = 2**31 - 1
PAD = 64 * 2**20


def prepare_process(precision: str = "float32") -> None:
    """Set up memory and cuDNN for the whole process; for entry points."""
    keep_freed_memory()
    torch.backends.cudnn.deterministic = True  # so that a resumed run ends with the same bytes
    torch.backends.cudnn.allow_tf32 = precision == "tf32"  # torch allows it by default


@contextmanager
def convolving(precision: str) -> Iterator[None]:
    """Let cuDNN round to TF32 only if that is the precision."""
    before = torch.backends.cudnn.allow_tf32
    torch.backends.cudnn.allow_tf32 = precision == "tf32"
    try:
        yield
    finally:
        torch.backends.cudnn.allow_tf32 = before


def choose_device(name: str) -> torch.device:
    """Return the device of a name; ``auto`` is the first of cuda, mps and cpu that exists."""
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
    """Return the precision that ``auto`` means on a device, or any other name as it is.

    Raise `InputError` for TF32 on a device that has none.
    """
    has_tf32 = device.type == "cuda" and torch.cuda.get_device_capability(device) >= AMPERE
    if name == "tf32" and not has_tf32:
        raise InputError(f"precision=tf32 needs a recent GPU, not {device}: use auto or float32")
    if name != "auto":
        return name
    has_bfloat16 = device.type == "cpu" and cpu_has_bfloat16()
    return "tf32" if has_tf32 else "bfloat16" if has_bfloat16 else "float32"


def cpu_has_bfloat16() -> bool:
    """Return whether the processor multiplies bfloat16 natively (AVX-512 BF16, AMX)."""
    capabilities: dict[str, bool] = getattr(torch.cpu, "get_capabilities", dict)()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))


def response_type(precision: str) -> torch.dtype:
    """Return the type of weights and responses inside the network."""
    return torch.bfloat16 if precision == "bfloat16" else torch.float32


def keep_freed_memory() -> bool:
    """Let the process reuse the memory that it frees; return whether the C library can.

    An evaluation allocates and frees every response. glibc returns large blocks to the system at
    once, and the next evaluation waits until the system has cleared new ones: a sixth of the time
    of plain code at 256 px, more at larger sizes (docs/speed.md).
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    settings = ((M_MMAP_MAX, 0), (M_TRIM_THRESHOLD, LARGEST), (M_TOP_PAD, PAD))
    return mallopt is not None and all(mallopt(name, value) for name, value in settings)
