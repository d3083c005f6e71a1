"""3 x 3 convolutions, by the fastest float32 algorithm that torch has for the device.

On a CPU without AVX-512 that is Winograd's, of the NNPACK that torch's builds for PCs come with: a
third to a half of the multiplications of a plain convolution, and as exact (docs/speed.md).
Source: Lavin & Gray 2016, https://arxiv.org/abs/1509.09308.
"""

import functools
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

POSITIONS = 1500  # below, transforming the filters takes longer than it saves
CHANNELS = 16  # of an image: plain


def convolve(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """Convolve x (B, N, H, W) with filters (N', N, 3, 3), padded with zeros: (B, N', H, W).

    Differentiable in x. bfloat16 and devices other than the CPU are torch's to choose for.
    """
    if winograd_pays(x, weight):
        return Winograd.apply(x, weight, bias)
    x = x.contiguous(memory_format=layout(x.device, x.dtype))
    return F.conv2d(x, weight, bias, padding=1)


def layout(device: torch.device, dtype: torch.dtype) -> torch.memory_format:
    """Return the order in memory in which filters and responses are convolved fastest.

    oneDNN wants a position's channels side by side, and otherwise makes copies on its way.
    """
    fast = device.type == "cpu" and dtype == torch.float32 and has_avx512()
    side_by_side = fast or dtype == torch.bfloat16
    return torch.channels_last if side_by_side else torch.contiguous_format


def winograd_pays(x: Tensor, weight: Tensor) -> bool:
    """Return whether NNPACK can and should compute a convolution."""
    plain = x.device.type != "cpu" or x.dtype != torch.float32 or weight.requires_grad
    large = x.shape[2] * x.shape[3] >= POSITIONS and min(weight.shape[:2]) >= CHANNELS
    return not plain and large and nnpack_gains()


@functools.cache
def nnpack_gains() -> bool:
    """Return whether NNPACK is there and gains; plain convolutions by AVX-512 are as fast."""
    available = getattr(torch, "_nnpack_available", None)
    return bool(available and available()) and not has_avx512()


def has_avx512() -> bool:
    """Return whether torch computes with AVX-512 here."""
    return torch.backends.cpu.get_cpu_capability() == "AVX512"


class Winograd(torch.autograd.Function):
    """A convolution by NNPACK, and its gradient in x: the convolution with turned filters."""

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
