"""Typed configuration: Hydra's schema, and the only place that knows the names of the keys.

The values, each with its source, are in configs/; there are no defaults here.
"""

import math
from dataclasses import dataclass
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
    # Beyond the paper; None leaves it out, and is what older records have.
    colours: str | None = None  # match or luminance: the photograph's are kept
    style_scale: float | None = None  # of the artwork's size
    longest: int | None = None  # px of the picture's longest side, instead of size
    save_every: int | None = None  # evaluations from one picture on the way to the next
    more_styles: list[str] | None = None  # files of further artworks
    blend: list[float] | None = None  # a weight for each artwork
    masks: list[str | None] | None = None  # a file for each artwork; None: everywhere
    style_weights: list[float] | None = None  # w_l of Eq. (5)
    variation: float | None = None
    tolerance: float | None = None


PRECISIONS = ("auto", "float32", "bfloat16", "tf32")  # of convolutions: nst.runs.device
CHOICES = {
    "network.source": ("embedded", "url", "file", "random"),
    "convention": ("relative", "literal"),
    "network.pooling": ("average", "max"),
    "optimizer.name": ("lbfgsb", "lbfgs", "adam"),
    "start.kind": ("noise", "content", "file"),
    "precision": PRECISIONS,
}
COLOURS = ("match", "luminance")  # nst.inputs.colours
PATHS = ("content.path", "style.path", "start.path", "network.path")
LISTS = ("more_styles", "masks")  # of paths
WEIGHTS = ("alpha", "beta", "ratio", "constant", "checkpoint_every")  # 0 or more
POSITIVE = ("network.width",)
USED = {  # settings of each optimizer, all above 0
    "lbfgs": ("history", "learning_rate", "first_step", "margin"),
    "lbfgsb": ("history", "first_step"),
    "adam": ("learning_rate",),
}
LARGEST = 1e30  # of these numbers: their products are still float32's
COUNTS = {
    "size": 1,
    "evaluations": 1,
    "seed": 0,
    "network.seed": 0,
    "course": 0,
}
TALLEST = 96  # frames of the course; those of larger pictures may be as tall as their size


def artworks(config: Config) -> list[str]:
    """The names of the artworks among the inputs of a run: style, style_2, ..."""
    return ["style", *(f"style_{k}" for k, _ in enumerate(config.more_styles or [], 2))]


def masks(config: Config) -> dict[str, str]:
    """The files of the masks, under their names among the inputs: mask of style, mask_2, ..."""
    names = [name.replace("style", "mask") for name in artworks(config)]
    found = zip(names, config.masks or [], strict=False)
    return {name: path for name, path in found if path is not None}


def layers_used(config: Config) -> list[str]:
    """The layers that have a part in the loss."""
    content = config.content_layers if config.alpha else []
    return content + (config.style_layers if config.beta else [])


def check_config(config: Config) -> None:
    """Raise `InputError`, naming the setting and the remedy, if values make no sense."""
    if config.colours not in (None, *COLOURS):
        raise InputError(f"colours={config.colours} is unknown: use {' or '.join(COLOURS)}")
    for setting, choices in CHOICES.items():
        if (value := attrgetter(setting)(config)) not in choices:
            raise InputError(f"{setting}={value} is unknown: use {' or '.join(choices)}")
    check_numbers(config)
    check_schedule(config.schedule, config.evaluations)
    check_paths(config)
    check_controls(config)
    if config.alpha == config.beta == 0:
        raise InputError("alpha=0 and beta=0 leave nothing to minimize: raise one of them")
    if config.constant == config.beta == 0 and config.convention == "relative":
        raise InputError("constant=0 and beta=0 leave nothing to minimize: raise one of them")
    for key, weight in (("content_layers", config.alpha), ("style_layers", config.beta)):
        layers = getattr(config, key)
        check_layers(layers, key)
        if weight and not layers:
            raise InputError(f"{key}=[] names no layer: add one, such as {key}=[conv4_2]")
        if len(set(layers)) < len(layers):
            raise InputError(f"{key} names a layer twice: {', '.join(layers)}")


def check_paths(config: Config) -> None:
    """Raise `InputError` for a path that is empty, an address, or would be ignored."""
    paths = [
        (setting, attrgetter(setting)(config)) for setting in (*PATHS, "output", "data", "cell")
    ]
    paths += [(setting, path) for setting in LISTS for path in getattr(config, setting) or []]
    for setting, path in paths:
        if path is not None and not path.strip():
            raise InputError(f"{setting} is empty: give it a name, or leave it out")
        if path and "://" in path:
            raise InputError(f"{setting}={path} is an address: download it, and give the file")
    parts = (config.cell or "x").rstrip("/").split("/")
    if any(part[:1] in ("", ".") for part in parts):
        raise InputError(f"cell={config.cell} is a folder in output: let no part begin with . or /")
    if config.start.path and config.start.kind != "file":
        raise InputError(f"start.path={config.start.path} is not used: add start=file")


