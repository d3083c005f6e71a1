"""Typed configuration: Hydra's schema, and the only place that knows the names of the keys.

The values, each with its source, are in configs/; there are no defaults here.
"""

from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path

from omegaconf import MISSING

from nst.method.optimizers import OptimizerConfig


@dataclass
class ImageConfig:
    """An image that is published somewhere."""

    name: str = MISSING
    title: str = MISSING
    artist: str = MISSING
    year: str = MISSING
    licence: str = MISSING
    source: str = MISSING  # nst:FILE, skimage:FILE or a URL
    sha256: str | None = None


@dataclass
class PhotographConfig(ImageConfig):
    """A photograph."""

    path: str | None = None  # a local file, instead of the source
    detail: list[float] | None = None  # Fig 1: left, top, width, height, each in [0, 1]


@dataclass
class NetworkConfig:
    """A set of VGG-19 weights and what it expects."""

    name: str = MISSING
    source: str = MISSING  # embedded, url, file or random
    url: str | None = None
    sha256: str | None = None  # or its beginning
    path: str | None = None  # a local file, instead of the URL
    seed: int | None = None  # of random weights
    width: float = MISSING
    scale: float = MISSING
    mean: list[float] = MISSING
    std: list[float] = MISSING
    bgr: bool = MISSING
    pooling: str = MISSING
    means: str | None = None  # of its filters; None: those of the network, or of the run's images


@dataclass
class ScheduleConfig:
    """Sizes at which an image is synthesized, one after the other, each from the last one's."""

    name: str = MISSING
    scales: list[float] = MISSING  # of the size; the last is 1
    shares: list[float] = MISSING  # of the evaluations


@dataclass
class NoiseConfig:
    """Noise to start from."""

    mean: float = MISSING
    deviation: float = MISSING
    pink: bool | None = None  # or white


@dataclass
class Config:
    """One image to synthesize."""

    profile: str = MISSING
    figure: str = MISSING
    cell: str | None = None
    panel: str = MISSING
    layer_set: str = MISSING
    content: PhotographConfig = MISSING
    style: ImageConfig = MISSING  # the panel's artwork
    network: NetworkConfig = MISSING
    optimizer: OptimizerConfig = MISSING
    init: str = MISSING  # noise, content or file
    init_path: str | None = None  # of a file
    noise: NoiseConfig = MISSING
    schedule: ScheduleConfig = MISSING
    content_layers: list[str] = MISSING
    style_layers: list[str] = MISSING
    loss_scaling: str = MISSING
    content_scale: float = MISSING  # of alpha, for all figures
    ratio: float = MISSING
    alpha: float = MISSING
    beta: float = MISSING
    size: int = MISSING
    evaluations: int = MISSING
    precision: str = MISSING
    seed: int = MISSING
    device: str = MISSING
    checkpoint_every: float = MISSING  # seconds; 0 for none
    trajectory: int = MISSING  # height in pixels of the strip of frames; 0 for none
    output: str = MISSING
    data: str = MISSING
    overwrite: bool = MISSING
    # Beyond the paper; None means off, also where older records lack the setting.
    colours: str | None = None  # match or luminance keep the photograph's
    style_scale: float | None = None  # of the artwork, relative to the picture's size
    max_side: int | None = None  # px of the picture's longest side, instead of size
    save_every: int | None = None  # evaluations between intermediate pictures
    styles: list[str] | None = None  # files of artworks, instead of the panel's
    style_blend: list[float] | None = None  # a weight for each artwork
    masks: list[str | None] | None = None  # a file for each artwork; None: everywhere
    style_weights: list[float] | None = None  # w_l of Eq. (5)
    tv_weight: float | None = None
    tolerance: float | None = None
    continuation: float | None = None  # factor of alpha at first, in a transfer; it falls to 1
    continuation_share: float | None = None  # of the evaluations after the opening, until it is 1
    # First evaluations of a transfer, with its first style layer alone; at most a third of all.
    opening: int | None = None


@dataclass
class ArtworkConfig(ImageConfig):
    """An artwork of Figure 2, and its alpha/beta."""

    ratio: float = MISSING


@dataclass
class Schema(Config):
    """What Hydra composes: a `Config`, and tables in which configs/ look up its values."""

    artworks: dict[str, ArtworkConfig] = field(default_factory=dict)  # by panel
    budget: dict[str, int] = field(default_factory=dict)
    little: float = MISSING  # alpha/beta
    shallow: bool = False
    at_once: bool = False  # content at its own weight from the start, unless it is little
    content_scales: dict[str, float] = field(default_factory=dict)  # by loss_scaling
    grids: list[dict[str, str]] = field(default_factory=list)  # of a figure with several


def setting_names(kind: type, prefix: str = "") -> list[str]:
    """Return the names of all settings of a configuration, nested ones with a dot."""
    names = []
    for each in fields(kind):
        names.append(prefix + each.name)
        if is_dataclass(each.type):
            names += setting_names(each.type, f"{prefix}{each.name}.")  # type: ignore[arg-type]
    return names


PATHS = ("content.path", "init_path", "network.path")
LISTS = ("styles", "masks")  # of paths


def artworks(config: Config) -> dict[str, str]:
    """Return the names of a run's artworks, each with the name of its mask: style_2: mask_2."""
    ends = ["", *(f"_{k}" for k in range(2, len(config.styles or []) + 1))]
    return {f"style{end}": f"mask{end}" for end in ends}


def images_used(config: Config) -> dict[str, ImageConfig | Path]:
    """Return the images that a run reads, by name; files of the user's are paths.

    Those without a part in the loss are left out. The photograph is always there: the picture has
    its width and height.
    """
    path, names = config.content.path, artworks(config)
    images: dict[str, ImageConfig | Path] = {"content": Path(path) if path else config.content}
    if config.beta:
        styles = map(Path, config.styles) if config.styles else [config.style]
        images |= dict(zip(names, styles, strict=True))
        masks = zip(names.values(), config.masks or [], strict=False)
        images |= {name: Path(mask) for name, mask in masks if mask}
    if config.init == "file" and config.init_path:
        images["init"] = Path(config.init_path)
    return images


def paints_brightness(config: Config) -> bool:
    """Return whether only luminance is painted, and the photograph's colours are put back."""
    return config.colours == "luminance" and bool(config.beta)


def layers_used(config: Config) -> list[str]:
    """Return the layers that have a part in the loss."""
    content = config.content_layers if config.alpha else []
    return content + (config.style_layers if config.beta else [])
