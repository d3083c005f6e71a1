"""Synthesize images: python scripts/synthesize.py content.path=photo.jpg style.path=painting.jpg

A figure is a sweep: python scripts/synthesize.py -m figure=fig3, or several, figure=fig1,fig2.
--help lists every setting.
"""

import gc
import os
import signal
import sys

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C during these imports: no traceback
os.environ["HYDRA_FULL_ERROR"] = "1"  # errors reach the last lines of this file

import hydra
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig

from nst.runs.commands import Cells, explained
from nst.runs.overrides import for_hydra
from nst.runs.planning import one_grid_each
from nst.streams import keep_printing

cells = Cells()


@hydra.main(version_base="1.3", config_path="../configs", config_name="config")
def main(cfg: DictConfig) -> None:
    keep_printing()  # a launcher's worker has streams of its own
    os.chdir(HydraConfig.get().runtime.cwd)  # a cluster's worker may have started elsewhere
    cells.compute(cfg)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    keep_printing()
    # Hydra copies configurations a lot; collecting garbage among torch's modules meanwhile is slow.
    gc.freeze()
    gc.set_threshold(100_000)
    with explained():
        commands = one_grid_each(for_hydra(sys.argv[1:]))
        cells.expect(commands)
        for arguments in commands:
            sys.argv[1:] = arguments
            main()
        cells.finish()
    sys.exit(int(cells.failed))
