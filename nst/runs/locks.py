"""One process per cell: locks that the system frees when their holder ends, however it ends."""

import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from nst.errors import BusyError, InputError

LOCKS, SUFFIX = ".locks", ".lock"
POLL = 0.5  # seconds between attempts at a lock
ATTEMPTS = 100  # at a folder that is removed as often as it is made


def lock_file(folder: Path) -> Path:
    """Return the lock file of a cell; it exists while the cell is computed, and after a kill."""
    return folder.parent / LOCKS / f"{folder.name}{SUFFIX}"


@contextmanager
def exclusive(folder: Path, wait: bool = False) -> Iterator[None]:
    """Keep other processes, on any host that sees the folder, from computing the same cell.

    Raise `BusyError` if another one is computing it, or `wait` until it has ended. Unless killed,
    leave neither lock file nor folders behind.
    """
    path = lock_file(folder)
    made = [parent for parent in path.parents if not parent.exists()]
    try:
        lock = hold(path, wait)
        try:
            path.write_text(f"process {os.getpid()} on {platform.node()}", encoding="utf-8")
            yield
        finally:
            path.unlink(missing_ok=True)  # while it is held, so that waiting processes notice
            lock.release()
    finally:
        with suppress(OSError):  # up to a folder that is not empty
            for parent in made or [path.parent]:
                parent.rmdir()


def hold(path: Path, wait: bool) -> FileLock:
    """Acquire a lock; raise `BusyError` if another process has it, unless told to `wait`.

    Raise `InputError` where no folder can be made for it.
    """
    lock = FileLock(path)
    for _ in range(ATTEMPTS):
        try:
            lock.acquire(blocking=wait, poll_interval=POLL)
            return lock
        except FileNotFoundError:  # another process has ended and removed the empty folder
            continue
        except Timeout:
            holder = ""
            with suppress(OSError):
                holder = path.read_text(encoding="utf-8")
            cell = path.parent.parent / path.stem
            line = f"{cell} is being computed by {holder or 'another process'}"
            raise BusyError(line) from None
    raise InputError(f"no folder can be made at {path.parent.parent}: use another one")


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
