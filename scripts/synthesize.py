"""Synthesize images: python scripts/synthesize.py content.path=photo.jpg style.path=painting.jpg

A figure is a sweep: python scripts/synthesize.py -m figure=fig3. --help lists every setting.
"""

import contextlib
import gc
import hashlib
import os
import re
import sys
import traceback
from dataclasses import asdict
from math import prod
from pathlib import Path

os.environ["HYDRA_FULL_ERROR"] = "1"  # errors reach the last lines of this file

import hydra
from hydra.core.config_store import ConfigStore
from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Glob
from hydra.errors import HydraException
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from nst.config import Config, check_config
from nst.errors import INTERRUPTED, BusyError, CellError, InputError, UnreachableError
from nst.overrides import as_typed, check_sweep
from nst.pipeline import cell_folder, compute
from nst.progress import FigureProgress, worker_number
from nst.records import INCIDENTAL, one_line, write_failure
from nst.resume import NAME as NAME_OF_CHECKPOINT

ConfigStore.instance().store(name="schema", node=Config)

ERRORS = (InputError, OmegaConfBaseException, OSError)
UNKNOWN = 0  # cells
NAME = 160  # bytes of a folder's name; file systems take 255
# Of the cells that this process computes itself; a launcher's processes raise what went wrong.
progress: FigureProgress | None = None
failures: list[str] = []
postponed: list[Config] = []
cells: dict[Path, Config] = {}


def count_cells(settings: DictConfig) -> int:
    """How many images this command makes; `UNKNOWN` if only Hydra can tell."""
    if settings.mode == RunMode.RUN:
        return 1
    overrides = [f"{key}={value}" for key, value in (settings.sweeper.params or {}).items()]
    overrides += [a for a in sys.argv[1:] if "=" in a and not a.startswith(("-", "hydra"))]
    axes = {}
    for override in OverridesParser.create().parse_overrides(overrides):
        swept = override.is_sweep_override()
        if isinstance(override.value(), Glob):  # of a group's choices: Hydra counts them later
            return UNKNOWN
        axes[override.key_or_group] = len(list(override.sweep_string_iterator())) if swept else 1
    return prod(axes.values())


def cell_name(config: Config, settings: DictConfig) -> str:
    """A folder's name for the image: what was set, or what was painted in whose style."""
    if config.cell is not None:
        return config.cell
    unnamed = (*INCIDENTAL, "profile", "figure")  # these two are folders above
    overrides = [o for o in settings.overrides.task if o.partition("=")[0] not in unnamed]
    if settings.mode == RunMode.MULTIRUN and overrides:
        return readable(",".join(sorted(overrides)))
    return readable(f"{config.content.stem}_{config.style.stem}")


def readable(overrides: str) -> str:
    """Overrides as the name of one folder: lists as a+b, what file systems dislike as _.

    What is too long is cut, and told apart by a checksum.
    """
    lists = re.sub(r"\[.*?\]", lambda found: found[0][1:-1].replace(",", "+") or "none", overrides)
    name = re.sub(r"[^\w.=+-]+", "_", lists.replace("=/", "=").replace("'", ""))
    if len(name.encode()) <= NAME:
        return name
    start = name.encode()[: NAME - 9].decode(errors="ignore")
    return f"{start}_{hashlib.sha256(overrides.encode(errors='surrogateescape')).hexdigest()[:8]}"


def from_hydra(error: Exception) -> bool:
    """Whether Hydra raised an error: it means the command line, whatever its kind."""
    if isinstance(error, HydraException):
        return True
    frames = traceback.extract_tb(error.__traceback__)
    return bool(frames) and Path(hydra.__file__).parent in Path(frames[-1].filename).parents


def explain(error: Exception) -> str:
    """One line on what is wrong with the command."""
    text = one_line(error)
    if from_hydra(error):
        text = re.split("Config search path|To append to", f"{error} {error.__cause__ or ''}")[0]
        if extra := re.search(r"'hydra/launcher/(submitit_)?(\w+)'", text):
            text = f"launcher={extra[2]} is not installed: "
            text += f'.venv/bin/python -m pip install -c constraints.txt -e ".[{extra[2]}]"'
        else:
            text = text.rstrip() + "; --help lists settings, configs/ choices"
    elif isinstance(error, OmegaConfBaseException | OSError):
        text = str(error)
    return "error: " + " ".join(text.split())


