"""The photograph's colours are kept: exactly, or in mean and covariance."""

import pytest
import torch
from torch import Tensor

from nst.inputs.colours import grey_pair, luminance, match_colours, recolour, statistics


@pytest.fixture
def muted(photograph: Tensor) -> Tensor:
    """An image whose colours are far from black and white: nothing is clipped."""
    return 0.45 + 0.1 * photograph


def test_matching_gives_the_photographs_mean_and_covariance(muted: Tensor, artwork: Tensor) -> None:
    found = match_colours(artwork, muted)
    assert found.shape == artwork.shape
    for ours, theirs in zip(statistics(found), statistics(muted), strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=1e-3)


def test_an_image_matched_to_itself_is_itself(photograph: Tensor) -> None:
    torch.testing.assert_close(match_colours(photograph, photograph), photograph)


def test_an_artwork_of_one_colour_takes_the_photographs_mean(muted: Tensor) -> None:
    found = match_colours(torch.full((1, 3, 8, 8), 0.9), muted)
    torch.testing.assert_close(found[0, :, 0, 0], muted.mean((0, 2, 3)), atol=1e-4, rtol=0)


def test_recolouring_keeps_the_photographs_chroma_and_the_pictures_luminance(
    muted: Tensor, photograph: Tensor
) -> None:
    painted = torch.rand_like(photograph)
    chroma = photograph - luminance(photograph)
    found = recolour(painted, photograph)
    assert found.min() >= -1e-6
    assert found.max() <= 1 + 1e-6
    torch.testing.assert_close(found - luminance(found), chroma, atol=1e-6, rtol=0)
    grey = 0.3 + 0.4 * painted.mean(1, keepdim=True).repeat(1, 3, 1, 1)
    within = recolour(grey, muted)
    torch.testing.assert_close(luminance(within), luminance(grey), atol=1e-6, rtol=0)


def test_grey_images_have_the_photographs_luminance(muted: Tensor, artwork: Tensor) -> None:
    photograph, painting = grey_pair(muted, artwork)
    for image in (photograph, painting):
        assert image.amax(1).equal(image.amin(1))
    assert painting.mean().item() == pytest.approx(photograph.mean().item(), abs=1e-5)
    assert painting[:, 0].std().item() == pytest.approx(photograph[:, 0].std().item(), abs=1e-5)
