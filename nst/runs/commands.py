"""The cells of one command, one after the other, and a line on how each went."""

import contextlib
import difflib
import functools
import re
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import NoReturn

import hydra
from hydra.conf import HydraConf
from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException
from hydra.types import RunMode
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException
from tqdm import tqdm

from nst.config import Config, setting_names
from nst.errors import (
    INTERRUPTED,
    BusyError,
    CellError,
    InputError,
    UnreachableError,
    show_traceback,
    was_interrupted,
)
from nst.runs import checkpoint
from nst.runs.atonce import at_once, is_auto, with_launcher, without_auto
from nst.runs.device import prepare_process
from nst.runs.overrides import settle
from nst.runs.pipeline import cell_folder, compute
from nst.runs.plan import Plan, duration
from nst.runs.planning import make_plan
from nst.runs.progress import BAR
from nst.runs.records import one_line, write_failure

ERRORS = (InputError, OmegaConfBaseException, OSError)  # a user can act on them


class Cells:
    """The cells that this process computes; those of a launcher's processes raise what went wrong.

    Hydra's callbacks would not do: they turn errors into warnings, and Hydra keeps them to itself.
    """

    def __init__(self) -> None:
        self.plan: Plan | None = None
        self.postponed: list[Config] = []
        self.folders: dict[Path, Config] = {}
        self.done, self.failed = 0, False

    @functools.cached_property
    def bar(self) -> tqdm:
        """A bar over cells, hidden off a terminal; a launcher's processes have one cell each."""
        cells = self.plan.count if self.plan and is_local(HydraConfig.get()) else 1
        hidden = None if cells > 1 else True  # None: where there is no terminal
        return tqdm(total=cells, desc="cells", position=0, disable=hidden, bar_format=BAR)

    def expect(self, commands: list[list[str]]) -> list[list[str]]:
        """Plan the cells of commands that are to come; say what they are, if they take long.

        Return the commands, with a launcher for as many cells at once as suits the machine, if that
        is left to it.
        """
        auto, commands = is_auto(commands), [without_auto(command) for command in commands]
        self.plan = make_plan(commands)
        prepare_process()
        if not self.plan:
            return commands
        if auto:
            self.plan.workers = at_once(self.plan)
        if line := self.plan.announce():
            print(line, file=sys.stderr, flush=True)
        return [with_launcher(c, self.plan.workers) for c in commands] if auto else commands

    def launch(self, main: Callable[[], None]) -> None:
        """Let Hydra compute a command's cells; a failed one of a launcher's ends that command."""
        try:
            main()
        except CellError as error:
            self.failed = True
            show_traceback(error)
            print(explain_launch(error), file=sys.stderr)

    def advance(self, message: str) -> None:
        """Count one more cell, and say how it went."""
        self.done += 1
        self.bar.update()
        counted = self.bar.total > 1 and self.bar.disable
        number = f"[{self.done}/{self.bar.total}] " if counted else ""
        tqdm.write(number + message, file=sys.stderr)

    def timed(self, message: str) -> str:
        """Add to a line on a cell how long the others will take."""
        left = self.plan.left() if self.plan and self.plan.each else 0.0
        return f"{message} - {duration(left)} left in all" if left else message

    def compute(self, cfg: DictConfig) -> None:
        """Compute the cell that Hydra has composed; report a failure, and let the others go on."""
        settings, config = HydraConfig.get(), None
        self.bar.refresh()  # there from the first cell on
        try:
            config = settle(cfg, settings)
            self.check_alone(config)
            prepare_process()
            line = compute_cell(config, settings.mode == RunMode.MULTIRUN, plan=self.plan)
            self.advance(self.timed(line))
        except ERRORS as error:
            if was_interrupted(error):
                raise KeyboardInterrupt from None
            if not is_local(settings):
                show_traceback(error)
                raise CellError(explain(error).removeprefix("error: ")) from None
            if isinstance(error, BusyError) and config:
                self.postponed.append(config)
                tqdm.write(f"{error}: this process comes back to it", file=sys.stderr)
            else:
                self.fail(error)
        except KeyboardInterrupt:
            if not is_local(settings):
                raise
            end_interrupted(f"to {way_on(config)}")

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
            try:
                self.advance(compute_cell(config, self.bar.total != 1, True, self.plan))
            except ERRORS as error:
                self.fail(error)

    def fail(self, error: Exception) -> None:
        """Report a cell that failed, and end if the others would wait for the same."""
        self.failed = True
        show_traceback(error)
        self.advance(explain(error))
        if isinstance(error, UnreachableError):
            sys.exit(1)


