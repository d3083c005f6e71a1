"""Where VGG-19's weights come from: drawn at random, or the file of a network's source."""

import math
import os.path
from pathlib import Path

import torch

from nst.config import NetworkConfig
from nst.errors import InputError
from nst.files import ASSETS
from nst.inputs.weightcache import keep_download, keep_file
from nst.inputs.weightfiles import Weights, read_weights
from nst.method.vgg import CHANNELS, CONVOLUTIONS


def random_weights(width: float = 1.0, seed: int = 0) -> Weights:
    """Return VGG-19's weights at random and zero biases; `width` scales its channels.

    Each filter is white noise, centred and scaled to one norm, so that a part that all of its
    inputs have in common (rectified responses are never negative) cancels: drawn without, some
    filters hardly ever respond. Source: scaled weight standardization, Brock et al. 2021,
    https://arxiv.org/abs/2101.08692, section 4, with its gain for rectified units.
    """
    generator = torch.Generator().manual_seed(seed)
    weights, before = {}, 3
    gain = (2 / (1 - 1 / math.pi)) ** 0.5
    for name in CONVOLUTIONS:
        after = max(1, round(width * CHANNELS[int(name[4]) - 1]))
        W = torch.randn((after, before, 3, 3), generator=generator)
        W = W - W.mean((1, 2, 3), keepdim=True)
        weights[f"{name}.weight"] = gain * W / W.square().sum((1, 2, 3), keepdim=True).sqrt()
        weights[f"{name}.bias"] = torch.zeros(after)
        before = after
    return weights


def weights_file(config: NetworkConfig, cache: Path) -> Path | None:
    """Return the file of a network's weights, downloaded if need be; None for random weights.

    Of a checkpoint it is the file in `cache` that holds its convolutions alone.
    """
    if config.path:
        return keep_file(Path(os.path.expanduser(config.path)), cache)
    if config.source == "random":
        return None
    if config.source == "embedded":
        return ASSETS / "embedded.safetensors"
    if config.source == "url" and config.url:
        return keep_download(config.url, config.sha256, cache)
    raise InputError(f"network={config.name} needs the weights' file: add network.path=PATH")


def load_weights(config: NetworkConfig, path: Path | None) -> Weights:
    """Return a network's weights from its file; draw them at random if there is none."""
    return read_weights(path) if path else random_weights(config.width, config.seed)
