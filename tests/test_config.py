"""Invalid settings are refused, each with one line that names it."""

import itertools
import math
from dataclasses import replace
from typing import Any

import pytest

from nst.checks import check_config
from nst.config import Config, ScheduleConfig
from nst.errors import InputError
from nst.method.optimizers import OptimizerConfig

SENSELESS: list[tuple[str, Any]] = [
    *itertools.product(
        ["alpha", "beta", "ratio", "content_scale"], [-1.0, math.nan, math.inf, -math.inf]
    ),
    *itertools.product(["network.width", "optimizer.learning_rate"], [0.0, -1.0, math.nan]),
    *itertools.product(["alpha", "optimizer.learning_rate"], [1e300]),
    *itertools.product(["size", "evaluations"], [0, -5]),
    *itertools.product(["seed", "network.seed"], [-1, 2**63]),
    ("network.seed", None),
    ("optimizer.history", 0),
    ("optimizer.name", "sgd"),
    ("network.pooling", "median"),
    ("network.source", "ftp"),
    ("network.mean", [0.5]),
    ("network.std", [0.5, 0.5, math.nan]),
    ("init", "zeros"),
    ("loss_scaling", "loose"),
    ("precision", "float16"),
    ("schedule.scales", []),
    ("schedule.scales", [1.0, 0.5]),
    ("schedule.scales", [0.5, 0.9]),
    ("schedule.scales", [0.0, 1.0]),
    ("masks", [[]]),
    ("continuation", 0.0),
    ("continuation", 10.0),
    ("continuation_share", 1.0),
    ("opening", -1),
    ("schedule.shares", [0.9]),
    ("schedule.shares", [0.5, 0.5]),
    ("optimizer.first_step", 0.0),
    ("optimizer.margin", 0.5),
    ("optimizer.margin", 0.0),
    ("checkpoint_every", -1.0),
    ("trajectory", -1),
    ("trajectory", 10**6),
    ("content.detail", [0.1]),
    ("content.detail", [0.5, 0.5, 0.6, 0.1]),
    ("output", ""),
    ("data", " "),
    *itertools.product(["cell"], ["", ".", "..", "/tmp/x", "a/../b", ".hidden"]),
    ("content_layers", []),
    ("content_layers", ["conv4_2", "conv6_1"]),
    ("content_layers", ["conv4_2", "conv4_2"]),
    ("style_layers", []),
    ("style_layers", ["relu1_1"]),
]


def changed(config: Config, setting: str, value: Any) -> Config:
    """A copy of the configuration with one dotted setting changed."""
    key, _, rest = setting.partition(".")
    if rest:
        value = replace(getattr(config, key), **{rest: value})
    return replace(config, **{key: value})


@pytest.mark.parametrize(("setting", "value"), SENSELESS)
def test_an_invalid_value_is_a_one_line_error_that_names_its_setting(
    setting: str, value: Any, config: Config
) -> None:
    config = changed(config, "optimizer", OptimizerConfig("lbfgs", 20, 1.0, 0.1, 0.01))
    check_config(config)
    with pytest.raises(InputError) as error:
        check_config(changed(config, setting, value))
    assert str(error.value).startswith(setting)
    assert ": " in str(error.value)  # the remedy
    assert "\n" not in str(error.value)


def test_no_weight_at_all_leaves_nothing_to_minimize(config: Config) -> None:
    with pytest.raises(InputError, match="nothing to minimize"):
        check_config(replace(config, alpha=0.0, beta=0.0))


def test_a_constant_of_zero_leaves_no_content_to_minimize(config: Config) -> None:
    config = replace(config, content_scale=0.0, beta=0.0)
    with pytest.raises(InputError, match="nothing to minimize"):
        check_config(config)
    check_config(replace(config, loss_scaling="literal"))


def test_rounding_leaves_evaluations_for_the_last_level(config: Config) -> None:
    scales, shares = [0.25, 0.5, 0.75, 1.0], [0.3, 0.3, 0.3, 0.1]
    config = replace(config, schedule=ScheduleConfig("own", scales, shares))
    check_config(replace(config, evaluations=4))  # 1 + 1 + 1 + 1
    with pytest.raises(InputError, match="evaluations=5 leaves none for the last"):
        check_config(replace(config, evaluations=5))  # 2 + 2 + 2 - 1


def test_layers_without_weight_may_be_empty(config: Config) -> None:
    check_config(replace(config, alpha=0.0, content_layers=[]))
    check_config(replace(config, beta=0.0, style_layers=[]))


def test_an_unknown_layer_is_refused_even_without_weight(config: Config) -> None:
    with pytest.raises(InputError, match=r"content_layers.*conv9_9"):
        check_config(replace(config, alpha=0.0, content_layers=["conv9_9"]))


def test_an_optimizer_needs_no_more_than_it_uses(config: Config) -> None:
    check_config(replace(config, optimizer=OptimizerConfig("adam", learning_rate=0.02)))
    with pytest.raises(InputError, match=r"optimizer\.learning_rate=0"):
        check_config(replace(config, optimizer=OptimizerConfig("adam", history=20)))
