"""Distil the embedded network: python scripts/train.py teacher=FILE data=path/to/caltech101

A run that was interrupted goes on from its last checkpoint. At its end, <output> holds
weights.safetensors (8 bits), training.csv and training.png.
"""

import os

import hydra
from hydra.core.config_store import ConfigStore
from omegaconf import DictConfig, OmegaConf

from nst.runs.overrides import in_plain_words
from nst.script import run_script
from studies.training.learning import learn
from studies.training.student import TrainingConfig

ConfigStore.instance().store(name="train_schema", node=TrainingConfig)


@hydra.main(version_base="1.3", config_path="../configs", config_name="train")
def train(cfg: DictConfig) -> None:
    @in_plain_words()
    def main() -> None:
        config = OmegaConf.to_object(cfg)
        assert isinstance(config, TrainingConfig)
        print(learn(config))

    run_script(main)  # here, as Hydra says more of errors that it sees


if __name__ == "__main__":
    os.environ["HYDRA_FULL_ERROR"] = "1"  # errors of the command line come here
    run_script(in_plain_words()(train))
