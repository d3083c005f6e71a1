"""Small networks and pictures that the tests share."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from composing import hydra_initialized
from PIL import Image
from torch import Tensor

from nst.config import (
    Config,
    ImageConfig,
    NetworkConfig,
    NoiseConfig,
    OptimizerConfig,
    PhotographConfig,
    ScheduleConfig,
)
from nst.inputs.weights import Weights
from nst.method.vgg import LAYERS, VGG19, random_weights

torch.set_num_threads(1)


def draw(width: int, height: int, seed: int) -> Image.Image:
    """A smooth random RGB picture."""
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(0, 256, (5, 5, 3), dtype=np.uint8))
    return coarse.resize((width, height), Image.Resampling.BICUBIC)


@pytest.fixture(scope="session")
def weights() -> Weights:
    """Random weights of an eighth of VGG-19's width."""
    return random_weights(1 / 8, seed=1)


@pytest.fixture(scope="session")
def network(weights: Weights) -> VGG19:
    return VGG19(weights, deepest=LAYERS[-1])


@pytest.fixture(scope="session")
def photograph() -> Tensor:
    return torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(2))


@pytest.fixture(scope="session")
def artwork() -> Tensor:
    """Of another size than the photograph."""
    return torch.rand(1, 3, 24, 48, generator=torch.Generator().manual_seed(3))


@pytest.fixture
def picture_file(tmp_path: Path) -> Callable[..., Path]:
    """Makes a picture file: its name, width, height, seed."""

    def make(name: str = "picture.png", width: int = 50, height: int = 40, seed: int = 0) -> Path:
        draw(width, height, seed).save(tmp_path / name)
        return tmp_path / name

    return make


@pytest.fixture
def config(tmp_path: Path, picture_file: Callable[..., Path]) -> Config:
    """A content and style run of one evaluation on a random network."""
    network = NetworkConfig(
        "random", "random", seed=0, width=1 / 16, scale=1.0, mean=[0.5] * 3, std=[0.25] * 3,
        bgr=False, pooling="average",
    )  # fmt: skip
    return Config(
        profile="demo", figure="images", cell="cell", panel="C", layer_set="transfer",
        content=PhotographConfig("photo", *[""] * 5, path=str(picture_file("photo.png", seed=1))),
        style=ImageConfig("painting", *[""] * 5),
        styles=[str(picture_file("painting.png", seed=2))],
        network=network, optimizer=OptimizerConfig("lbfgsb", 20, 1.0, 0.05, 0.01),
        schedule=ScheduleConfig("single", [1.0], [1.0]), init="noise",
        noise=NoiseConfig(0.45, 0.05),
        content_layers=["conv4_2"],
        style_layers=["conv1_1", "conv5_1"], loss_scaling="relative", content_scale=1.0, ratio=1.0,
        alpha=1.0, beta=1.0,
        size=32, evaluations=1, precision="float32", seed=0, device="cpu", checkpoint_every=0,
        trajectory=0, output=str(tmp_path / "out"),
        data=str(tmp_path / "data"), overwrite=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def hydra_configs() -> Iterator[None]:
    """Hydra on the committed configs, for composing.settings and composing.cells."""
    with hydra_initialized():
        yield
