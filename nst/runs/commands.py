"""The cells of one command, one after the other, with a line on how each went."""

import contextlib
import re
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig
from tqdm import tqdm

from nst.config import Config
from nst.errors import (
    BusyError,
    CellError,
    InputError,
    UnreachableError,
    one_line,
    show_traceback,
    was_interrupted,
)
from nst.runs.checkpoint import way_on
from nst.runs.device import prepare_process
from nst.runs.overrides import in_plain_words, settle
from nst.runs.pipeline import cell_folder, compute
from nst.runs.planning import prepare
from nst.runs.progress import Plan, duration
from nst.runs.records import write_failure

ERRORS = (InputError, OSError)  # a user can act on them
LAUNCHER = re.compile("(hydra/)?launcher=(?!basic)")
OTHERS = "the other cells are not affected; rerun the command for those that are missing"


class Cells:
    """The cells that this process computes; in a launcher's process, errors are raised.

    Not Hydra's callbacks: Hydra turns their errors into warnings.
    """

    def __init__(self) -> None:
        self.plan: Plan | None = None
        self.folders: dict[Path, Config] = {}
        self.postponed: list[Config] = []
        self.count = 1  # a launcher's processes have one cell each
        self.done, self.failed = 0, False

    def expect(self, commands: list[list[str]]) -> list[list[str]]:
        """Plan the cells of commands, and announce them.

        Return the commands as Hydra knows them.
        """
        self.plan, commands = prepare(commands)
        prepare_process()
        if self.plan and (line := self.plan.announce()):
            print(line, file=sys.stderr, flush=True)
        return commands

    def launch(self, main: Callable[[], None]) -> None:
        """Let Hydra compute a command's cells; with a launcher, a failed cell ends that command."""
        try:
            with in_plain_words():
                main()
        except Exception as error:
            refused = isinstance(error, ERRORS) and not isinstance(error, CellError)
            if refused or was_interrupted(error) or not any(map(LAUNCHER.match, sys.argv[1:])):
                raise
            self.failed = True
            show_traceback(error)
            problem, *_ = str(error).strip().splitlines() or [type(error).__name__]
            line = f"error: {problem.rstrip(':')}; {OTHERS}, scripts/collect.py names them"
            print(line, file=sys.stderr)

    def compute(self, cfg: DictConfig) -> None:
        """Compute the cell that Hydra has composed; report a failure and go on with the others."""
        settings, config = HydraConfig.get(), None
        local = settings.runtime.choices["hydra/launcher"] == "basic"
        self.count = self.plan.count if self.plan and local else 1
        try:
            config = settle(cfg, settings)
            if self.folders.setdefault(folder := cell_folder(config), config) != config:
                raise InputError(
                    f"{folder} is the folder of another cell of this sweep: name what varies, "
                    "or use 'cell=NAME_${hydra:job.num}'"
                )
            prepare_process()
            self.advance(compute_cell(config, settings.mode == RunMode.MULTIRUN, plan=self.plan))
        except (*ERRORS, KeyboardInterrupt) as error:
            if was_interrupted(error):
                way = way_on(cell_folder(config)) if config else "begin this picture again"
                raise KeyboardInterrupt(f"to {way}") from None
            if not local:
                show_traceback(error)
                raise CellError(one_line(error)) from None
            if isinstance(error, BusyError) and config:
                self.postponed.append(config)
                tqdm.write(f"{error}: this process will come back to it", file=sys.stderr)
            else:
                self.fail(error)

    def finish(self) -> None:
        """Compute the cells that another process had, or wait until it has."""
        for config in self.postponed:
            try:
                self.advance(compute_cell(config, self.count > 1, True, self.plan))
            except ERRORS as error:
                self.fail(error)

    def advance(self, message: str) -> None:
        """Count one more cell; print how it went and, if known, how long the others will take."""
        self.done += 1
        number = f"[{self.done}/{self.count}] " if self.count > 1 else ""
        left = self.plan.left() if self.plan else 0.0
        rest = f" - {duration(left)} left in all" if left else ""
        tqdm.write(number + message + rest, file=sys.stderr)

    def fail(self, error: BaseException) -> None:
        """Report a cell that failed; exit if the others would fail for the same reason."""
        self.failed = True
        show_traceback(error)
        self.advance(f"error: {one_line(error)}")
        if isinstance(error, UnreachableError):
            sys.exit(1)


def compute_cell(config: Config, sweep: bool, wait: bool = False, plan: Plan | None = None) -> str:
    """Compute a cell; return one line on it. In a sweep, a failure leaves failure.json."""
    try:
        return compute(config, wait, plan=plan)
    except BusyError:
        raise
    except Exception as error:
        if not sweep or was_interrupted(error):
            raise
        with contextlib.suppress(OSError):  # most likely what went wrong in the first place
            write_failure(cell_folder(config), error, asdict(config))
        raise error if isinstance(error, ERRORS) else CellError(one_line(error)) from error
