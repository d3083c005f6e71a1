"""One process per cell: locks that the system frees when their holder ends, however it ends."""

import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from nst.errors import BusyError

SUFFIX = ".lock"
POLL = 0.5  # seconds between attempts at a lock


def lock_file(folder: Path) -> Path:
    """Return the lock file of a cell; it exists while the cell is computed, and after a kill."""
    return folder.with_name(f".{folder.name}{SUFFIX}")


@contextmanager
def exclusive(folder: Path, wait: bool = False) -> Iterator[None]:
    """Keep other processes, on any host that sees the folder, from computing the same cell.

    Raise `BusyError` if another one is computing it, or `wait` until it has ended. Unless killed,
    leave neither lock file nor empty folders behind.
    """
    path = lock_file(folder)
    lock, made = FileLock(path), [parent for parent in path.parents if not parent.exists()]
    try:
        while not lock.is_locked:  # again, if another process has just removed the empty folder
            path.parent.mkdir(parents=True, exist_ok=True)
            with suppress(FileNotFoundError):
                lock.acquire(blocking=wait, poll_interval=POLL)
    except Timeout:
        holder = ""
        with suppress(OSError):
            holder = path.read_text(encoding="utf-8")
        line = f"{folder} is being computed by {holder or 'another process'}"
        raise BusyError(line) from None
    try:
        path.write_text(f"process {os.getpid()} on {platform.node()}", encoding="utf-8")
        yield
    finally:
        path.unlink(missing_ok=True)  # while it is held, so that waiting processes notice
        lock.release()
        with suppress(OSError):  # up to a folder that is not empty
            for parent in made:
                parent.rmdir()


def is_held(folder: Path) -> bool:
    """Return whether a process is computing the cell at this moment."""
    path = lock_file(folder)
    if not path.exists():
        return False
    try:
        with FileLock(path, blocking=False):
            return False
    except (Timeout, OSError):  # without permission to lock, assume so
        return True
