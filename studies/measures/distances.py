"""Distances of images from a source's content or style, in units of another image's distance.

They are 0 at the source and 1 as far away as the other image, whatever the network's scale.
"""

import torch
from torch import Tensor

from nst.method.losses import content_loss, gram_matrix, style_layer_loss, style_loss
from nst.method.vgg import VGG19

CONTENT_LAYER = "conv4_2"  # Fig 2
STYLE_LAYERS = ("conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1")  # Fig 2


class ContentDistance:
    """The square root of Eq. (1) at conv4_2.

    Args: a network; source and other, each (1, 3, H, W), as the images that are to be measured.
    """

    def __init__(self, network: VGG19, source: Tensor, other: Tensor) -> None:
        self.network = network
        self.P = self.response(source)
        self.unit = content_loss(self.response(other), self.P).item()

    @torch.no_grad()
    def response(self, x: Tensor) -> Tensor:
        """Return F of conv4_2."""
        return self.network(x, [CONTENT_LAYER])[CONTENT_LAYER]

    def __call__(self, x: Tensor) -> float:
        return (content_loss(self.response(x), self.P).item() / self.unit) ** 0.5


class StyleDistance:
    """The square root of Eq. (5) with conv1_1 ... conv5_1.

    Args: a network; source and other, each (1, 3, H, W) of any size.
    """

    def __init__(self, network: VGG19, source: Tensor, other: Tensor) -> None:
        self.network = network
        self.A = self.grams(source)
        self.unit = self.loss(other)

    @torch.no_grad()
    def grams(self, x: Tensor) -> dict[str, tuple[Tensor, int]]:
        """Return the Gram matrix and number of positions of each layer."""
        responses = self.network(x, STYLE_LAYERS)
        return {name: (gram_matrix(F), F[0, 0].numel()) for name, F in responses.items()}

    def loss(self, x: Tensor) -> float:
        """Return L_style, Eq. (5)."""
        E = []
        for name, (G, M) in self.grams(x).items():
            A, M_source = self.A[name]
            E.append(style_layer_loss(G, A, M, M_source))
        return style_loss(E, [1 / len(E)] * len(E)).item()

    def __call__(self, x: Tensor) -> float:
        return (self.loss(x) / self.unit) ** 0.5
