"""The Hydra command: a cell, or all cells of a sweep, by overrides of the committed configs."""

import gc
import os
import sys

import hydra
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig

from nst.files import CONFIGS
from nst.runs.commands import Cells
from nst.runs.overrides import for_hydra
from nst.runs.planning import one_grid_each
from nst.script import keep_printing


def main() -> int:
    os.environ["HYDRA_FULL_ERROR"] = "1"  # errors reach `Cells.launch`
    # Hydra copies configurations a lot, and collecting garbage among torch's modules is slow.
    gc.freeze()
    gc.set_threshold(100_000)
    cells = Cells()

    # A local function, as a launcher pickles it for its workers together with the plan.
    @hydra.main(version_base="1.3", config_path=str(CONFIGS), config_name="config")
    def compute(cfg: DictConfig) -> None:
        keep_printing()  # a worker has its own streams
        os.chdir(HydraConfig.get().runtime.cwd)  # a cluster's worker may have started elsewhere
        cells.compute(cfg)

    for arguments in cells.expect(one_grid_each(for_hydra(sys.argv[1:]))):
        sys.argv[1:] = arguments
        cells.launch(compute)
    cells.finish()
    return int(cells.failed)
