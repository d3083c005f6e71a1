"""nst.weights, normalization: mean responses of 1, and the same function."""

import pytest
import torch
from torch import Tensor

from nst.images import load_image
from nst.vgg import CONVOLUTIONS, VGG19, Preprocessing
from nst.weights import (
    Weights,
    mean_responses,
    normalize,
    random_weights,
    reference_files,
)

PREPROCESSING = Preprocessing(1.0, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225))


@pytest.fixture(scope="module")
def images() -> list[Tensor]:
    generator = torch.Generator().manual_seed(0)
    return [torch.rand(1, 3, *size, generator=generator) for size in ((32, 48), (40, 32))]


@pytest.fixture(scope="module")
def biased(weights: Weights) -> Weights:
    """Weights with biases, as trained ones have, that leave a filter of conv2_1 mute."""
    generator = torch.Generator().manual_seed(1)
    changed = {
        key: 0.1 * torch.randn(value.shape, generator=generator) if key.endswith("bias") else value
        for key, value in weights.items()
    }
    changed["conv2_1.bias"][5] = -1e4
    return changed


def means(weights: Weights, images: list[Tensor]) -> dict[str, Tensor]:
    """mu of each filter: the mean over the images of the mean over their positions."""
    network = VGG19(weights, PREPROCESSING)
    responses = [network(x, CONVOLUTIONS) for x in images]
    return {
        name: torch.stack([r[name].mean((0, 2, 3)) for r in responses]).mean(0)
        for name in CONVOLUTIONS
    }


def test_normalized_filters_have_a_mean_response_of_1(
    biased: Weights, images: list[Tensor]
) -> None:
    before = means(biased, images)
    after = means(normalize(biased, PREPROCESSING, images), images)
    for name in CONVOLUTIONS:
        expected = (before[name] > 0).float()
        torch.testing.assert_close(after[name], expected, rtol=1e-3, atol=1e-3)
    assert before["conv2_1"][5] == 0


def test_normalization_divides_each_response_by_its_mean_and_changes_nothing_else(
    biased: Weights, images: list[Tensor], photograph: Tensor
) -> None:
    mu = means(biased, images)
    plain = VGG19(biased, PREPROCESSING)(photograph, CONVOLUTIONS)
    normalized = VGG19(normalize(biased, PREPROCESSING, images), PREPROCESSING)
    for name, response in normalized(photograph, CONVOLUTIONS).items():
        scale = torch.where(mu[name] > 0, mu[name], torch.ones_like(mu[name]))
        expected = plain[name] / scale[None, :, None, None]
        torch.testing.assert_close(response, expected, rtol=1e-3, atol=1e-3)


def test_a_filter_that_never_responds_is_left_as_it_is(
    biased: Weights, images: list[Tensor]
) -> None:
    normalized = normalize(biased, PREPROCESSING, images)
    assert all(value.isfinite().all() for value in normalized.values())
    assert normalized["conv2_1.bias"][5] == biased["conv2_1.bias"][5]


def test_normalization_leaves_the_given_weights_alone(
    weights: Weights, images: list[Tensor]
) -> None:
    before = {key: value.clone() for key, value in weights.items()}
    normalize(weights, PREPROCESSING, images)
    assert all(torch.equal(weights[key], before[key]) for key in before)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_every_filter_of_random_weights_responds(seed: int) -> None:
    images = [load_image(path, 112, 16) for path in reference_files()]
    means = mean_responses(random_weights(1 / 8, seed), PREPROCESSING, images)
    for mu in means.values():
        assert mu.min() > 0.05 * mu.median()
        assert mu.max() < 20 * mu.median()
