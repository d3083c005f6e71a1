"""Configurations from overrides, outside of Hydra's own command line."""

from collections.abc import Sequence

import hydra
from hydra.core.config_store import ConfigStore
from hydra.core.global_hydra import GlobalHydra
from omegaconf import OmegaConf

from nst.config import Config
from nst.files import CONFIGS


def compose(overrides: Sequence[str]) -> Config:
    """Return the configuration of a picture: the committed configs under overrides.

    Raises errors of Hydra and OmegaConf for overrides that they refuse.
    """
    ConfigStore.instance().store(name="schema", node=Config)
    GlobalHydra.instance().clear()
    with hydra.initialize_config_dir(str(CONFIGS), version_base="1.3"):
        cfg = hydra.compose("config", list(overrides))
    # Merged, so that +other=keys are refused, which Hydra lets through.
    settled = OmegaConf.merge(Config, OmegaConf.to_container(cfg, resolve=True))
    config = OmegaConf.to_object(settled)
    assert isinstance(config, Config)
    return config
