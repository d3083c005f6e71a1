"""What a run saves on the way, so that it can go on where it was killed."""

import io
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from nst.files import write_files
from nst.runs.progress import say
from nst.runs.records import differences

State = dict[str, Any]
NAME = "checkpoint.pt"
SCHEMA = 1


class Checkpoint:
    """The checkpoint of one cell: its file in the cell's folder, and when to write it again.

    It belongs to the settings that it was made with; with others, or damaged, it does not count.
    """

    def __init__(self, folder: Path, settings: dict[str, Any], every: float) -> None:
        self.path, self.settings, self.every = folder / NAME, settings, every
        self.written = time.monotonic()

    def read(self) -> State | None:
        """The state to go on from, on the CPU; None where there is none for these settings."""
        try:
            kept = torch.load(self.path, map_location="cpu", weights_only=True)
            same = kept["schema"] == SCHEMA and not differences(kept, self.settings)
            return kept["state"] if same else None
        except FileNotFoundError:
            return None
        except Exception:  # damaged bytes fail in almost any way; the run can always begin again
            return None

    def offer(self, state: Callable[[], State | None]) -> None:
        """Write the state if the last time is `every` seconds ago, and 0 means never."""
        if not self.every or time.monotonic() - self.written < self.every:
            return
        if (found := state()) is not None:
            buffer = io.BytesIO()
            torch.save({"schema": SCHEMA, "settings": self.settings, "state": found}, buffer)
            try:
                write_files(self.path.parent, {NAME: buffer.getvalue()})
            except OSError as error:  # the picture may still fit
                say(f"no checkpoint at {self.path} ({error.strerror}): the run goes on without")
        self.written = time.monotonic()

    def remove(self) -> None:
        """The run is complete: nothing is left to go on from."""
        self.path.unlink(missing_ok=True)
