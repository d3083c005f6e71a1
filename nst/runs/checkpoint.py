"""Checkpoints, from which an interrupted run resumes, and Ctrl-C, deferred until one is written."""

import io
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from types import FrameType
from typing import Any

import torch

from nst.files import write_files
from nst.method.synthesis import Result, State
from nst.runs.progress import optional, say
from nst.runs.recording import SO_FAR, remove_steps
from nst.runs.records import differences

NAME = "checkpoint.pt"
SCHEMA = 1
FIELDS = {field.name for field in fields(Result)}  # of a synthesis; training has others
REPEATS = 1.0  # seconds after a Ctrl-C in which others count as the same: a key that is held


class Interrupts:
    """A SIGINT handler: while it `waits`, the first signal is only noted, a later one raised."""

    def __init__(self) -> None:
        self.waits, self.last = False, 0.0
        self.noted = False

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """Note a signal or raise `KeyboardInterrupt`."""
        before, self.last = self.last, time.monotonic()
        if before and self.last - before < REPEATS:
            return
        if self.noted or not self.waits:
            self.waits = False
            raise KeyboardInterrupt
        self.noted = True

    def check(self) -> None:
        """Raise `KeyboardInterrupt` if one was deferred."""
        if self.noted:
            self.waits = False
            raise KeyboardInterrupt

    @contextmanager
    def handled(self) -> Iterator[None]:
        """Handle SIGINT, unless other code does; at the end, raise what was deferred.

        After an interrupt the handler stays in place: others may follow until the process ends.
        """
        before = signal.getsignal(signal.SIGINT)
        own = before is signal.default_int_handler or isinstance(before, Interrupts)
        if not own or threading.current_thread() is not threading.main_thread():
            yield  # only the main thread has handlers
            return
        after: Any = signal.default_int_handler
        signal.signal(signal.SIGINT, self)
        try:
            yield
            self.check()
        except KeyboardInterrupt:
            after = self
            raise
        finally:
            signal.signal(signal.SIGINT, after)


class Checkpoint:
    """The checkpoint in a cell's folder, written every so many seconds.

    It belongs to its settings: with others, or damaged, it is ignored.
    """

    def __init__(self, folder: Path, settings: dict[str, Any], every: float) -> None:
        self.path, self.settings, self.every = folder / NAME, settings, every
        self.written, self.interrupts = time.monotonic(), Interrupts()

    def read(self) -> State | None:
        """Return the state to resume from, on the CPU; None if there is none for these settings.

        If so, remove what an earlier run has left.
        """
        if (state := self.stored()) is None:
            remove_steps(self.path.parent)
            for path in (self.path, self.path.with_name(SO_FAR)):
                path.unlink(missing_ok=True)
        return state

    def stored(self) -> State | None:
        """Return the state in the file; if it cannot be used, print why in one line."""
        if not self.path.is_file():
            return None
        try:
            kept = torch.load(self.path, map_location="cpu", weights_only=True)
            if kept["schema"] != SCHEMA or set(kept["state"].get("run", FIELDS)) != FIELDS:
                problem = "is of another version of this code"
            elif changed := differences(kept, self.settings):
                problem = f"is of other settings ({'; '.join(changed)})"
            else:
                if kept["settings"].get("save_every") != self.settings.get("save_every"):
                    remove_steps(self.path.parent)
                state: State = kept["state"]
                return state
        except Exception as error:  # damaged bytes can raise almost anything
            problem = f"is damaged ({type(error).__name__})"
        say(f"{self.path} {problem}: starting over")
        return None

    def offer(self, state: Callable[[], State | None]) -> None:
        """Write the state if the last one is `every` seconds old; 0 means never.

        From the first offer on, Ctrl-C waits for the next one, which writes the state.
        """
        if not self.every:
            return
        self.interrupts.waits = True
        if not self.interrupts.noted and time.monotonic() - self.written < self.every:
            return
        if (found := state()) is not None:
            buffer = io.BytesIO()
            torch.save({"schema": SCHEMA, "settings": self.settings, "state": found}, buffer)
            with optional(f"no checkpoint at {self.path}"):  # the picture may still fit
                write_files(self.path.parent, {NAME: buffer.getvalue()})
        self.written = time.monotonic()
        self.interrupts.check()


def settings_of(folder: Path) -> dict[str, Any] | None:
    """Return the settings of the checkpoint in a folder, as in a record; None without one."""
    try:
        kept = torch.load(folder / NAME, map_location="cpu", weights_only=True)
        return {"settings": dict(kept["settings"])}
    except Exception:  # missing or damaged
        return None


def way_on(folder: Path) -> str:
    """Return what an interrupted command will do when rerun, and where its best picture is."""
    if (folder / "record.json").exists():
        return "go on after this picture"
    path, best = folder / NAME, folder / SO_FAR
    way = f"resume from {path}" if path.exists() else "begin this picture again"
    return way + (f"; the best picture so far is {best}" if best.exists() else "")