def settle(cfg: DictConfig, settings: DictConfig) -> Config:
    """The configuration of a cell; raises an error if its values make no sense."""
    OmegaConf.register_new_resolver("worker", worker_number, replace=True)
    # Refuses +other=keys, which Hydra lets through.
    settled = OmegaConf.merge(Config, OmegaConf.to_container(cfg, resolve=True))
    config: Config = OmegaConf.to_object(settled)
    config.cell = cell_name(config, settings)
    check_config(config)
    return config


def check_alone(config: Config) -> None:
    """Raise `InputError` if another cell of this command has the same folder."""
    folder = cell_folder(config)
    if cells.setdefault(folder, config) != config:
        raise InputError(
            f"{folder} is the folder of another cell of this sweep: name what varies, "
            "or use 'cell=NAME_${hydra:job.num}'"
        )


def run_cell(config: Config, sweep: bool, wait: bool = False) -> str:
    """Compute a cell; one line that says what was done. In a sweep, a failure leaves its reason."""
    try:
        return compute(config, wait)
    except BusyError:
        raise
    except Exception as error:
        if not sweep:
            raise
        with contextlib.suppress(OSError):  # most likely what went wrong already
            write_failure(cell_folder(config), error, asdict(config))
        raise error if isinstance(error, ERRORS) else CellError(one_line(error)) from error


def fail(error: Exception) -> None:
    """Report a cell of this process that failed; the others go on."""
    assert progress is not None
    failures.append(str(error))
    progress.advance(explain(error))
    if isinstance(error, UnreachableError):  # the other cells would wait for the same
        sys.exit(1)


def run_postponed() -> None:
    """Come back to the cells that another process was computing, and wait for it."""
    for config in postponed:
        assert progress is not None
        try:
            progress.advance(run_cell(config, sweep=progress.cells != 1, wait=True))
        except ERRORS as error:
            fail(error)


@hydra.main(version_base="1.3", config_path="../configs", config_name="config")
def main(cfg: DictConfig) -> None:
    global progress
    settings = HydraConfig.get()
    here = settings.runtime.choices["hydra/launcher"] == "basic"
    os.chdir(settings.runtime.cwd)  # a worker of a cluster that was there before starts elsewhere
    progress = progress or FigureProgress(count_cells(settings) if here else 1)
    config = None
    try:
        config = settle(cfg, settings)
        check_alone(config)
        progress.advance(run_cell(config, settings.mode == RunMode.MULTIRUN))
    except ERRORS as error:
        if not here:
            raise CellError(explain(error).removeprefix("error: ")) from None
        if isinstance(error, BusyError) and config:
            postponed.append(config)
            progress.say(f"{error}: this process comes back to it")
        else:
            fail(error)
    except KeyboardInterrupt:
        if not here:
            raise
        print(interrupted(config), file=sys.stderr)
        sys.exit(INTERRUPTED)


def interrupted(config: Config | None) -> str:
    """One line on how to go on after Ctrl-C."""
    checkpoint = config and cell_folder(config) / NAME_OF_CHECKPOINT
    if checkpoint and checkpoint.exists():
        return f"interrupted: the same command goes on from {checkpoint}"
    return "interrupted: the same command begins this picture again"


def launched() -> bool:
    """Whether the command gives its cells to other processes."""
    return any(re.match(r"(hydra/)?launcher=(?!local|basic)", a) for a in sys.argv[1:])


def explain_launch(error: Exception) -> str:
    """One line on why a launcher did not bring a result of every cell."""
    lines = [line for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
    others = "the other cells are not affected; the same command does what is missing"
    return f"error: {lines[0].rstrip(':')}; {others}, scripts/collect.py names it"


if __name__ == "__main__":
    # Hydra copies configurations a lot; collecting garbage among torch's modules meanwhile is slow.
    gc.freeze()
    gc.set_threshold(100_000)
    # Hydra wants -m before the settings; here it may stand anywhere.
    sys.argv[1:] = sorted(sys.argv[1:], key=lambda a: a not in ("-m", "--multirun"))
    sweep = sys.argv[1:2] in (["-m"], ["--multirun"])
    try:
        sys.argv[1:] = [as_typed(argument, sweep) for argument in sys.argv[1:]]
        if sweep:
            check_sweep(sys.argv[1:])
        main()
        run_postponed()
    except KeyboardInterrupt:
        print("interrupted: the same command does what is missing", file=sys.stderr)
        sys.exit(INTERRUPTED)
    except CellError as error:
        sys.exit(explain_launch(error))
    except (HydraException, *ERRORS) as error:
        sys.exit(explain(error))
    except Exception as error:
        if from_hydra(error) and not launched():
            sys.exit(explain(error))
        if not launched():
            raise
        sys.exit(explain_launch(error))
    sys.exit(1 if failures else 0)
