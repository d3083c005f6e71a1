"""VGG-19 with batch normalization and what reads it; folded into plain convolutions afterwards."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nst.method.vgg import CHANNELS, CONVOLUTIONS, stride
from nst.training.readouts import ORIENTATIONS


class TrainingVGG(nn.Module):
    """VGG-19's convolutions with batch normalization and average pooling, and what reads them."""

    def __init__(self, width: float, classes: int, instances: int, readouts: list[str]) -> None:
        super().__init__()
        self.convs, self.norms = nn.ModuleDict(), nn.ModuleDict()
        channels, before = {}, 3
        for name in CONVOLUTIONS:
            channels[name] = round(width * CHANNELS[int(name[4]) - 1])
            conv = nn.Conv2d(before, channels[name], 3, padding=1, bias=False)
            nn.init.kaiming_normal_(conv.weight)
            self.convs[name] = conv
            self.norms[name] = nn.BatchNorm2d(channels[name], momentum=0.05)
            before = channels[name]
        self.by_class = nn.Linear(before, classes)
        self.by_instance = nn.Linear(before, instances)
        self.pixels = nn.ModuleDict()
        self.energies = nn.ModuleDict()
        for name in readouts:
            octaves = int(math.log2(stride(name)))
            self.pixels[name] = nn.Conv2d(channels[name], 3 * stride(name) ** 2, 1)
            self.energies[name] = nn.Conv2d(channels[name], 3 * ORIENTATIONS * octaves, 1)

    def forward(self, x: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """Pooled features (B, N) and the responses of the layers that are read out."""
        responses = {}
        for name in CONVOLUTIONS:
            if name.endswith("_1") and name != "conv1_1":
                x = F.avg_pool2d(x, 2)
            x = F.relu(self.norms[name](self.convs[name](x)))
            if name in self.pixels:
                responses[name] = x
        return x.mean((2, 3)), responses


@torch.no_grad()
def fold(net: TrainingVGG) -> dict[str, Tensor]:
    """The convolutions with their batch normalization folded in: conv1_1.weight, ... (float32)."""
    weights = {}
    for name in CONVOLUTIONS:
        norm, conv = net.norms[name], net.convs[name]
        assert isinstance(norm, nn.BatchNorm2d)
        assert isinstance(conv, nn.Conv2d)
        assert norm.running_var is not None
        assert norm.running_mean is not None
        gain = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        weights[f"{name}.weight"] = conv.weight * gain[:, None, None, None]
        weights[f"{name}.bias"] = norm.bias - norm.running_mean * gain
    return {key: value.detach().float().contiguous() for key, value in weights.items()}
