"""Angles and their spectrum: exact inverses, gradients, and what p = 0 is."""

import pytest
import torch
from torch import Tensor

from nst.method.parametrization import CosineParametrization, spectral_weights

SIZES = [(8, 8), (7, 10), (10, 7), (9, 5), (1, 1), (33, 48)]


def image(height: int, width: int) -> Tensor:
    generator = torch.Generator().manual_seed(0)
    return 0.05 + 0.9 * torch.rand(1, 3, height, width, generator=generator, dtype=torch.float64)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("p", [0.0, 0.5, 1.0])
def test_pixels_come_back_at_every_size(p: float, size: tuple[int, int]) -> None:
    x = image(*size)
    angles = CosineParametrization(0.1, 0.01, p, x)
    torch.testing.assert_close(angles.to_pixels(angles.from_pixels(x)), x, rtol=0, atol=1e-12)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("p", [0.0, 0.5])
def test_the_gradient_is_autograds(p: float, size: tuple[int, int]) -> None:
    x = image(*size)
    angles = CosineParametrization(0.1, 0.01, p, x)
    z = angles.from_pixels(x).requires_grad_()
    weights = torch.randn(x.shape, generator=torch.Generator().manual_seed(1), dtype=x.dtype)
    (expected,) = torch.autograd.grad((weights * angles.to_pixels(z)).sum(), z)
    torch.testing.assert_close(angles.gradient(z.detach(), weights), expected)


@pytest.mark.parametrize("size", SIZES)
def test_a_spectrum_with_p_0_is_the_plain_parametrization(size: tuple[int, int]) -> None:
    x = image(*size)
    plain, flat = CosineParametrization(0.1, 0.01, 0.0, x), CosineParametrization(0.1, 0.01, 0.0, x)
    flat.S = spectral_weights(0.0, *size)
    torch.testing.assert_close(flat.from_pixels(x), plain.from_pixels(x))
    torch.testing.assert_close(flat.gradient(x, x), plain.gradient(x, x))


@pytest.mark.parametrize("size", SIZES)
def test_the_weights_have_a_root_mean_square_of_1_and_fall_with_frequency(
    size: tuple[int, int],
) -> None:
    height, width = size
    S = spectral_weights(0.5, height, width)
    noise = torch.randn(400, height, width, dtype=torch.float64,
                        generator=torch.Generator().manual_seed(2))  # fmt: skip
    weighted = torch.fft.irfft2(S * torch.fft.rfft2(noise), s=size)
    assert weighted.square().mean().item() == pytest.approx(noise.square().mean().item(), rel=0.1)
    assert (S[0, 1:].diff() <= 0).all()
