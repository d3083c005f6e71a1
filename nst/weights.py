"""Where VGG-19's weights come from, and how they are normalized.

Weights are a dict: ``conv1_1.weight`` (N, N_prev, 3, 3), ``conv1_1.bias`` (N,), ... float32.
"""

import functools
import math
import sys
from collections.abc import Iterable
from pathlib import Path

import skimage.data
import torch
from torch import Tensor

from nst.checkpoints import Weights, digest, read_weights, write_weights
from nst.config import NetworkConfig
from nst.download import check_file, fetch
from nst.errors import InputError
from nst.images import load_image
from nst.vgg import CHANNELS, CONVOLUTIONS, MINIMUM_PIXELS, VGG19, Preprocessing
from nst.weightcache import (
    files_digest,
    keep_download,
    keep_file,
    means_file,
    read_means,
    torch_file,
)

ASSETS = Path(__file__).parent / "assets"
REFERENCE_SIZE = 224


def random_weights(width: float = 1.0, seed: int = 0) -> Weights:
    """VGG-19 with random weights and zero biases; `width` scales its channels.

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
    """The file a network's weights are in, downloaded if need be; None for random weights.

    Of a checkpoint it is the file in `cache` that holds its convolutions alone.
    """
    if config.path:
        return keep_file(Path(config.path).expanduser(), cache)
    if config.source == "random":
        return None
    if config.source == "embedded":
        return ASSETS / "embedded.safetensors"
    if config.source == "url" and config.url:
        return keep_download(config.url, config.sha256, cache, lambda: download(config, cache))
    raise InputError(f"network={config.name} needs the weights' file: add network.path=PATH")


def download(config: NetworkConfig, cache: Path) -> Path:
    """The file of a network's URL: torch's own copy, or downloaded into `cache`."""
    assert config.url
    path = cache / config.url.rsplit("/", 1)[-1]
    if not path.is_file() and (copy := torch_file(config.url)):
        return check_file(copy, config.url, config.sha256, "network.path")
    return fetch(config.url, path, config.sha256, "network.path")


def load_weights(config: NetworkConfig, path: Path | None, cache: Path | None = None) -> Weights:
    """A network's weights from its file (None: drawn at random), normalized if it asks for it.

    The mean responses by which they are normalized are kept in the folder `cache`.
    """
    weights = read_weights(path) if path else random_weights(config.width, config.seed)
    if not config.normalize:
        return weights
    kept = cache and means_file(cache, digest(weights), config, reference_digest())
    means = read_means(kept) if kept else None
    if means is None:
        if kept:
            print("normalizing the network (once)", file=sys.stderr, flush=True)
        preprocessing = Preprocessing(
            config.scale, tuple(config.mean), tuple(config.std), config.bgr
        )
        means = mean_responses(weights, preprocessing, reference_images())
        if kept:
            write_weights(kept, means, {"references": reference_digest()})
    return rescale(weights, means)


def reference_files() -> list[Path]:
    """The files of `reference_images`."""
    photographs = Path(skimage.data.__file__).parent
    files = [photographs / f"{name}.png" for name in ("astronaut", "chelsea", "coffee")]
    return files + sorted((ASSETS / "artworks").glob("*.jpg"))


@functools.cache
def reference_digest() -> str:
    """What identifies the reference images: SHA-256 over their files, and their size."""
    return f"{files_digest(reference_files())} at {REFERENCE_SIZE} px"


def reference_images() -> list[Tensor]:
    """The images over which filters are normalized: photographs and artworks, 224 px in area."""
    return [load_image(path, REFERENCE_SIZE, MINIMUM_PIXELS) for path in reference_files()]


def normalize(weights: Weights, preprocessing: Preprocessing, images: Iterable[Tensor]) -> Weights:
    """Weights whose filters each have a mean response of 1 over `images`, and the same function.

    Bottom-up, W <- W mu_before / mu and b <- b / mu, where mu is the mean rectified response of
    each filter over images and positions, with average pooling. A filter that never responds is
    left as it is. Source: Gatys et al. 2015, https://arxiv.org/abs/1505.07376, section 2.
    """
    return rescale(weights, mean_responses(weights, preprocessing, images))


@torch.no_grad()
def mean_responses(
    weights: Weights, preprocessing: Preprocessing, images: Iterable[Tensor]
) -> dict[str, Tensor]:
    """mu (N,) of each convolution's filters, over images and positions."""
    network = VGG19(weights, preprocessing)
    images = list(images)
    means = {name: torch.zeros(len(weights[f"{name}.bias"])) for name in CONVOLUTIONS}
    for x in images:
        for name, response in network(x, CONVOLUTIONS).items():
            means[name] += response.mean((0, 2, 3)) / len(images)
    return means


def rescale(weights: Weights, means: dict[str, Tensor]) -> Weights:
    """Weights with the responses of each filter divided by its mean response, unless that is 0."""
    normalized, mu_before = {}, torch.ones(3)
    for name in CONVOLUTIONS:
        mu = torch.where(means[name] > 0, means[name], torch.ones_like(means[name]))
        scale = mu_before[None, :, None, None] / mu[:, None, None, None]
        normalized[f"{name}.weight"] = weights[f"{name}.weight"] * scale
        normalized[f"{name}.bias"] = weights[f"{name}.bias"] / mu
        mu_before = mu
    return normalized
