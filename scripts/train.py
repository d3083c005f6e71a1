"""Learn the embedded network: python scripts/train.py teacher=FILE data=path/to/caltech101

A run that was interrupted goes on from its last checkpoint. At its end, <output> holds
weights.safetensors (8 bits), training.csv and training.png.
"""

import os
import sys

os.environ["HYDRA_FULL_ERROR"] = "1"  # errors reach the last lines of this file

import hydra
from hydra.core.config_store import ConfigStore
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from nst.errors import InputError, show_traceback
from studies.training.learning import learn
from studies.training.settings import TrainingConfig

ConfigStore.instance().store(name="train_schema", node=TrainingConfig)


@hydra.main(version_base="1.3", config_path="../configs", config_name="train")
def main(cfg: DictConfig) -> None:
    try:
        config = OmegaConf.to_object(cfg)
        assert isinstance(config, TrainingConfig)
        print(learn(config))
    except InputError as error:
        show_traceback(error)
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    try:
        main()
    except (HydraException, OmegaConfBaseException) as error:
        show_traceback(error)
        sys.exit("error: " + " ".join(str(error).split()))
