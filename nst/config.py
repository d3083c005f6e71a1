"""Typed configuration: Hydra's schema, and the only place that knows the names of the keys.

The values, each with its source, are in configs/; there are no defaults here.
"""

import math
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path

from omegaconf import MISSING

from nst.errors import InputError
from nst.method.optimizers import OptimizerConfig
from nst.method.vgg import check_layers


@dataclass
class ImageConfig:
    """A photograph or an artwork."""

    name: str = MISSING
    title: str = MISSING
    artist: str = MISSING
    year: str = MISSING
    licence: str = MISSING
    source: str = MISSING  # nst:FILE, skimage:FILE or a URL
    sha256: str | None = None
    path: str | None = None  # a file of one's own, instead of the source
    detail: list[float] | None = None  # Fig 1: left, top, width, height, each in [0, 1]

    @property
    def stem(self) -> str:
        """A short name for files."""
        return Path(self.path).stem if self.path else self.name


@dataclass
class NetworkConfig:
    """A set of VGG-19 weights and what it expects."""

    name: str = MISSING
    source: str = MISSING  # embedded, url, file or random
    url: str | None = None
    sha256: str | None = None  # or its beginning
    path: str | None = None  # a local file, instead of the URL
    seed: int = MISSING
    width: float = MISSING
    scale: float = MISSING
    mean: list[float] = MISSING
    std: list[float] = MISSING
    bgr: bool = MISSING
    pooling: str = MISSING


@dataclass
class ScheduleConfig:
    """Sizes at which an image is synthesized, one after the other, each from the last one's."""

    name: str = MISSING
    scales: list[float] = MISSING  # of the size; the last is 1
    shares: list[float] = MISSING  # of the evaluations


@dataclass
class StartConfig:
    """Where x starts."""

    kind: str = MISSING  # noise, content or file
    mean: float = 0.0  # of noise
    deviation: float = 0.0
    path: str | None = None


@dataclass
class Config:
    """One image to synthesize."""

    profile: str = MISSING
    figure: str = MISSING
    cell: str | None = None
    panel: str = MISSING
    depth: str = MISSING
    content: ImageConfig = MISSING
    style: ImageConfig = MISSING
    network: NetworkConfig = MISSING
    optimizer: OptimizerConfig = MISSING
    start: StartConfig = MISSING
    schedule: ScheduleConfig = MISSING
    content_layers: list[str] = MISSING
    style_layers: list[str] = MISSING
    convention: str = MISSING
    constant: float = MISSING  # of alpha, for all figures
    ratio: float = MISSING
    alpha: float = MISSING
    beta: float = MISSING
    size: int = MISSING
    evaluations: int = MISSING
    precision: str = MISSING
    seed: int = MISSING
    device: str = MISSING
    checkpoint_every: float = MISSING  # seconds; 0 for none
    course: int = MISSING  # height in pixels of the strip of frames; 0 for none
    output: str = MISSING
    data: str = MISSING
    overwrite: bool = MISSING


@dataclass
class TrainingConfig:
    """How the embedded network is trained; the values are in configs/train.yaml."""

    data: str = MISSING
    output: str = MISSING
    seed: int = MISSING
    width: float = MISSING
    steps: int = MISSING
    batch: int = MISSING
    pixels: int = MISSING
    large_from: float = MISSING
    large_batch: int = MISSING
    large_pixels: int = MISSING
    learning_rate: float = MISSING
    weight_decay: float = MISSING
    warmup: int = MISSING
    decay: float = MISSING
    bfloat16: bool = MISSING
    checkpoint_every: int = MISSING
    readouts: list[str] = field(default_factory=list)
    class_weight: float = MISSING
    instance_weight: float = MISSING
    pixel_weight: float = MISSING
    energy_weight: float = MISSING
    zoom: list[float] = field(default_factory=list)
    rotation: float = MISSING
    brightness: float = MISSING
    noisy: float = MISSING


