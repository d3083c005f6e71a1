"""The convolutional part of VGG-19, addressed by the paper's layer names.

``conv4_2`` always means the *rectified* response of that convolution: the paper's F^l.
Source: Simonyan & Zisserman 2015, https://arxiv.org/abs/1409.1556, configuration E.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nst.convolution import convolve
from nst.errors import InputError

BLOCKS = (2, 2, 4, 4, 4)  # convolutions before each of the five poolings
CHANNELS = (64, 128, 256, 512, 512)  # N_l of each block at full width
LAYERS = tuple(
    name
    for block, count in enumerate(BLOCKS, 1)
    for name in (*(f"conv{block}_{i}" for i in range(1, count + 1)), f"pool{block}")
)
CONVOLUTIONS = tuple(name for name in LAYERS if name.startswith("conv"))
# Index of each convolution in torchvision's ``vgg19().features``, where a ReLU follows each
# convolution and a pooling ends each block.
TORCHVISION_INDEX = {name: LAYERS.index(name) + CONVOLUTIONS.index(name) for name in CONVOLUTIONS}
MINIMUM_PIXELS = 16  # below, four poolings leave conv5_1 without a single position


def check_layers(names: Iterable[str], setting: str) -> None:
    """Raise `InputError`, listing the valid names, if a name is not a layer of VGG-19."""
    for name in names:
        if name not in LAYERS:
            raise InputError(f"{setting}: no layer {name!r} in VGG-19: use {', '.join(LAYERS)}")


def deepest(names: Iterable[str]) -> str:
    """Return the layer of `names` that comes last in the network."""
    return max(names, key=LAYERS.index)


def layers_up_to(deepest: str) -> tuple[str, ...]:
    """Return every layer from conv1_1 to `deepest`, in order."""
    return LAYERS[: LAYERS.index(deepest) + 1]


def channels(width: float) -> dict[str, int]:
    """Return N_l of each layer, poolings included; `width` is relative to VGG-19's."""
    return {name: max(1, round(width * CHANNELS[int(name[4]) - 1])) for name in LAYERS}


def stride(layer: str) -> int:
    """Return the distance in pixels between a layer's neighbouring positions: 1, 2, ..., 32."""
    block = int(layer.removeprefix("conv").removeprefix("pool")[0])
    return 2 ** (block if layer.startswith("pool") else block - 1)


def random_weights(width: float = 1.0, seed: int = 0) -> dict[str, Tensor]:
    """Return random weights of VGG-19 with zero biases; `width` scales its channels.

    Each filter is white noise, centred and scaled to unit norm. Centring cancels what all inputs
    have in common (rectified responses are never negative); without it some filters hardly ever
    respond. Source: scaled weight standardization, Brock et al. 2021,
    https://arxiv.org/abs/2101.08692, section 4, with its gain for rectified units.
    """
    generator = torch.Generator().manual_seed(seed)
    weights: dict[str, Tensor] = {}
    before = 3
    gain, N = (2 / (1 - 1 / math.pi)) ** 0.5, channels(width)
    for name in CONVOLUTIONS:
        W = torch.randn((N[name], before, 3, 3), generator=generator)
        W = W - W.mean((1, 2, 3), keepdim=True)
        weights[f"{name}.weight"] = gain * W / W.square().sum((1, 2, 3), keepdim=True).sqrt()
        weights[f"{name}.bias"] = torch.zeros(N[name])
        before = N[name]
    return weights


@dataclass(frozen=True)
class Preprocessing:
    """From RGB in [0, 1] to the network's input: ``(scale * x[channels] - mean) / std``.

    `mean` and `std` are in the network's order of channels and after scaling, as in each source.
    """

    scale: float = 1.0
    mean: tuple[float, ...] = (0.0, 0.0, 0.0)
    std: tuple[float, ...] = (1.0, 1.0, 1.0)
    bgr: bool = False

    def __call__(self, x: Tensor) -> Tensor:
        if self.bgr:
            x = x.flip(1)
        mean, std = (per_channel(v, x.dtype, x.device) for v in (self.mean, self.std))
        return (self.scale * x - mean) / std


@cache
def per_channel(values: tuple[float, ...], dtype: torch.dtype, device: torch.device) -> Tensor:
    """Return values as (1, C, 1, 1), cached, as copying to a device makes an evaluation wait."""
    return torch.tensor(values, dtype=dtype, device=device).view(1, -1, 1, 1)


class VGG19(nn.Module):
    """VGG-19's rectified responses F^l.

    Computed in the type of the weights (``.to(torch.bfloat16)`` changes it), returned in float32 at
    least.

    Args:
        weights: ``conv1_1.weight`` (N, N_prev, 3, 3), ``conv1_1.bias`` (N,), ...; of any width, at
            least up to `deepest`.
        preprocessing: that of the network's training; the network takes RGB in [0, 1].
        pooling: ``average`` (the paper's) or ``max`` (as VGG-19 was trained).
        deepest: the last layer that is kept and can be computed.

    Example:
        >>> network = VGG19(random_weights(width=1 / 8), deepest="conv2_1")
        >>> network(torch.rand(1, 3, 32, 48), ["conv1_1", "conv2_1"])["conv2_1"].shape
        torch.Size([1, 16, 16, 24])
    """

    def __init__(
        self,
        weights: Mapping[str, Tensor],
        preprocessing: Preprocessing | None = None,
        pooling: str = "average",
        deepest: str = "conv5_4",
    ) -> None:
        super().__init__()
        if pooling not in ("average", "max"):
            raise ValueError(f"unknown pooling {pooling!r}; use average or max")
        self.layers = layers_up_to(deepest)
        self.preprocessing = preprocessing or Preprocessing()
        pool = F.avg_pool2d if pooling == "average" else F.max_pool2d
        # Ceil mode, as in Caffe: otherwise the last rows and columns would be ignored.
        self.pool = partial(pool, kernel_size=2, ceil_mode=True)
        for name in self.layers:
            if name.startswith("conv"):
                for part in ("weight", "bias"):
                    self.register_buffer(f"{name}_{part}", weights[f"{name}.{part}"].clone())

    def convolve(self, name: str, x: Tensor) -> Tensor:
        """Return a convolution's response before rectification, padded with zeros."""
        return convolve(x, self.get_buffer(f"{name}_weight"), self.get_buffer(f"{name}_bias"))

    def forward(self, x: Tensor, layers: Iterable[str]) -> dict[str, Tensor]:
        """Return responses of `layers` to images x (B, 3, H, W) in [0, 1]: name -> (B, N, H', W').

        Raises `ValueError` for a name that is unknown or deeper than the network was built.
        """
        wanted = set(layers)
        if missing := sorted(wanted - set(self.layers)):
            raise ValueError(f"the network ends at {self.layers[-1]}, before {missing[0]!r}")
        responses: dict[str, Tensor] = {}
        x = self.preprocessing(x)
        dtype = self.get_buffer("conv1_1_weight").dtype
        x = x.to(dtype)
        handed_out = torch.promote_types(dtype, torch.float32)
        for name in self.layers:
            # In place on the convolution's output, which nothing else holds; never on a response.
            x = self.pool(x) if name.startswith("pool") else F.relu_(self.convolve(name, x))
            if name in wanted:
                responses[name] = x.to(handed_out)
            if len(responses) == len(wanted):
                break
        return responses