def check_controls(config: Config) -> None:
    """Raise `InputError` for a control with the wrong number of values, or senseless ones."""
    fits = {
        "blend": ("weight", len(artworks(config)), "artwork"),
        "masks": ("file or null", len(artworks(config)), "artwork"),
        "style_weights": ("weight", len(config.style_layers), "style layer"),
    }
    for setting, (what, count, each) in fits.items():
        values = getattr(config, setting)
        if values is not None and len(values) != count:
            raise InputError(
                f"{setting} has {len(values)} values for {count} {each}{'s' * (count != 1)}: "
                f"give each a {what}"
            )
    for setting in ("blend", "style_weights"):
        values = getattr(config, setting) or [1.0]
        if not (all(math.isfinite(v) and v >= 0 for v in values) and sum(values) > 0):
            raise InputError(f"{setting}={values}: use finite numbers, 0 or more, not all 0")
    for setting in ("variation", "tolerance"):
        value = getattr(config, setting) or 0.0
        if not (math.isfinite(value) and value >= 0):
            raise InputError(f"{setting}={value} makes no sense: use a finite number, 0 or more")
    if (config.tolerance or 0.0) >= 1:
        raise InputError(f"tolerance={config.tolerance} would stop at once: use 0.005 or so")


def inside(box: list[float]) -> bool:
    """Whether left, top, width and height are those of a part of a picture of 1 x 1."""
    if len(box) != 4 or not all(0 <= value <= 1 for value in box):
        return False
    left, top, width, height = box
    return width > 0 < height and max(left + width, top + height) <= 1 + 1e-9


def check_schedule(schedule: ScheduleConfig, evaluations: int) -> None:
    """Raise `InputError` if the levels of a schedule make no sense, or take all evaluations."""
    scales, shares = schedule.scales, schedule.shares
    rising = all(0 < a < b for a, b in zip(scales, scales[1:], strict=False))
    if not (scales and rising and scales[-1] == 1):
        raise InputError(f"schedule.scales={scales} is no pyramid: let it rise, from above 0 to 1")
    whole = math.isclose(sum(shares), 1.0, abs_tol=1e-6)
    if len(shares) != len(scales) or not whole or min(shares) <= 0:
        raise InputError(
            f"schedule.shares={shares} does not fit: one above 0 for each scale, together 1"
        )
    if sum(round(share * evaluations) for share in shares[:-1]) >= evaluations:
        raise InputError(
            f"evaluations={evaluations} leaves none for the last of schedule.shares={shares}: "
            "raise it, or use schedule=single"
        )


def check_numbers(config: Config) -> None:
    """Raise `InputError` for a number outside of its range."""
    used = [f"optimizer.{key}" for key in USED[config.optimizer.name]]
    for setting in (*WEIGHTS, *POSITIVE, *used):
        value = attrgetter(setting)(config)
        if not (0 <= value <= LARGEST and (value or setting in WEIGHTS)):
            least = "from 0" if setting in WEIGHTS else "above 0"
            raise InputError(f"{setting}={value} makes no sense: use one {least} to {LARGEST:g}")
    if config.style_scale is not None and not 0.05 <= config.style_scale <= 20:
        raise InputError(f"style_scale={config.style_scale}: use a number from 0.05 to 20")
    for setting in ("longest", "save_every"):
        value = getattr(config, setting)
        if value is not None and not 1 <= value < 2**31:
            raise InputError(f"{setting}={value} is out of range: use 1 or more")
    for setting, smallest in COUNTS.items():
        value = attrgetter(setting)(config)
        if not smallest <= value < 2**63:
            raise InputError(f"{setting}={value} is out of range: use {smallest} or more")
    if config.course > (tallest := max(TALLEST, config.size)):
        raise InputError(f"course={config.course} is out of range: use 0 to {tallest}")
    for setting in ("content.detail", "style.detail"):
        box = attrgetter(setting)(config)
        if box is not None and not inside(box):
            raise InputError(f"{setting}={box} is no part: use left, top, width, height up to 1")
    for setting in ("network.mean", "network.std"):
        values = attrgetter(setting)(config)
        if len(values) != 3 or not all(math.isfinite(value) for value in values):
            raise InputError(f"{setting}={values} is not a colour: use three finite numbers")
    if config.optimizer.margin >= 0.5:
        raise InputError(f"optimizer.margin={config.optimizer.margin}: use 0.01, or less than 0.5")
