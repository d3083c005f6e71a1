"""3 x 3 convolutions by the fastest float32 algorithm that torch has for the device.

On a CPU without AVX-512 that is Winograd's, in the NNPACK that torch's builds for PCs include: a
third to a half of the multiplications of a plain convolution, at the same accuracy (docs/speed.md).
Source: Lavin & Gray 2016, https://arxiv.org/abs/1509.09308.
"""

import functools
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

POSITIONS = 1500  # with fewer, transforming the filters takes longer than it saves
CHANNELS = 16  # with fewer, a plain convolution is as fast


def convolve(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """Convolve x (B, N, H, W) with filters (N', N, 3, 3), padded with zeros: (B, N', H, W).

    Differentiable in x. For bfloat16, and on other devices than the CPU, torch chooses.
    """
    if winograd_pays(x, weight):
        return Winograd.apply(x, weight, bias)
    x = x.contiguous(memory_format=layout(x.device, x.dtype))
    return F.conv2d(x, weight, bias, padding=1)


def layout(device: torch.device, dtype: torch.dtype) -> torch.memory_format:
    """Return the memory layout in which filters and responses are convolved fastest.

    oneDNN needs a position's channels side by side, and otherwise copies.
    """
    fast = device.type == "cpu" and dtype == torch.float32 and has_avx512()
    side_by_side = fast or dtype == torch.bfloat16
    return torch.channels_last if side_by_side else torch.contiguous_format


def winograd_pays(x: Tensor, weight: Tensor) -> bool:
    """Return whether NNPACK can compute a convolution, and faster."""
    plain = x.device.type != "cpu" or x.dtype != torch.float32 or weight.requires_grad
    large = x.shape[2] * x.shape[3] >= POSITIONS and min(weight.shape[:2]) >= CHANNELS
    return not plain and large and nnpack_gains()


@functools.cache
def nnpack_gains() -> bool:
    """Return whether NNPACK exists and is faster; with AVX-512, plain convolutions are as fast."""
    available = getattr(torch, "_nnpack_available", None)
    return bool(available and available()) and not has_avx512()


def has_avx512() -> bool:
    """Return whether torch computes with AVX-512 here."""
    return torch.backends.cpu.get_cpu_capability() == "AVX512"


class Winograd(torch.autograd.Function):
    """A convolution by NNPACK; its gradient in x is one with the filters rotated."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        ctx.save_for_backward(weight)
        return torch._nnpack_spatial_convolution(x.contiguous(), weight, bias, [1, 1])

    @staticmethod
    def backward(ctx: Any, dy: Tensor) -> tuple[Tensor, None, None]:
        (weight,) = ctx.saved_tensors
        turned = weight.flip(2, 3).transpose(0, 1).contiguous()
        dx = torch._nnpack_spatial_convolution(dy.contiguous(), turned, None, [1, 1])
        return dx, None, None
