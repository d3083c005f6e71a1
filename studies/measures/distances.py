"""Distances of images from a source's content or style, in units of another image's distance.

They are 0 at the source and 1 as far away as the other image, whatever the network's scale.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from nst.method.objective import Objective
from nst.method.vgg import VGG19

CONTENT_LAYERS = ["conv4_2"]  # Fig 2
STYLE_LAYERS = ["conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1"]  # Fig 2

Distance = Callable[[Tensor], float]


def content_distance(network: VGG19, source: Tensor, other: Tensor) -> Distance:
    """Return the square root of Eq. (1) at conv4_2.

    Args: a network; source and other, each (1, 3, H, W), as the images that are to be measured.
    """
    return relative(Objective(network, source, None, 1.0, 0.0, CONTENT_LAYERS, []), other)


def style_distance(network: VGG19, source: Tensor, other: Tensor) -> Distance:
    """Return the square root of Eq. (5) with conv1_1 ... conv5_1.

    Args: a network; source and other, each (1, 3, H, W) of any size.
    """
    return relative(Objective(network, None, source, 0.0, 1.0, [], STYLE_LAYERS), other)


def relative(objective: Objective, other: Tensor) -> Distance:
    """Return the square root of an objective, in units of its value at another image."""

    @torch.no_grad()
    def loss(x: Tensor) -> float:
        return objective(x).total.item()

    unit = loss(other)
    return lambda x: (loss(x) / unit) ** 0.5
