"""VGG-19: names, structure, preprocessing; responses against a plain stack of modules."""

import pytest
import torch
import torchvision
from torch import Tensor, nn

from nst.errors import InputError
from nst.inputs.weights import Weights
from nst.method.vgg import (
    CHANNELS,
    CONVOLUTIONS,
    LAYERS,
    MINIMUM_PIXELS,
    TORCHVISION_INDEX,
    VGG19,
    Preprocessing,
    check_layers,
    deepest,
    layers_up_to,
    random_weights,
    stride,
)


def plain_responses(weights: Weights, x: Tensor, pool: nn.Module) -> dict[str, Tensor]:
    """Every response, by a stack of torch's own modules: the reference."""
    responses = {}
    for name in LAYERS:
        if name.startswith("pool"):
            x = pool(x)
        else:
            W = weights[f"{name}.weight"]
            convolution = nn.Conv2d(W.shape[1], W.shape[0], 3, padding=1)
            convolution.weight.data, convolution.bias.data = W, weights[f"{name}.bias"]
            x = nn.ReLU()(convolution(x))
        responses[name] = x.detach()
    return responses


def with_biases(weights: Weights) -> Weights:
    generator = torch.Generator().manual_seed(9)
    return {
        key: value if key.endswith("weight") else torch.randn(value.shape, generator=generator)
        for key, value in weights.items()
    }


def test_there_are_16_convolutions_and_5_poolings_in_the_papers_names() -> None:
    blocks = [[name for name in LAYERS if name[4] == str(block)] for block in range(1, 6)]
    assert len(CONVOLUTIONS) == 16
    assert [len(block) for block in blocks] == [3, 3, 5, 5, 5]
    assert blocks[3] == ["conv4_1", "conv4_2", "conv4_3", "conv4_4", "pool4"]
    assert tuple(name for block in blocks for name in block) == LAYERS


def test_indices_match_torchvisions() -> None:
    with torch.device("meta"):
        features = torchvision.models.vgg19(weights=None).features
    for name, index in TORCHVISION_INDEX.items():
        assert isinstance(features[index], nn.Conv2d)
        assert isinstance(features[index + 1], nn.ReLU)
        assert features[index].out_channels == CHANNELS[int(name[4]) - 1]
        last_of_block = LAYERS[LAYERS.index(name) + 1].startswith("pool")
        assert isinstance(features[index + 2], nn.MaxPool2d if last_of_block else nn.Conv2d)
    assert len(features) == 37


@pytest.mark.parametrize(
    ("pooling", "module"),
    [("average", nn.AvgPool2d(2, ceil_mode=True)), ("max", nn.MaxPool2d(2, ceil_mode=True))],
)
def test_responses_are_those_of_a_plain_stack(
    pooling: str, module: nn.Module, weights: Weights, photograph: Tensor
) -> None:
    weights = with_biases(weights)
    responses = VGG19(weights, pooling=pooling, deepest="pool5")(photograph, LAYERS)
    expected = plain_responses(weights, photograph, module)
    assert list(responses) == list(LAYERS)
    for name in LAYERS:
        torch.testing.assert_close(responses[name], expected[name], rtol=1e-4, atol=1e-4)


def test_an_unknown_pooling_is_refused(weights: Weights) -> None:
    with pytest.raises(ValueError, match="median"):
        VGG19(weights, pooling="median")


def test_every_response_is_rectified(network: VGG19, photograph: Tensor) -> None:
    for response in network(photograph, LAYERS).values():
        assert response.min() >= 0
        assert response.max() > 0


def test_nothing_deeper_than_asked_is_kept_or_computed(
    weights: Weights, photograph: Tensor
) -> None:
    network = VGG19(weights, deepest="conv2_1")
    expected = {
        f"{name}_{part}"
        for name in ("conv1_1", "conv1_2", "conv2_1")
        for part in ("weight", "bias")
    }
    assert {name for name, _ in network.named_buffers()} == expected
    with pytest.raises(ValueError, match="conv2_2"):
        network(photograph, ["conv1_1", "conv2_2"])


def test_weights_of_deeper_layers_are_not_needed(weights: Weights, photograph: Tensor) -> None:
    shallow = {key: value for key, value in weights.items() if key < "conv2"}
    assert VGG19(shallow, deepest="pool1")(photograph, ["pool1"])["pool1"].shape == (1, 8, 16, 16)


