"""Rules for the values of a configuration, each with its message for other values."""

from collections.abc import Callable
from itertools import pairwise
from math import isclose, isfinite
from operator import attrgetter
from typing import Any

from nst.config import LISTS, PATHS, Config, artworks
from nst.errors import InputError
from nst.method.optimizers import OPTIMIZERS
from nst.method.vgg import check_layers

LARGEST = 1e30  # of weights and the like, so that products still fit float32
TALLEST = 96  # px of the trajectory's frames, or the size if that is larger


def one_of(*choices: str) -> tuple[Callable[[Any], bool], str]:
    """Return the condition that a value is one of `choices`, and its message."""
    return choices.__contains__, f"must be one of {', '.join(choices)}"


def inside(box: list[float]) -> bool:
    """Return whether left, top, width and height are a box within [0, 1]."""
    within = len(box) == 4 and all(0 <= value <= 1 for value in box) and min(box[2:]) > 0
    return within and max(box[0] + box[2], box[1] + box[3]) <= 1 + 1e-9


POSITIVE = (lambda v: 0 < v <= LARGEST, f"must be in (0, {LARGEST:g}]")
# Settings, the condition on their values unless null, and the message for other values.
RULES: tuple[tuple[str, Callable[[Any], bool], str], ...] = (
    ("colours", *one_of("match", "luminance")),  # nst.inputs.colours
    ("network.source", *one_of("embedded", "url", "file", "random")),
    ("loss_scaling", *one_of("relative", "literal", "normalized")),
    ("network.means", *one_of("oxford", "embedded", "ones")),
    ("network.pooling", *one_of("average", "max")),
    ("optimizer.name", *one_of(*OPTIMIZERS)),
    ("init", *one_of("noise", "content", "file")),
    ("precision", *one_of("auto", "float32", "bfloat16", "tf32")),  # nst.runs.device
    ("ratio alpha beta content_scale tv_weight checkpoint_every", lambda v: 0 <= v <= LARGEST,
     f"must be in [0, {LARGEST:g}]"),
    ("network.width continuation", *POSITIVE),
    ("style_scale", lambda v: 0.05 <= v <= 20, "must be in [0.05, 20]"),
    ("max_side save_every", lambda v: 1 <= v < 2**31, "must be 1 or more"),
    ("size evaluations", lambda v: 1 <= v < 2**63, "must be 1 or more"),
    ("seed network.seed trajectory opening", lambda v: 0 <= v < 2**63, "must be 0 or more"),
    ("content.detail", inside, "must be left, top, width, height of a box in [0, 1]"),
    ("network.mean network.std", lambda v: len(v) == 3 and all(map(isfinite, v)),
     "must be three finite numbers"),
    ("optimizer.spectrum", lambda v: 0 <= v <= 2, "must be in [0, 2], or null"),
    ("optimizer.margin", lambda v: not v >= 0.5, "must be less than 0.5"),
    ("schedule.scales", lambda v: v[-1:] == [1] and all(0 < a < b for a, b in pairwise(v)),
     "must increase and end at 1, as [0.25,0.5,1]"),
    ("tolerance", lambda v: 0 <= v < 1, "must be in [0, 1)"),
    ("continuation_share", lambda v: 0 < v < 1, "must be in (0, 1)"),
)  # fmt: skip


def check_config(config: Config) -> None:
    """Raise `InputError`, with setting and remedy, for a value that is not valid."""
    optimizer = OPTIMIZERS.get(config.optimizer.name)
    used = " ".join(f"optimizer.{name}" for name in optimizer.settings) if optimizer else ""
    for settings, fits, problem in ((used, *POSITIVE), *RULES):
        for setting in settings.split():
            value = attrgetter(setting)(config)
            if value is not None and not fits(value):
                raise InputError(f"{setting}={value}: {problem}")
    if config.trajectory > (tallest := max(TALLEST, config.size)):
        raise InputError(f"trajectory={config.trajectory}: must be in [0, {tallest}]")
    if config.network.source == "random" and config.network.seed is None:
        raise InputError("network.seed=null: must be a number, for random weights")
    if (config.continuation is None) != (config.continuation_share is None):
        raise InputError(
            f"continuation={config.continuation} and continuation_share={config.continuation_share}"
            ": give both, or null for both"
        )
    check_paths(config)
    check_lists(config)
    for factor in ("alpha",) if config.loss_scaling == "literal" else ("alpha", "content_scale"):
        if getattr(config, factor) == config.beta == 0:
            raise InputError(f"{factor}=0 and beta=0 leave nothing to minimize: raise one of them")
    for key, weight in (("content_layers", config.alpha), ("style_layers", config.beta)):
        layers = getattr(config, key)
        check_layers(layers, key)
        if weight and not layers:
            raise InputError(f"{key}=[] names no layer: add one, such as {key}=[conv4_2]")
        if len(set(layers)) < len(layers):
            raise InputError(f"{key} names a layer twice: {', '.join(layers)}")


def check_lists(config: Config) -> None:
    """Raise `InputError` for a list of a wrong length, or whose values do not fit together."""
    if config.styles == []:
        raise InputError("styles=[] names no artwork: name one, or leave it out")
    pictures, layers = len(artworks(config)), len(config.style_layers)
    for setting, what, count, each in (
        ("style_blend", "weight", pictures, "artwork"),
        ("masks", "file or null", pictures, "artwork"),
        ("style_weights", "weight", layers, "style layer"),
    ):
        values = getattr(config, setting)
        if values is not None and len(values) != count:
            found = f"{len(values)} values for {count} {each}{'' if count == 1 else 's'}"
            raise InputError(f"{setting} has {found}: give each a {what}")
        weights = values if values and what == "weight" else [1.0]
        if not (all(0 <= value <= LARGEST for value in weights) and any(weights)):
            raise InputError(f"{setting}={values}: must be in [0, {LARGEST:g}], not all 0")
    shares, evaluations = config.schedule.shares, config.evaluations
    whole = isclose(sum(shares), 1.0, abs_tol=1e-6)
    if not (whole and len(shares) == len(config.schedule.scales) and min(shares) > 0):
        raise InputError(
            f"schedule.shares={shares}: must be above 0, one for each scale, with a sum of 1"
        )
    if sum(round(share * evaluations) for share in shares[:-1]) >= evaluations:
        raise InputError(
            f"evaluations={evaluations} leaves none for the last of schedule.shares={shares}: "
            "raise it, or use schedule=single"
        )


def check_paths(config: Config) -> None:
    """Raise `InputError` for a path that is empty, a URL, or would be ignored."""
    settings = (*PATHS, "output", "data", "cell")
    paths = [*zip(settings, attrgetter(*settings)(config), strict=True)]
    paths += [(setting, path) for setting in LISTS for path in getattr(config, setting) or []]
    for setting, path in paths:
        if not isinstance(path, str | None):
            raise InputError(f"{setting} has {path}: name one file for each")
        if path is not None and not path.strip():
            raise InputError(f"{setting} is empty: give it a name, or leave it out")
        if path and "://" in path:
            raise InputError(f"{setting}={path} is an address: download it, and give the file")
    parts = (config.cell or "x").rstrip("/").split("/")
    if any(part[:1] in ("", ".") for part in parts):
        raise InputError(f"cell={config.cell}: no part of it may begin with . or /")
    if config.init_path and config.init != "file":
        raise InputError(f"init_path={config.init_path} is not used: add init=file")
