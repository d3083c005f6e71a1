"""The student: its responses, differentiable in its weights, and metadata on its filters."""

from dataclasses import dataclass, field

import torch.nn.functional as F
from torch import Tensor

from nst.convolution import convolve
from nst.inputs.weightfiles import Weights
from nst.method.vgg import CONVOLUTIONS, Preprocessing

# Oxford's VGG-19, the teacher; the student takes it over.
PREPROCESSING = Preprocessing(255.0, (103.939, 116.779, 123.68), bgr=True)
DEEPEST_USED = "conv5_1"  # by the paper


@dataclass
class Student:
    """Weights, and for each convolution the teacher's filters that it learns and their strength.

    `squares` holds the mean square of the chosen filters' rectified responses.
    """

    weights: Weights = field(default_factory=dict)
    chosen: dict[str, list[int]] = field(default_factory=dict)
    squares: dict[str, float] = field(default_factory=dict)


def opens_block(name: str) -> bool:
    """Tell whether a pooling comes before the convolution."""
    return name.endswith("_1") and name != "conv1_1"


def pool(x: Tensor) -> Tensor:
    """Pool by average, rounded up as in `nst.method.vgg`: (B, N, H, W) -> (B, N, H', W')."""
    return F.avg_pool2d(x, 2, ceil_mode=True)


def rectified(weights: Weights, x: Tensor) -> dict[str, Tensor]:
    """Return all convolutions' rectified responses to x (B, 3, H, W): (B, N, H', W')."""
    responses = {}
    x = PREPROCESSING(x)
    for name in CONVOLUTIONS:
        x = pool(x) if opens_block(name) else x
        x = F.relu(convolve(x, weights[f"{name}.weight"], weights[f"{name}.bias"]))
        responses[name] = x
    return responses