def is_local(settings: HydraConf) -> bool:
    """Tell whether a command computes its cells itself, and gives them to no launcher."""
    return settings.runtime.choices["hydra/launcher"] == "basic"


def compute_cell(config: Config, sweep: bool, wait: bool = False, plan: Plan | None = None) -> str:
    """Compute a cell; say in one line what was done. In a sweep, a failure leaves its reason."""
    try:
        return compute(config, wait, plan=plan)
    except BusyError:
        raise
    except Exception as error:
        if not sweep or was_interrupted(error):
            raise
        with contextlib.suppress(OSError):  # most likely what went wrong already
            write_failure(cell_folder(config), error, asdict(config))
        raise error if isinstance(error, ERRORS) else CellError(one_line(error)) from error


def way_on(config: Config | None) -> str:
    """Say how the cell of a configuration goes on after Ctrl-C."""
    return checkpoint.way_on(cell_folder(config)) if config else "begin this picture again"


def end_interrupted(way: str) -> NoReturn:
    """End the process after Ctrl-C, with one line on how to go on."""
    print(f"interrupted: rerun the command {way}", file=sys.stderr)
    sys.exit(INTERRUPTED)


def from_hydra(error: Exception) -> bool:
    """Tell whether Hydra raised an error: it means the command line, whatever its kind."""
    frames = traceback.extract_tb(error.__traceback__)
    inside = bool(frames) and Path(hydra.__file__).parent in Path(frames[-1].filename).parents
    return inside or isinstance(error, HydraException)


def explain(error: Exception) -> str:
    """Say in one line what is wrong with a command or a cell."""
    text = str(error) if isinstance(error, OmegaConfBaseException | OSError) else one_line(error)
    file = getattr(error, "missing_cfg_file", None) or ""
    if file.startswith("hydra/launcher/"):
        extra = file.rpartition("/")[2].removeprefix("submitit_")
        text = f"launcher={extra} is not installed: "
        text += f'.venv/bin/python -m pip install -c constraints.txt -e ".[{extra}]"'
    elif from_hydra(error):
        text, _, _ = f"{error} {error.__cause__ or ''}".partition("Config search path")
        text, _, _ = text.partition("To append to")
        text = f"{text.rstrip()}{meant(text)}; --help lists settings, configs/ choices"
    return "error: " + " ".join(text.split())


def meant(text: str) -> str:
    """Name the setting that is nearest to the one that Hydra says is not there."""
    unknown = re.match(r"Could not override '(.+?)'", text)
    nearest = difflib.get_close_matches(unknown[1], setting_names(Config), 1) if unknown else []
    return f" Did you mean {nearest[0]}?" if nearest else ""


def explain_launch(error: Exception) -> str:
    """Say in one line why a launcher did not bring a result of every cell."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    others = "the other cells are not affected; rerun the command for those that are missing"
    return f"error: {lines[0].rstrip(':')}; {others}, scripts/collect.py names them"


@contextlib.contextmanager
def explained() -> Iterator[None]:
    """End the process with one line for each error that a user can act on."""
    try:
        yield
    except KeyboardInterrupt:
        end_interrupted("for what is missing")
    except Exception as error:
        if was_interrupted(error):
            end_interrupted("for what is missing")
        known = isinstance(error, ERRORS) or from_hydra(error)
        launched = any(re.match("(hydra/)?launcher=(?!basic)", a) for a in sys.argv[1:])
        if isinstance(error, CellError) or (launched and not known):
            sys.exit(explain_launch(error))
        if not known:
            raise
        show_traceback(error)
        sys.exit(explain(error))
