"""An artwork as a target: its Gram matrices A^l, weight in a blend, and mask."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from nst.method.losses import gram_matrix, guided_gram_matrix, style_layer_loss
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
