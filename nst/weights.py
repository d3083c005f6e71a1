"""Where VGG-19's weights come from, how they are verified, and how they are normalized.

Weights are a dict: ``conv1_1.weight`` (N, N_prev, 3, 3), ``conv1_1.bias`` (N,), ... float32.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

import skimage.data
import torch
from safetensors.torch import load_file
from torch import Tensor

from nst.config import NetworkConfig
from nst.download import fetch
from nst.errors import InputError
from nst.images import load_image
from nst.vgg import CHANNELS, CONVOLUTIONS, MINIMUM_PIXELS, TORCHVISION_INDEX, VGG19, Preprocessing

ASSETS = Path(__file__).parent / "assets"
REFERENCE_SIZE = 224
Weights = dict[str, Tensor]


def random_weights(width: float = 1.0, seed: int = 0) -> Weights:
    """VGG-19 with He-initialized random weights and zero biases; `width` scales its channels."""
    generator = torch.Generator().manual_seed(seed)
    weights, before = {}, 3
    for name in CONVOLUTIONS:
        after = max(1, round(width * CHANNELS[int(name[4]) - 1]))
        deviation = (2 / (9 * before)) ** 0.5  # He et al. 2015, https://arxiv.org/abs/1502.01852
        shape = (after, before, 3, 3)
        weights[f"{name}.weight"] = deviation * torch.randn(shape, generator=generator)
        weights[f"{name}.bias"] = torch.zeros(after)
        before = after
    return weights


def weights_file(config: NetworkConfig, cache: Path) -> Path | None:
    """The file a network's weights are in, downloaded if need be; None for random weights."""
    if config.path:
        return Path(config.path).expanduser()
    if config.source == "random":
        return None
    if config.source == "embedded":
        return ASSETS / "embedded.safetensors"
    if config.source == "url" and config.url:
        return fetch(
            config.url, cache / config.url.rsplit("/", 1)[-1], config.sha256, "network.path"
        )
    raise InputError(f"network={config.name} needs the weights' file: add network.path=PATH")


def load_weights(config: NetworkConfig, path: Path | None) -> Weights:
    """A network's weights from its file (None: drawn at random), normalized if it asks for it."""
    weights = read_weights(path) if path else random_weights(config.width, config.seed)
    if not config.normalize:
        return weights
    preprocessing = Preprocessing(config.scale, tuple(config.mean), tuple(config.std), config.bgr)
    return normalize(weights, preprocessing, reference_images())


def reference_images() -> list[Tensor]:
    """The images over which filters are normalized: photographs and artworks, 224 px in area."""
    photographs = Path(skimage.data.__file__).parent
    files = [photographs / f"{name}.png" for name in ("astronaut", "chelsea", "coffee")]
    files += sorted((ASSETS / "artworks").glob("*.jpg"))
    return [load_image(path, REFERENCE_SIZE, MINIMUM_PIXELS) for path in files]


def read_weights(path: Path) -> Weights:
    """Weights from a safetensors file or a state dict; no code in the file is ever executed.

    The keys may be the paper's names (``conv1_1.weight``) or torchvision's (``features.0.weight``).
    Raises `InputError` for a file that is missing, truncated, or of another architecture.
    """
    if not path.is_file():
        raise InputError(f"no weights at {path}: check network.path, or use network=embedded")
    try:
        if path.suffix == ".safetensors":
            state = load_file(path)
        else:
            state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # damaged bytes fail in almost any way
        raise InputError(
            f"cannot read weights from {path}: it is truncated, or not a plain state dict; "
            "supply the file again"
        ) from error
    if not isinstance(state, Mapping):
        raise InputError(f"{path} holds a {type(state).__name__}, not a state dict of VGG-19")
    return check(by_paper_names(state), path)


def by_paper_names(state: Mapping[str, Tensor]) -> Weights:
    """The convolutions of a state dict under the paper's names, in float32."""
    found = {}
    for name, index in TORCHVISION_INDEX.items():
        for part in ("weight", "bias"):
            for key in (f"{name}.{part}", f"features.{index}.{part}"):
                if isinstance(value := state.get(key), Tensor):
                    found[f"{name}.{part}"] = value.float()
    return found


def check(weights: Weights, path: Path) -> Weights:
    """Raise `InputError` unless the weights are finite and chain as VGG-19's convolutions."""
    before = 3
    for name in CONVOLUTIONS:
        W, b = weights.get(f"{name}.weight"), weights.get(f"{name}.bias")
        if W is None or b is None:
            raise InputError(f"{path} has no {name}: it is not a complete VGG-19")
        if W.shape[1:] != (before, 3, 3) or b.shape != W.shape[:1]:
            raise InputError(
                f"{path}: {name} is {tuple(W.shape)}, not (N, {before}, 3, 3): not a VGG-19"
            )
        if not (W.isfinite().all() and b.isfinite().all()):
            raise InputError(f"{path}: {name} holds values that are not finite")
        before = W.shape[0]
    return weights


@torch.no_grad()
def normalize(weights: Weights, preprocessing: Preprocessing, images: Iterable[Tensor]) -> Weights:
    """Weights whose filters each have a mean response of 1 over `images`, and the same function.

    Bottom-up, W <- W mu_before / mu and b <- b / mu, where mu is the mean rectified response of
    each filter over images and positions, with average pooling. A filter that never responds is
    left as it is. Source: Gatys et al. 2015, https://arxiv.org/abs/1505.07376, section 2.
    """
    network = VGG19(weights, preprocessing)
    images = list(images)
    sums = {name: torch.zeros(len(weights[f"{name}.bias"])) for name in CONVOLUTIONS}
    for x in images:
        for name, response in network(x, CONVOLUTIONS).items():
            sums[name] += response.mean((0, 2, 3)) / len(images)
    normalized, mu_before = {}, torch.ones(3)
    for name in CONVOLUTIONS:
        mu = torch.where(sums[name] > 0, sums[name], torch.ones_like(sums[name]))
        scale = mu_before[None, :, None, None] / mu[:, None, None, None]
        normalized[f"{name}.weight"] = weights[f"{name}.weight"] * scale
        normalized[f"{name}.bias"] = weights[f"{name}.bias"] / mu
        mu_before = mu
    return normalized
