"""Control images and distances: what each keeps and what it loses."""

import pytest
import torch

from nst.method.vgg import VGG19
from studies.measures.comparing import (
    as_photograph,
    content_distance,
    displaced,
    shuffled,
    style_distance,
)


def image(seed: int, height: int = 32, width: int = 48) -> torch.Tensor:
    return torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(seed))


def colours(x: torch.Tensor) -> list[list[float]]:
    return sorted(x[0].flatten(1).T.tolist())


def test_shuffled_blocks_are_the_same_blocks_elsewhere() -> None:
    x = image(0)
    found = shuffled(x, 16, seed=0)
    assert not found.equal(x)
    blocks = {tuple(b.flatten().tolist()) for row in x[0].split(16, 1) for b in row.split(16, 2)}
    again = {tuple(b.flatten().tolist()) for row in found[0].split(16, 1) for b in row.split(16, 2)}
    assert blocks == again


def test_shuffling_crops_to_whole_blocks_and_follows_its_seed() -> None:
    x = image(0, 35, 50)
    assert shuffled(x, 16, seed=0).shape == (1, 3, 32, 48)
    assert shuffled(x, 16, seed=0).equal(shuffled(x, 16, seed=0))
    assert not shuffled(x, 4, seed=0).equal(shuffled(x, 4, seed=1))


@pytest.mark.parametrize("seed", range(5))
def test_a_displaced_image_has_all_its_pixels_far_from_where_they_were(seed: int) -> None:
    x = torch.zeros(1, 3, 40, 40)
    x[..., 20, 20] = 1
    found = displaced(x, seed)
    assert colours(found) == colours(x)
    row, column = (int(i) for i in found[0, 0].nonzero()[0])
    assert all(10 <= (place - 20) % 40 <= 30 for place in (row, column))


def test_an_artwork_is_cropped_to_the_photographs_shape_not_stretched() -> None:
    wide = torch.zeros(1, 3, 20, 60)
    wide[..., :30] = 1
    found = as_photograph(wide, image(0, 40, 40))
    assert found.shape == (1, 3, 40, 40)
    assert found[..., :35].min() > 0.9  # twice as large, and only its white part


def test_distances_are_0_at_the_source_and_1_at_the_other_image(network: VGG19) -> None:
    source, other = image(1), image(2)
    for distance_from in (content_distance, style_distance):
        distance = distance_from(network, source, other)
        assert distance(source) == pytest.approx(0, abs=1e-5)
        assert distance(other) == pytest.approx(1)


def test_style_has_a_distance_for_images_of_any_size(network: VGG19) -> None:
    distance = style_distance(network, image(1), image(2, 40, 40))
    assert 0 < distance(image(3, 64, 64)) < 100
