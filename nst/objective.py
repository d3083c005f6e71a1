"""The loss of an image x: Eq. (7) against the targets P^l and A^l."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from nst.losses import (
    content_factor,
    content_loss,
    gram_matrix,
    style_factor,
    style_layer_loss,
    style_loss,
    total_loss,
)
from nst.vgg import VGG19


@dataclass
class Losses:
    """The loss of one batch, each term (B,): as in Eq. (7), and layer by layer.

    `content` and `style` are alpha L_content and beta L_style, which add up to `total`; `raw`
    holds L_content and E_l of each layer, `weighted` what each contributes to the total.
    """

    total: Tensor
    content: Tensor
    style: Tensor
    raw: dict[str, Tensor]
    weighted: dict[str, Tensor]


class Objective(torch.nn.Module):
    """L_total(x), Eq. (7), for images x (B, 3, H, W) in [0, 1].

    Args:
        network: gives F^l.
        photograph: (1, 3, H, W), of the size of x; not needed for alpha = 0.
        artwork: (1, 3, H', W'); not needed for beta = 0.
        alpha, beta: the weights of Eq. (7), in the units of `convention`.
        convention: ``authors`` or ``literal``; see docs/convention.md.
        balance: the network's own factor on alpha; 1 for VGG-19 (see the network's card).

    Example:
        >>> from nst.weights import random_weights
        >>> image = torch.rand(1, 3, 32, 32)
        >>> objective = Objective(VGG19(random_weights(1 / 8)), image, image, 1.0, 1.0,
        ...                       ["conv2_1"], ["conv1_1", "conv2_1"])
        >>> objective(image).total
        tensor([0.])
    """

    def __init__(
        self,
        network: VGG19,
        photograph: Tensor | None,
        artwork: Tensor | None,
        alpha: float,
        beta: float,
        content_layers: Sequence[str],
        style_layers: Sequence[str],
        convention: str = "authors",
        balance: float = 1.0,
    ) -> None:
        super().__init__()
        self.network = network
        self.alpha, self.beta, self.convention = balance * alpha, beta, convention
        self.content_layers = list(content_layers) if alpha else []
        self.style_layers = list(style_layers) if beta else []
        self.M_artwork: dict[str, int] = {}
        with torch.no_grad():
            self.set_targets(photograph, artwork)

    def set_targets(self, photograph: Tensor | None, artwork: Tensor | None) -> None:
        """Keep P^l of the photograph and the Gram matrices A^l of the artwork as buffers."""
        if self.content_layers:
            for name, P in self.network(photograph, self.content_layers).items():
                self.register_buffer(f"P_{name}", P)
        if self.style_layers:
            for name, F in self.network(artwork, self.style_layers).items():
                self.register_buffer(f"A_{name}", gram_matrix(F))
                self.M_artwork[name] = F[0, 0].numel()

    def forward(self, x: Tensor) -> Losses:
        """The loss of images x (B, 3, H, W), differentiable in x."""
        responses = self.network(x, [*self.content_layers, *self.style_layers])
        raw, weighted = {}, {}
        content = style = x.new_zeros(len(x))
        for name in self.content_layers:
            F = responses[name]
            alpha = self.alpha * content_factor(self.convention, *self.size(F))
            L = content_loss(F, self.get_buffer(f"P_{name}"))
            raw[f"content_{name}"], weighted[f"content_{name}"] = L, alpha * L
            content = content + alpha * L
        if self.style_layers:
            beta, w = self.beta * style_factor(self.convention), 1 / len(self.style_layers)
            E = {name: self.style_layer(name, responses[name]) for name in self.style_layers}
            for name, E_l in E.items():
                raw[f"style_{name}"], weighted[f"style_{name}"] = E_l, beta * w * E_l
            style = beta * style_loss(list(E.values()), [w] * len(E))
        return Losses(total_loss(content, style, 1.0, 1.0), content, style, raw, weighted)

    def style_layer(self, name: str, F: Tensor) -> Tensor:
        """E_l, Eq. (4), of one layer's responses."""
        A = self.get_buffer(f"A_{name}")
        return style_layer_loss(gram_matrix(F), A, self.size(F)[1], self.M_artwork[name])

    @staticmethod
    def size(F: Tensor) -> tuple[int, int]:
        """N_l and M_l."""
        return F.shape[1], F.shape[2] * F.shape[3]
