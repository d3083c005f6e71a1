"""Normalized filters: the same function in other units, and means that stand for photographs."""

import os
from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file

from nst.errors import InputError
from nst.files import ASSETS
from nst.inputs.weights import load_means, load_weights
from nst.method.normalization import WEAKEST, balanced, mean_responses, normalized
from nst.method.vgg import CONVOLUTIONS, VGG19, random_weights
from nst.runs.overrides import compose

# What average pooling leaves of a layer's mean response with max pooling, over the photographs.
LEFT = {
    "conv1_1": 1.0000, "conv1_2": 1.0000, "conv2_1": 0.7801, "conv2_2": 0.8187,
    "conv3_1": 0.5595, "conv3_2": 0.5006, "conv3_3": 0.5152, "conv3_4": 0.5078,
    "conv4_1": 0.3947, "conv4_2": 0.4126, "conv4_3": 0.3719, "conv4_4": 0.3655,
    "conv5_1": 0.1980,
}  # fmt: skip
LAYERS = ("conv1_1", "conv2_2", "conv4_2", "conv5_1")


@pytest.fixture(scope="module")
def images() -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return [torch.rand(1, 3, 40, 56, generator=generator), torch.rand(1, 3, 48, 32)]


def test_a_normalized_network_computes_the_same_in_units_of_the_means(
    images: list[torch.Tensor],
) -> None:
    W = random_weights(1 / 8)
    means = mean_responses(VGG19(W, pooling="max"), images)
    plain, scaled = VGG19(W)(images[0], LAYERS), VGG19(normalized(W, means))(images[0], LAYERS)
    for name in LAYERS:
        m = means[name].clamp(min=WEAKEST * means[name].median().item()).view(1, -1, 1, 1)
        torch.testing.assert_close(scaled[name] * m, plain[name], rtol=1e-3, atol=1e-4)


def test_responses_to_what_was_measured_have_a_mean_of_1(images: list[torch.Tensor]) -> None:
    W = random_weights(1 / 8)
    network = VGG19(normalized(W, mean_responses(VGG19(W), images)))
    again = mean_responses(network, images)
    for name in CONVOLUTIONS:
        assert again[name].median() == pytest.approx(1, abs=1e-3)
        assert again[name].max() < 1.001  # those that are too weak stay weak


def test_every_layer_of_the_network_that_paints_responds_by_1_on_average(
    images: list[torch.Tensor],
) -> None:
    W = random_weights(1 / 8)
    filters = mean_responses(VGG19(W, pooling="max"), images)
    means = balanced(filters, mean_responses(VGG19(W), images))
    again = mean_responses(VGG19(normalized(W, means)), images)
    for name in CONVOLUTIONS:
        assert again[name].mean() == pytest.approx(1, abs=0.01)
        ratios = (means[name] / filters[name])[filters[name] > 0]
        torch.testing.assert_close(ratios, ratios[:1].expand_as(ratios))


def test_every_image_counts_by_its_positions(images: list[torch.Tensor]) -> None:
    network = VGG19(random_weights(1 / 8), deepest="conv1_1")
    found = mean_responses(network, images)["conv1_1"]
    parts = [network(image, ["conv1_1"])["conv1_1"].flatten(2) for image in images]
    torch.testing.assert_close(found, torch.cat(parts, 2).mean((0, 2)))


def test_a_filter_that_never_responds_stays_silent(images: list[torch.Tensor]) -> None:
    W = random_weights(1 / 8)
    means = mean_responses(VGG19(W), images)
    means["conv3_1"] = torch.zeros_like(means["conv3_1"])
    assert all(each.isfinite().all() for each in normalized(W, means).values())


def test_the_means_of_the_embedded_network_fit_its_filters() -> None:
    config = compose([]).network
    weights = load_weights(ASSETS / "embedded.safetensors", config.width, config.seed)
    means = load_means(config, weights)
    assert means is not None and all((means[name] >= 0).all() for name in CONVOLUTIONS)


def test_means_of_other_filters_are_refused_where_they_are_named() -> None:
    config = compose(["network=random"]).network
    assert load_means(config, random_weights(1 / 8)) is None
    with pytest.raises(InputError, match="oxford do not match the filters of"):
        load_means(replace(config, means="oxford"), random_weights(1 / 8))
    ones = load_means(replace(config, means="ones"), random_weights(1 / 8))
    assert ones is not None and all(m.eq(1).all() for m in ones.values())


@pytest.mark.skipif("NST_NORMALISED" not in os.environ, reason="needs the authors' scales")
def test_the_means_are_near_the_authors_own() -> None:
    """Up to one factor a layer, for the pooling that paints, filters have the same units."""
    scales = load_file(os.environ["NST_NORMALISED"])
    ours = load_means(compose(["network=oxford"]).network, random_weights())
    assert ours is not None
    for name, left in LEFT.items():
        ratios = (scales[f"{name}.scale"] * ours[name] / left).log()
        assert ratios.median().exp() == pytest.approx(1.2, abs=0.15)
        assert ratios.std() < 0.25