def test_later_layers_leave_a_captured_response_as_it_was(
    weights: Weights, photograph: Tensor
) -> None:
    network = VGG19(weights, deepest="pool5")
    for name in ("conv1_1", "conv1_2", "pool1", "conv3_1"):
        alone = network(photograph, [name])[name]
        before_others = network(photograph, LAYERS)[name]
        assert torch.equal(alone, before_others)


def test_the_image_is_not_changed(network: VGG19, photograph: Tensor) -> None:
    before = photograph.clone()
    network(photograph, ["conv5_4"])
    assert torch.equal(photograph, before)


def test_a_batch_gives_what_its_images_give_alone(network: VGG19, photograph: Tensor) -> None:
    batch = torch.cat([photograph, photograph.flip(3)])
    together = network(batch, CONVOLUTIONS)
    for i in range(2):
        for name, alone in network(batch[i : i + 1], CONVOLUTIONS).items():
            torch.testing.assert_close(together[name][i : i + 1], alone, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("width", "channels"), [(1 / 8, 64), (1 / 4, 128), (0.001, 1)])
def test_the_width_scales_every_blocks_channels(width: float, channels: int) -> None:
    network = VGG19(random_weights(width), deepest="conv5_1")
    assert network(torch.rand(1, 3, 16, 16), ["conv5_1"])["conv5_1"].shape[1] == channels


@pytest.mark.parametrize(("height", "width"), [(16, 16), (17, 31), (33, 16), (47, 63)])
def test_sizes_down_to_the_minimum_reach_conv5_1(network: VGG19, height: int, width: int) -> None:
    responses = network(torch.rand(1, 3, height, width), ["conv1_1", "conv5_1"])
    assert responses["conv1_1"].shape[2:] == (height, width)
    assert responses["conv5_1"].shape[2:] == (-(-height // 16), -(-width // 16))
    assert MINIMUM_PIXELS == 16


@pytest.mark.parametrize(
    ("layer", "expected"), [("conv1_2", 1), ("pool1", 2), ("conv2_1", 2), ("conv5_4", 16)]
)
def test_stride_is_the_number_of_pixels_a_position(
    layer: str, expected: int, network: VGG19
) -> None:
    assert stride(layer) == expected
    assert network(torch.rand(1, 3, 32, 32), [layer])[layer].shape[-1] == 32 // expected


def test_preprocessing_reverses_channels_scales_then_subtracts_and_divides() -> None:
    x = torch.tensor([0.2, 0.4, 0.8]).view(1, 3, 1, 1)
    caffe = Preprocessing(255.0, (100.0, 110.0, 120.0), (1.0, 2.0, 4.0), bgr=True)
    # B, G, R = 204, 102, 51
    expected = [104.0, -4.0, -17.25]
    torch.testing.assert_close(caffe(x).flatten(), torch.tensor(expected))
    plain = Preprocessing(mean=(0.1, 0.2, 0.3), std=(0.5, 0.5, 0.25))
    torch.testing.assert_close(plain(x).flatten(), torch.tensor([0.2, 0.4, 2.0]))


def test_preprocessing_is_torchvisions_normalization(photograph: Tensor) -> None:
    mean, std = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
    expected = torchvision.transforms.functional.normalize(photograph, list(mean), list(std))
    torch.testing.assert_close(Preprocessing(1.0, mean, std)(photograph), expected)


def test_the_network_sees_the_preprocessed_image(weights: Weights, photograph: Tensor) -> None:
    preprocessing = Preprocessing(255.0, (100.0, 110.0, 120.0), (1.0, 1.0, 1.0), bgr=True)
    inside = VGG19(weights, preprocessing)(photograph, ["conv1_1"])["conv1_1"]
    outside = VGG19(weights)(
        255 * photograph.flip(1) - torch.tensor([100.0, 110.0, 120.0])[None, :, None, None],
        ["conv1_1"],
    )["conv1_1"]
    torch.testing.assert_close(inside, outside, rtol=1e-4, atol=1e-3)


def test_an_unknown_layer_is_named_with_the_valid_ones() -> None:
    check_layers(LAYERS, "content_layers")
    with pytest.raises(InputError, match=r"content_layers.*'conv6_1'.*conv1_1.*pool5"):
        check_layers(["conv1_1", "conv6_1"], "content_layers")


def test_deepest_is_the_last_in_the_network() -> None:
    assert deepest(["conv5_1", "conv4_4", "pool4"]) == "conv5_1"
    assert layers_up_to("conv2_1") == ("conv1_1", "conv1_2", "pool1", "conv2_1")
