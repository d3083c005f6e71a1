"""Synthesize images: python scripts/synthesize.py content.path=photo.jpg style.path=painting.jpg

A figure is a sweep: python scripts/synthesize.py -m figure=fig3. --help lists every setting.
"""

import gc
import os
import re
import sys
from math import prod

os.environ.setdefault("HYDRA_FULL_ERROR", "1")  # errors reach the last lines of this file

import hydra
from hydra.core.config_store import ConfigStore
from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import HydraException
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from nst.config import Config
from nst.errors import InputError, UnreachableError
from nst.pipeline import compute
from nst.progress import FigureProgress
from nst.records import INCIDENTAL

ConfigStore.instance().store(name="schema", node=Config)

ERRORS = (InputError, OmegaConfBaseException, OSError)
progress: FigureProgress | None = None
failures: list[str] = []


def count_cells(settings: DictConfig) -> int:
    """How many images this command makes."""
    if settings.mode == RunMode.RUN:
        return 1
    overrides = [f"{key}={value}" for key, value in (settings.sweeper.params or {}).items()]
    overrides += [a for a in sys.argv[1:] if "=" in a and not a.startswith(("-", "hydra"))]
    axes = {}
    for override in OverridesParser.create().parse_overrides(overrides):
        swept = override.is_sweep_override()
        axes[override.key_or_group] = len(list(override.sweep_string_iterator())) if swept else 1
    return prod(axes.values())


def cell_name(config: Config, settings: DictConfig) -> str:
    """A folder's name for the image: what was swept, or what was painted in whose style."""
    if config.cell:
        return config.cell
    overrides = [o for o in settings.overrides.task if o.partition("=")[0] not in INCIDENTAL]
    if settings.mode == RunMode.MULTIRUN and overrides:
        changed = ",".join(sorted(re.sub("=.*/", "=", o) for o in overrides))  # files by name
        return re.sub(r"[^\w.=+-]+", "_", changed)
    return f"{config.content.stem}_{config.style.stem}"


def explain(error: Exception) -> str:
    """One line on what is wrong with the command."""
    text = str(error)
    if isinstance(error, HydraException):
        text = re.split("Config search path|To append to", f"{text} {error.__cause__ or ''}")[0]
        text = text.rstrip() + "; --help lists settings, configs/ choices"
    return "error: " + " ".join(text.split())


@hydra.main(version_base="1.3", config_path="../configs", config_name="config")
def main(cfg: DictConfig) -> None:
    global progress
    settings = HydraConfig.get()
    progress = progress or FigureProgress(count_cells(settings))
    try:
        # Refuses +other=keys, which Hydra lets through.
        settled = OmegaConf.merge(Config, OmegaConf.to_container(cfg, resolve=True))
        config: Config = OmegaConf.to_object(settled)
        config.cell = cell_name(config, settings)
        progress.advance(compute(config))
    except UnreachableError as error:  # the other cells would wait for the same
        progress.advance(explain(error))
        sys.exit(1)
    except ERRORS as error:  # the other cells go on
        failures.append(str(error))
        progress.advance(explain(error))


if __name__ == "__main__":
    # Hydra copies configurations a lot; collecting garbage among torch's modules meanwhile is slow.
    gc.freeze()
    gc.set_threshold(100_000)
    # Hydra wants -m before the settings; here it may stand anywhere.
    sys.argv[1:] = sorted(sys.argv[1:], key=lambda a: a not in ("-m", "--multirun"))
    try:
        main()
    except (HydraException, *ERRORS) as error:
        sys.exit(explain(error))
    sys.exit(1 if failures else 0)
