"""Metrics: their values on images with a known answer."""

import math

import numpy as np
import pytest
import torch

from studies.measures.metrics import (
    coherence,
    colour_distance,
    correlation_length,
    edge_correlation,
    high_frequency_share,
    psnr,
    ssim,
)


def noise(seed: int, height: int = 48, width: int = 64) -> torch.Tensor:
    return torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(seed))


def test_psnr_of_a_constant_difference_is_its_definition() -> None:
    # A difference of 0.1 everywhere has a mean square of 0.01: 20 dB.
    assert psnr(torch.full((1, 3, 8, 8), 0.6), torch.full((1, 3, 8, 8), 0.5)) == pytest.approx(
        20, abs=1e-4
    )
    assert psnr(noise(0), noise(0)) == math.inf


def test_ssim_is_one_for_equal_and_near_zero_for_unrelated_images() -> None:
    assert ssim(noise(0), noise(0)) == pytest.approx(1)
    assert abs(ssim(noise(0), noise(1))) < 0.1


def test_colour_distance_ignores_arrangement_and_size() -> None:
    x = noise(0)
    shuffled = x.flatten(2)[:, :, torch.randperm(48 * 64)].view_as(x)
    assert colour_distance(x, shuffled) == pytest.approx(0, abs=1e-6)
    assert colour_distance(x, x.repeat(1, 1, 2, 1)) < 1e-3


def test_colour_distance_of_a_shift_is_the_mean_projection_of_the_shift() -> None:
    # Along a unit vector u a shift d moves every quantile by |u . d|; its mean over the sphere
    # is |d| / 2.
    x = noise(0) * 0.5
    shifted = x + torch.tensor([0.2, 0, 0]).view(1, 3, 1, 1)
    assert colour_distance(x, shifted, directions=4096) == pytest.approx(0.1, rel=0.05)


@pytest.mark.parametrize("block", [2, 4, 8])
def test_correlation_length_grows_with_the_size_of_the_blocks(block: int) -> None:
    fine = noise(0, 128, 128)
    coarse = noise(0, 128 // block, 128 // block)
    coarse = coarse.repeat_interleave(block, 2).repeat_interleave(block, 3)
    # A mosaic's autocorrelation falls linearly to 0 at one block: to 1/e at 0.63 blocks, somewhat
    # less along the diagonal.
    assert correlation_length(coarse) == pytest.approx(0.6 * block, rel=0.2)
    assert correlation_length(fine) < correlation_length(coarse)


def test_correlation_length_of_a_flat_image_is_infinite() -> None:
    assert correlation_length(torch.full((1, 3, 32, 32), 0.5)) == math.inf


def test_edges_correlate_with_their_own_and_not_with_their_contrast_or_others() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.random((2, 64, 64))
    assert edge_correlation(a, a, 2.0) == pytest.approx(1.0)
    assert edge_correlation(a, 1 - 0.5 * a, 2.0) == pytest.approx(1.0)
    assert abs(edge_correlation(a, b, 2.0)) < 0.3


def waves(cycles: float, size: int = 64) -> torch.Tensor:
    """A grating of so many cycles per pixel."""
    phase = 2 * math.pi * cycles * torch.arange(size)
    return (0.5 + 0.4 * torch.sin(phase)).expand(1, 3, size, size)


def test_energy_in_fine_structure_is_told_by_its_frequency() -> None:
    assert high_frequency_share(waves(1 / 3)) > 0.99
    assert high_frequency_share(waves(1 / 8)) < 0.01
    # Of white noise, it is the share of frequencies: the square less a disc of half its width.
    assert high_frequency_share(noise(0)) == pytest.approx(1 - math.pi / 16, abs=0.05)
    assert high_frequency_share(torch.full((1, 3, 16, 16), 0.5)) == 0


def test_coherence_is_one_for_straight_strokes_and_low_for_noise() -> None:
    assert coherence(waves(1 / 8)) > 0.99
    assert coherence(noise(0)) < 0.1
    assert coherence(torch.full((1, 3, 16, 16), 0.5)) == 0
