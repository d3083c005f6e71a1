"""The cells of one command: computed one after the other, and a line on how each went."""

import contextlib
import sys
from dataclasses import asdict
from pathlib import Path

from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig

from nst.config import Config
from nst.errors import INTERRUPTED, BusyError, CellError, InputError, UnreachableError
from nst.runs import checkpoint
from nst.runs.commands import ERRORS, count_cells, explain, settle
from nst.runs.device import prepare_process
from nst.runs.pipeline import cell_folder, compute
from nst.runs.progress import FigureProgress
from nst.runs.records import one_line, write_failure
from nst.runs.steps import SO_FAR


class Cells:
    """The cells that this process computes; those of a launcher's processes raise what went wrong.

    Hydra's callbacks would not do: they turn errors into warnings, and Hydra keeps them to itself.
    """

    def __init__(self) -> None:
        self.progress: FigureProgress | None = None
        self.postponed: list[Config] = []
        self.folders: dict[Path, Config] = {}
        self.failed = False

    def compute(self, cfg: DictConfig) -> None:
        """Compute the cell that Hydra has composed. A failure is reported, and the others go on."""
        settings = HydraConfig.get()
        here = settings.runtime.choices["hydra/launcher"] == "basic"
        if self.progress is None:
            self.progress = FigureProgress(count_cells(sys.argv[1:], settings) if here else 1)
        config = None
        try:
            config = settle(cfg, settings)
            self.check_alone(config)
            prepare_process(config.precision)
            self.progress.advance(compute_cell(config, settings.mode == RunMode.MULTIRUN))
        except ERRORS as error:
            if not here:
                raise CellError(explain(error).removeprefix("error: ")) from None
            if isinstance(error, BusyError) and config:
                self.postponed.append(config)
                self.progress.say(f"{error}: this process comes back to it")
            else:
                self.fail(error)
        except KeyboardInterrupt:
            if not here:
                raise
            print(interrupted(config), file=sys.stderr)
            sys.exit(INTERRUPTED)

    def check_alone(self, config: Config) -> None:
        """Raise `InputError` if another cell of this command has the same folder."""
        folder = cell_folder(config)
        if self.folders.setdefault(folder, config) != config:
            raise InputError(
                f"{folder} is the folder of another cell of this sweep: name what varies, "
                "or use 'cell=NAME_${hydra:job.num}'"
            )

    def finish(self) -> None:
        """Come back to the cells that another process was computing, and wait for it."""
        for config in self.postponed:
            assert self.progress is not None
            try:
                sweep = self.progress.cells != 1
                self.progress.advance(compute_cell(config, sweep, wait=True))
            except ERRORS as error:
                self.fail(error)

    def fail(self, error: Exception) -> None:
        """Report a cell that failed, and end if the others would wait for the same."""
        assert self.progress is not None
        self.failed = True
        self.progress.advance(explain(error))
        if isinstance(error, UnreachableError):
            sys.exit(1)


def compute_cell(config: Config, sweep: bool, wait: bool = False) -> str:
    """Compute a cell; say in one line what was done. In a sweep, a failure leaves its reason."""
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


def interrupted(config: Config | None) -> str:
    """Say in one line how to go on after Ctrl-C."""
    folder = config and cell_folder(config)
    so_far = folder and folder / SO_FAR
    best = f"; the best picture so far is {so_far}" if so_far and so_far.exists() else ""
    path = folder and folder / checkpoint.NAME
    if path and path.exists():
        return f"interrupted: rerun the command to resume from {path}{best}"
    return f"interrupted: rerun the command to begin this picture again{best}"
