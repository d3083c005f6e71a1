"""The configuration of a command line or of a figure, as scripts/synthesize.py gets it."""

import copy
import functools
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hydra import compose, initialize_config_dir
from hydra._internal.core_plugins.file_config_source import FileConfigSource
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from omegaconf import open_dict, read_write

from nst.config import Config
from nst.runs.overrides import typed

CONFIGS = Path(__file__).resolve().parents[1] / "configs"


@contextmanager
def hydra_initialized() -> Iterator[None]:
    """Hydra on the committed configs."""
    with initialize_config_dir(str(CONFIGS), version_base="1.3"):
        yield
    GlobalHydra.instance().clear()
    HydraConfig.instance().cfg = None


def read_configs_once() -> None:
    """Let this process read each YAML file once: that is most of the time of composing."""
    load = functools.cache(FileConfigSource.load_config)
    FileConfigSource.load_config = lambda self, path: copy.deepcopy(load(self, path))


def settings(*overrides: str) -> Config:
    """The configuration of one command line, as scripts/synthesize.py gets it."""
    cfg = compose("config", list(overrides), return_hydra_config=True)
    HydraConfig.instance().set_config(cfg)  # a figure's cell names what it was given
    with read_write(cfg), open_dict(cfg):
        del cfg["hydra"]
    return typed(cfg)


def cells(figure: str, *overrides: str) -> list[Config]:
    """The configuration of every cell of a figure's sweep."""
    cfg = compose("config", [f"figure={figure}"], return_hydra_config=True)
    axes = [
        [f"{key}={value}" for value in values.split(",")]
        for key, values in cfg.hydra.sweeper.params.items()
    ]
    return [settings(f"figure={figure}", *overrides, *cell) for cell in itertools.product(*axes)]
