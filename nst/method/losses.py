"""The paper's equations, as pure functions of responses F (B, N, H, W); M = H W positions.

Every loss has one value per image of the batch: shape (B,). Nothing that the paper sums is
averaged. Eqs. (2) and (6), the gradients, are left to autograd; tests compare.
Source: https://arxiv.org/abs/1508.06576, "Methods".
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor


def content_loss(F: Tensor, P: Tensor) -> Tensor:
    """Return the content loss, Eq. (1): L_content = 1/2 sum_ij (F_ij - P_ij)^2.

    Args: F, P (B, N, H, W), the responses of one layer to image and photograph. Returns (B,).

    Example:
        >>> content_loss(torch.ones(1, 2, 2, 2), torch.zeros(1, 2, 2, 2))
        tensor([4.])
    """
    return 0.5 * (F - P).square().sum((1, 2, 3))


def gram_matrix(F: Tensor) -> Tensor:
    """Return the Gram matrix, Eq. (3): G_ij = sum_k F_ik F_jk.

    Args: F (B, N, H, W). Returns (B, N, N), a sum over all M = H W positions.

    Example:
        >>> gram_matrix(torch.ones(1, 2, 3, 4))
        tensor([[[12., 12.],
                 [12., 12.]]])
    """
    return GramMatrix.apply(F.flatten(2))


def guided_gram_matrix(F: Tensor, T: Tensor) -> Tensor:
    """Return the Gram matrix of the region that a guide T selects: G_ij = sum_k T_k F_ik T_k F_jk.

    The guide is first scaled to sum_k T_k^2 = M, so that G / M has the same magnitude for a region
    as for a whole image, and a constant guide has no effect. (The source has 1 instead of M, and
    no division by M.)
    Source: Gatys et al. 2017, https://arxiv.org/abs/1611.07865, section 4.

    Args: F (B, N, H, W); T (1, 1, H, W), 0 or more, not all 0. Returns (B, N, N).

    Example:
        >>> F = torch.tensor([[[[3.0, 5.0, 7.0, 8.0]]]])
        >>> guided_gram_matrix(F, torch.tensor([[[[1.0, 0.0, 0.0, 0.0]]]]))  # 3^2 M / 1
        tensor([[[36.]]])
    """
    return gram_matrix(T / T.square().mean().sqrt() * F)


class GramMatrix(torch.autograd.Function):
    """G = F F^T of F (B, N, M), with one product in the gradient where autograd makes two."""

    @staticmethod
    def forward(ctx: Any, F: Tensor) -> Tensor:
        ctx.save_for_backward(F)
        return F @ F.mT

    @staticmethod
    def backward(ctx: Any, dG: Tensor) -> Tensor:
        (F,) = ctx.saved_tensors
        D = dG + dG.mT
        return D @ F if F.is_contiguous() else (F.mT @ D).mT  # in F's own memory layout


def style_layer_loss(G: Tensor, A: Tensor, M: int, M_artwork: int | None = None) -> Tensor:
    """Return a layer's style loss, Eq. (4): E_l = 1 / (4 N^2 M^2) sum_ij (G_ij - A_ij)^2.

    The paper has one M. The Gram matrix of an artwork of another size is divided by its own:
    E_l = 1 / (4 N^2) sum_ij (G_ij / M - A_ij / M_artwork)^2.

    Args: G, A (B, N, N), Gram matrices of image and artwork; M, M_artwork, positions of each.
    Returns (B,).

    Example:
        >>> style_layer_loss(torch.full((1, 1, 1), 6.0), torch.full((1, 1, 1), 2.0), M=2)
        tensor([1.])
    """
    N = G.shape[-1]
    difference = G / M - A / (M_artwork or M)
    return difference.square().flatten(1).sum(1) / (4 * N**2)


def style_loss(E: Sequence[Tensor], w: Sequence[float]) -> Tensor:
    """Return the style loss, Eq. (5): L_style = sum_l w_l E_l.

    Args: E, one (B,) per layer; w, one weight per layer. Returns (B,).

    Example:
        >>> style_loss([torch.tensor([2.0]), torch.tensor([4.0])], [0.5, 0.5])
        tensor([3.])
    """
    return torch.stack([w_l * E_l for w_l, E_l in zip(w, E, strict=True)]).sum(0)


def total_loss(L_content: Tensor, L_style: Tensor, alpha: float, beta: float) -> Tensor:
    """Return the total loss, Eq. (7): L_total = alpha L_content + beta L_style.

    Args: L_content, L_style (B,); alpha, beta, their weights. Returns (B,).

    Example:
        >>> total_loss(torch.tensor([2.0]), torch.tensor([3.0]), alpha=10.0, beta=1.0)
        tensor([23.])
    """
    return alpha * L_content + beta * L_style


def total_variation(x: Tensor) -> Tensor:
    """Return the total variation of an image, the mean squared difference of neighbours.

    TV = 1 / M sum_ij (x_{i+1,j} - x_ij)^2 + (x_{i,j+1} - x_ij)^2, summed over channels. The paper
    has no such term. As with E_l, dividing by M gives its weight the same effect at every size.
    Source: Mahendran & Vedaldi 2015, https://arxiv.org/abs/1412.0035, Eq. (4) with beta = 2.

    Args: x (B, C, H, W). Returns (B,).

    Example:
        >>> total_variation(torch.tensor([[[[0.0, 1.0], [0.0, 3.0]]]]))  # (0 + 4 + 1 + 9) / 4
        tensor([3.5000])
    """
    down, right = x[:, :, 1:] - x[:, :, :-1], x[:, :, :, 1:] - x[:, :, :, :-1]
    return (down.square().flatten(1).sum(1) + right.square().flatten(1).sum(1)) / x[0, 0].numel()
