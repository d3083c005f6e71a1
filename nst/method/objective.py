"""The loss of an image x, Eq. (7), for the targets P^l of a photograph and A^l of artworks."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from nst.method.losses import (
    content_loss,
    gram_matrix,
    guided_gram_matrix,
    style_layer_loss,
    style_loss,
    total_loss,
    total_variation,
)
from nst.method.pixels import to_grey
from nst.method.vgg import VGG19, stride


@dataclass
class Artwork:
    """An artwork (1, 3, H', W'), its weight among others, and where in the image it paints.

    `mask` (1, 1, H, W) has the image's size and values from 0, where the artwork does not paint, to
    1, where it does; not all 0. None paints everywhere. The artwork itself is not masked.
    """

    image: Tensor
    weight: float = 1.0
    mask: Tensor | None = None


class StyleTarget(torch.nn.Module):
    """The target of E_l, Eq. (4), for one artwork.

    A^l and, if the artwork has a mask, guides T^l are buffers ``A_conv1_1``, ``T_conv1_1``, ...
    """

    def __init__(self, network: VGG19, artwork: Artwork, layers: Sequence[str]) -> None:
        super().__init__()
        self.masked = artwork.mask is not None
        self.M: dict[str, int] = {}  # positions of the artwork
        for name, S in network(artwork.image, layers).items():
            self.register_buffer(f"A_{name}", gram_matrix(S))
            self.M[name] = S[0, 0].numel()
            if artwork.mask is not None:
                self.register_buffer(f"T_{name}", guide(artwork.mask, name))

    def loss(self, name: str, R: Tensor, G: Tensor | None) -> Tensor:
        """Return E_l of responses R (B, N, H, W) with Gram matrix G, not used with a mask."""
        if G is None or self.masked:
            G = guided_gram_matrix(R, self.get_buffer(f"T_{name}"))
        return style_layer_loss(G, self.get_buffer(f"A_{name}"), R[0, 0].numel(), self.M[name])


def guide(mask: Tensor, layer: str) -> Tensor:
    """Return T^l of a mask (1, 1, H, W): its mean over the pixels of each position of a layer.

    Example:
        >>> guide(torch.tensor([[[[1.0, 0.0, 1.0, 1.0, 0.5]]]]), "conv2_1")
        tensor([[[[0.5000, 1.0000, 0.5000]]]])
    """
    return F.avg_pool2d(mask, stride(layer), ceil_mode=True)


@dataclass
class Losses:
    """The loss of a batch, each term (B,): the terms of Eq. (7), and each layer's.

    `content` and `style` are alpha L_content and beta L_style, which add up to `total`, with the
    total variation if it has a weight. `raw` holds each layer's L_content or E_l (for several
    artworks, their weighted sum) and the variation, `weighted` what each adds to the total.
    """

    total: Tensor
    content: Tensor
    style: Tensor
    raw: dict[str, Tensor]
    weighted: dict[str, Tensor]


class Objective(torch.nn.Module):
    """L_total(x), Eq. (7), for images x (B, 3, H, W) in [0, 1].

    Args:
        network: computes F^l.
        photograph: (1, 3, H, W), of the size of x; not needed if alpha = 0 and scaling is literal.
        artwork: (1, 3, H', W'), or several `Artwork`, whose weights are divided by their sum; not
            needed if beta = 0.
        alpha, beta: the weights of Eq. (7), in the units of `loss_scaling`.
        loss_scaling: ``literal``, Eq. (7) as printed; ``relative``, each layer's responses in units
            of their root mean square over the photograph; or ``normalized``, responses as they are,
            for a network with normalized filters: see docs/loss-scaling.md.
        style_weights: w_l of Eq. (5), one for each style layer; None: 1 / their number.
        tv_weight: the weight of `total_variation`; not in the paper.
        grey: whether to remove colour from x first; not in the paper.
        content_scale: a factor of alpha, unless literal.

    Example:
        >>> from nst.method.vgg import random_weights
        >>> image = torch.rand(1, 3, 32, 32)
        >>> objective = Objective(VGG19(random_weights(1 / 8)), image, image, 1.0, 1.0,
        ...                       ["conv2_1"], ["conv1_1", "conv2_1"])
        >>> objective(image).total
        tensor([0.])
    """

    styles: Sequence[StyleTarget]  # of the artworks
    factor = 1.0  # of alpha, while a continuation lets content count more
    opening = False  # whether the first style layer stands for all of them

    def __init__(
        self,
        network: VGG19,
        photograph: Tensor | None,
        artwork: Tensor | Sequence[Artwork] | None,
        alpha: float,
        beta: float,
        content_layers: Sequence[str],
        style_layers: Sequence[str],
        loss_scaling: str = "literal",
        style_weights: Sequence[float] | None = None,
        tv_weight: float = 0.0,
        grey: bool = False,
        content_scale: float = 1.0,
    ) -> None:
        super().__init__()
        self.network, self.tv_weight, self.grey = network, tv_weight, grey
        self.loss_scaling = loss_scaling
        self.alpha, self.beta = alpha * (content_scale if loss_scaling != "literal" else 1.0), beta
        self.content_layers = list(content_layers) if self.alpha else []
        self.style_layers = list(style_layers) if beta else []
        count = len(self.style_layers)
        self.w = list(style_weights or [1 / max(1, count)] * count) if beta else []
        artworks = [Artwork(artwork)] if isinstance(artwork, Tensor) else list(artwork or [])
        with torch.no_grad():
            self.set_targets(photograph, artworks)
            self.set_units(photograph)

    def set_targets(self, photograph: Tensor | None, artworks: Sequence[Artwork]) -> None:
        """Compute the targets: P^l of the photograph, as buffers, and those of artworks."""
        if self.content_layers:
            for name, P in self.network(photograph, self.content_layers).items():
                self.register_buffer(f"P_{name}", P)
        artworks = artworks if self.style_layers else []
        styles = [StyleTarget(self.network, artwork, self.style_layers) for artwork in artworks]
        self.styles = torch.nn.ModuleList(styles)  # type: ignore[assignment]
        whole = sum(artwork.weight for artwork in artworks)
        self.blend = [artwork.weight / whole for artwork in artworks]

    def set_units(self, photograph: Tensor | None) -> None:
        """Compute what raw losses are divided by, unless literal; 1 if nothing responds."""
        self.units: dict[str, float] = {}
        if self.loss_scaling == "literal":
            return
        assert photograph is not None
        used = {*self.content_layers, *self.style_layers}
        squares = dict.fromkeys(used, 1.0)
        if self.loss_scaling == "relative":
            responses = self.network(photograph, used)
            squares = {name: F.square().mean().item() or 1.0 for name, F in responses.items()}
        pixels = photograph[0, 0].numel()
        for name in self.content_layers:
            N_M = self.get_buffer(f"P_{name}").numel()
            self.units[f"content_{name}"] = 0.5 * N_M * squares[name] * pixels
        for name in self.style_layers:
            self.units[f"style_{name}"] = squares[name] ** 2

    def forward(self, x: Tensor) -> Losses:
        """Return the loss of images x (B, 3, H, W), differentiable in x."""
        if self.grey:
            x = to_grey(x)
        responses = self.network(x, [*self.content_layers, *self.style_layers])
        raw = {}
        for name in self.content_layers:
            raw[f"content_{name}"] = content_loss(responses[name], self.get_buffer(f"P_{name}"))
        for name in self.style_layers:
            raw[f"style_{name}"] = self.style_layer(name, responses[name])
        scaled = {name: loss / self.units.get(name, 1.0) for name, loss in raw.items()}
        none = x.new_zeros(len(x))
        L_content = sum((scaled[f"content_{name}"] for name in self.content_layers), none)
        E = [scaled[f"style_{name}"] for name in self.style_layers]
        w = [float(k == 0) for k in range(len(E))] if self.opening else self.w
        L_style = style_loss(E, w) if E else none
        alpha = self.factor * self.alpha
        total = total_loss(L_content, L_style, alpha, self.beta)
        weights = [alpha] * len(self.content_layers) + [self.beta * w_l for w_l in w]
        weighted = {n: weight * scaled[n] for n, weight in zip(raw, weights, strict=True)}
        if self.tv_weight:
            raw["variation"] = total_variation(x)
            weighted["variation"] = self.tv_weight * raw["variation"]
            total = total + weighted["variation"]
        return Losses(total, alpha * L_content, self.beta * L_style, raw, weighted)

    def style_layer(self, name: str, R: Tensor) -> Tensor:
        """Return E_l, Eq. (4), of a layer's responses; for several artworks, the weighted sum."""
        G = None if all(style.masked for style in self.styles) else gram_matrix(R)
        E = [style.loss(name, R, G) for style in self.styles]
        return E[0] if len(E) == 1 else style_loss(E, self.blend)


def loss_and_gradient(objective: Objective, x: Tensor) -> tuple[Losses, Tensor]:
    """Return the losses of images x (B, 3, H, W), and the gradient of their sum in x."""
    x = x.detach().requires_grad_()
    losses = objective(x)
    (gradient,) = torch.autograd.grad(losses.total.sum(), x)
    return losses, gradient.contiguous()
