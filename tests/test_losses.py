"""The equations: values worked by hand, and gradients against the paper's closed forms."""

import pytest
import torch
from torch import Tensor

from nst.method.losses import (
    content_loss,
    gram_matrix,
    style_layer_loss,
    style_loss,
    total_loss,
)

N, H, W = 3, 4, 5
M = H * W


def normal(*shape: int, seed: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_eq_1_is_half_the_sum_of_squares_of_each_image() -> None:
    F = torch.tensor([[[[1.0, 2.0]], [[3.0, 0.0]]], [[[0.0, 0.0]], [[0.0, 2.0]]]])  # (2, 2, 1, 2)
    P = torch.tensor([[[[0.0, 2.0]], [[1.0, 4.0]]]])
    # 1/2 (1 + 0 + 4 + 16) and 1/2 (0 + 4 + 1 + 4)
    assert content_loss(F, P).tolist() == [10.5, 4.5]


def test_eq_2_is_the_gradient_through_the_rectification() -> None:
    z, P = normal(1, N, H, W, seed=0).requires_grad_(), normal(1, N, H, W, seed=1).relu()
    F = z.relu()
    (gradient,) = torch.autograd.grad(content_loss(F, P).sum(), z)
    expected = torch.where(F > 0, F - P, torch.zeros_like(F))
    assert (F == 0).any()
    assert (F > 0).any()
    torch.testing.assert_close(gradient, expected, rtol=1e-13, atol=0)


def test_eq_3_sums_products_over_positions() -> None:
    F = torch.tensor([[[[1.0, 2.0]], [[3.0, 0.0]]]])
    # rows (1, 2) and (3, 0): 1 + 4, 3 + 0, 9 + 0
    assert gram_matrix(F).tolist() == [[[5.0, 3.0], [3.0, 9.0]]]


def test_gram_matrix_does_not_change_under_a_permutation_of_positions() -> None:
    F = normal(2, N, H, W, seed=2)
    order = torch.randperm(M, generator=torch.Generator().manual_seed(0))
    permuted = F.flatten(2)[..., order].view(F.shape)
    assert not torch.equal(permuted, F)
    torch.testing.assert_close(gram_matrix(permuted), gram_matrix(F), rtol=1e-13, atol=1e-13)


def test_gram_matrix_changes_under_a_permutation_of_filters() -> None:
    F = normal(1, N, H, W, seed=3)
    assert not torch.allclose(gram_matrix(F.flip(1)), gram_matrix(F))


def test_eq_4_by_hand() -> None:
    G = torch.tensor([[[5.0, 3.0], [3.0, 9.0]]])
    A = torch.ones(1, 2, 2)
    # N = M = 2: (16 + 4 + 4 + 64) / (4 * 4 * 4) = 88 / 64
    assert style_layer_loss(G, A, M=2).tolist() == [1.375]


def test_eq_4_by_hand_with_an_artwork_of_another_size() -> None:
    G, A = torch.full((1, 1, 1), 6.0), torch.full((1, 1, 1), 4.0)
    # N = 1: (6 / 2 - 4 / 4)^2 / 4
    assert style_layer_loss(G, A, M=2, M_artwork=4).tolist() == [1.0]


def test_eq_6_is_the_gradient_through_the_rectification() -> None:
    z = normal(1, N, H, W, seed=4).requires_grad_()
    A = gram_matrix(normal(1, N, H, W, seed=5).relu())
    F = z.relu()
    (gradient,) = torch.autograd.grad(style_layer_loss(gram_matrix(F), A, M).sum(), z)
    F_ij, G = F.detach()[0].flatten(1), gram_matrix(F.detach())[0]
    ji = F_ij.T @ (G - A[0]) / (N**2 * M**2)
    expected = torch.where(F_ij > 0, ji.T, torch.zeros_like(F_ij)).view(1, N, H, W)
    assert (F == 0).any()
    torch.testing.assert_close(gradient, expected, rtol=1e-12, atol=1e-16)


def test_an_artwork_of_another_size_with_the_same_statistics_has_no_loss() -> None:
    F = normal(1, N, H, W, seed=6).relu()
    tiled = torch.cat([F, F, F], dim=3)  # three times the positions, the same G / M
    G, A = gram_matrix(F), gram_matrix(tiled)
    assert style_layer_loss(G, A, M, 3 * M).item() < 1e-25
    assert style_layer_loss(G, A, M).item() > 1e-3  # with one M it would count as different


def test_eq_5_weighs_the_layers() -> None:
    E = [torch.tensor([1.0, 2.0]), torch.tensor([10.0, 20.0])]
    assert style_loss(E, [0.5, 0.25]).tolist() == [3.0, 6.0]


def test_eq_5_wants_one_weight_a_layer() -> None:
    with pytest.raises(ValueError, match="zip"):
        style_loss([torch.ones(1), torch.ones(1)], [1.0])


def test_eq_7_weighs_content_and_style() -> None:
    total = total_loss(torch.tensor([2.0]), torch.tensor([3.0]), alpha=10.0, beta=0.5)
    assert total.tolist() == [21.5]


def test_the_gram_matrixs_gradient_is_that_of_its_definition() -> None:
    F = torch.rand(2, 3, 4, 5, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(gram_matrix, F)
    assert torch.autograd.gradgradcheck(gram_matrix, F)
    weights = torch.rand(2, 3, 3, dtype=torch.float64)  # not symmetric
    (ours,) = torch.autograd.grad((weights * gram_matrix(F)).sum(), F)
    plain = torch.einsum("bnhw,bjhw->bnj", F, F)
    (expected,) = torch.autograd.grad((weights * plain).sum(), F)
    torch.testing.assert_close(ours, expected)
