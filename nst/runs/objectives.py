"""From a configuration to its network, objective and initial image."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from nst.config import Config, NetworkConfig, layers_used, paints_brightness
from nst.convolution import layout
from nst.inputs.loading import Inputs
from nst.inputs.weights import load_means, load_weights
from nst.method.normalization import balanced, mean_responses, normalized
from nst.method.objective import Artwork, Objective
from nst.method.pixels import pink_noise, to_grey, white_noise
from nst.method.vgg import VGG19, Preprocessing, deepest
from nst.runs.device import response_type


def make_network(
    config: NetworkConfig,
    weights: Path | None,
    device: torch.device,
    precision: str = "float32",
    end: str = "conv5_4",
    means: Mapping[str, Tensor] | None = None,
) -> VGG19:
    """Return the network of a config up to the layer `end`, with convolutions in a precision.

    `weights` is its file, as `nst.inputs.weights.weights_file` returns it. Responses are divided by
    `means`, which reach at least to `end`.
    """
    preprocessing = Preprocessing(config.scale, tuple(config.mean), tuple(config.std), config.bgr)
    found = load_weights(weights, config.width, config.seed)
    found = normalized(found, means) if means else found
    network = VGG19(found, preprocessing, config.pooling, end)
    dtype = response_type(precision)
    return network.to(device, dtype).to(memory_format=layout(device, dtype))


def measured_means(
    config: NetworkConfig,
    weights: Path | None,
    images: Iterable[Tensor],
    device: torch.device,
    end: str = "conv5_4",
) -> dict[str, Tensor]:
    """Return each filter's mean response as measured over images, balanced between layers."""
    found = []
    for pooling in ("max", config.pooling):
        network = make_network(replace(config, pooling=pooling), weights, device, end=end)
        found.append({name: m.cpu() for name, m in mean_responses(network, images).items()})
    return balanced(*found)


def make_objective(
    config: Config,
    weights: Path | None,
    inputs: Inputs,
    device: torch.device,
    precision: str = "float32",
) -> Objective:
    """Return the objective of a config on the device, with convolutions in a precision."""
    end = deepest(layers_used(config))
    photograph = inputs.photograph.to(device)
    images = [artwork.image.to(device) for artwork in inputs.artworks]
    masks = [None if a.mask is None else a.mask.to(device) for a in inputs.artworks]
    blend = config.style_blend or [1.0] * len(images)
    means = None
    if config.loss_scaling == "normalized":
        own, pictures = config.network, [photograph, *images]
        means = load_means(own, load_weights(weights, own.width, own.seed))
        means = means or measured_means(own, weights, pictures, device, end)
    network = make_network(config.network, weights, device, precision, end, means)
    artworks = list(map(Artwork, images, blend, masks))
    return Objective(
        network, photograph, artworks, config.alpha, config.beta, config.content_layers,
        config.style_layers, config.loss_scaling, config.style_weights, config.tv_weight or 0.0,
        paints_brightness(config), config.content_scale,
    )  # fmt: skip


def make_init(config: Config, inputs: Inputs) -> Tensor:
    """Return the initial x (1, 3, H, W), of the photograph's size."""
    init = inputs.photograph if inputs.init is None else inputs.init
    if config.init == "noise":
        draw = pink_noise if config.noise.pink else white_noise
        init = draw(*inputs.shape, config.seed, config.noise.mean, config.noise.deviation)
    return to_grey(init) if paints_brightness(config) else init