PRECISIONS = ("auto", "float32", "bfloat16", "tf32")  # of convolutions: nst.runs.device
CHOICES = {
    "network.source": ("embedded", "url", "file", "random"),
    "convention": ("relative", "literal"),
    "network.pooling": ("average", "max"),
    "optimizer.name": ("lbfgsb", "lbfgs", "adam"),
    "start.kind": ("noise", "content", "file"),
    "precision": PRECISIONS,
}
WEIGHTS = ("alpha", "beta", "ratio", "constant", "checkpoint_every")  # 0 or more
POSITIVE = ("network.width",)
USED = {  # settings of each optimizer, all above 0
    "lbfgs": ("history", "learning_rate", "first_step", "margin"),
    "lbfgsb": ("history", "first_step"),
    "adam": ("learning_rate",),
}
COUNTS = {
    "size": 1,
    "evaluations": 1,
    "seed": 0,
    "network.seed": 0,
    "course": 0,
}


def layers_used(config: Config) -> list[str]:
    """The layers that have a part in the loss."""
    content = config.content_layers if config.alpha else []
    return content + (config.style_layers if config.beta else [])


def check_config(config: Config) -> None:
    """Raise `InputError`, naming the setting and the remedy, if values make no sense."""
    for setting, choices in CHOICES.items():
        if (value := attrgetter(setting)(config)) not in choices:
            raise InputError(f"{setting}={value} is unknown: use {' or '.join(choices)}")
    check_numbers(config)
    check_schedule(config.schedule)
    check_paths(config)
    if config.alpha == config.beta == 0:
        raise InputError("alpha=0 and beta=0 leave nothing to minimize: raise one of them")
    for key, weight in (("content_layers", config.alpha), ("style_layers", config.beta)):
        layers = getattr(config, key)
        check_layers(layers, key)
        if weight and not layers:
            raise InputError(f"{key}=[] names no layer: add one, such as {key}=[conv4_2]")
        if len(set(layers)) < len(layers):
            raise InputError(f"{key} names a layer twice: {', '.join(layers)}")


def check_paths(config: Config) -> None:
    """Raise `InputError` for a path that is empty, an address, or would be ignored."""
    for setting in ("content.path", "style.path", "start.path", "network.path"):
        path = attrgetter(setting)(config)
        if path is not None and not path.strip():
            raise InputError(f"{setting} is empty: give it a file, or leave it out")
        if path and "://" in path:
            raise InputError(f"{setting}={path} is an address: download it, and give the file")
    if config.start.path and config.start.kind != "file":
        raise InputError(f"start.path={config.start.path} is not used: add start=file")


def check_schedule(schedule: ScheduleConfig) -> None:
    """Raise `InputError` if the levels of a schedule make no sense."""
    scales, shares = schedule.scales, schedule.shares
    rising = all(0 < a < b for a, b in zip(scales, scales[1:], strict=False))
    if not (scales and rising and scales[-1] == 1):
        raise InputError(f"schedule.scales={scales} is no pyramid: let it rise, from above 0 to 1")
    whole = math.isclose(sum(shares), 1.0, abs_tol=1e-6)
    if len(shares) != len(scales) or not whole or min(shares) <= 0:
        raise InputError(
            f"schedule.shares={shares} does not fit: one above 0 for each scale, together 1"
        )


def check_numbers(config: Config) -> None:
    """Raise `InputError` for a number outside of its range."""
    used = [f"optimizer.{key}" for key in USED[config.optimizer.name]]
    for setting in (*WEIGHTS, *POSITIVE, *used):
        value = attrgetter(setting)(config)
        if not (math.isfinite(value) and value >= 0 and (value or setting in WEIGHTS)):
            least = "0 or more" if setting in WEIGHTS else "above 0"
            raise InputError(f"{setting}={value} makes no sense: use a finite number, {least}")
    for setting, smallest in COUNTS.items():
        value = attrgetter(setting)(config)
        if not smallest <= value < 2**63:
            raise InputError(f"{setting}={value} is out of range: use {smallest} or more")
    for setting in ("network.mean", "network.std"):
        values = attrgetter(setting)(config)
        if len(values) != 3 or not all(math.isfinite(value) for value in values):
            raise InputError(f"{setting}={values} is not a colour: use three finite numbers")
    if config.optimizer.margin >= 0.5:
        raise InputError(f"optimizer.margin={config.optimizer.margin}: use 0.01, or less than 0.5")
