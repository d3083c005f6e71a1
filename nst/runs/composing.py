"""Configurations composed from configs/, for scripts that have no command line of Hydra's."""

from hydra import compose, initialize_config_dir
from hydra.core.config_store import ConfigStore
from omegaconf import OmegaConf

from nst.config import Config
from nst.files import CONFIGS


def composed(*overrides: str) -> Config:
    """Return the configuration that scripts/synthesize.py would have with these overrides."""
    ConfigStore.instance().store(name="schema", node=Config)
    with initialize_config_dir(str(CONFIGS), version_base="1.3"):
        config = OmegaConf.to_object(compose("config", list(overrides)))
    assert isinstance(config, Config)
    return config
