"""In which arithmetic convolutions are computed; losses and Gram matrices are always float32.

`float32` is the reference. `bfloat16` keeps 8 bits of every weight and response; `tf32` rounds what
enters a convolution on a GPU to 11. `auto` takes the fastest that the device has instructions for.
"""

import torch

from nst.errors import InputError

PRECISIONS = ("auto", "float32", "bfloat16", "tf32")
AMPERE = (8, 0)  # the first GPUs with TF32 and bfloat16


def choose_precision(name: str, device: torch.device) -> str:
    """The precision that ``auto`` stands for on a device; any other name as it is.

    Raises `InputError` for TF32 without a GPU.
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
    """Whether the processor multiplies bfloat16 by itself (AVX-512 BF16, AMX)."""
    capabilities: dict[str, bool] = getattr(torch.cpu, "get_capabilities", dict)()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))


def allow_tf32(precision: str) -> None:
    """Let cuDNN's convolutions round to TF32, or keep them from it: torch's own default does."""
    torch.backends.cudnn.allow_tf32 = precision == "tf32"


def response_type(precision: str) -> torch.dtype:
    """The type of weights and responses inside the network."""
    return torch.bfloat16 if precision == "bfloat16" else torch.float32
