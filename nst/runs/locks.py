"""One process a cell: locks that the system frees when their holder ends, however it ended."""

import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from nst.errors import BusyError

LOCKS = ".locks"
POLL = 0.5  # seconds between two looks at a lock that is waited for


def lock_file(folder: Path) -> Path:
    """The lock of a cell's folder. It is there while the cell is computed, and after a kill."""
    return folder.parent / LOCKS / f"{folder.name}.lock"


@contextmanager
def exclusive(folder: Path, wait: bool = False) -> Iterator[None]:
    """Keep other processes, on any host that sees the folder, from computing the same cell.

    Raises `BusyError` if another one has it already; with `wait`, this one waits for its turn.
    Leaves neither lock nor folders behind, unless the process is killed.
    """
    path = lock_file(folder)
    made = [parent for parent in path.parents if not parent.exists()]
    lock = hold(path, wait)
    try:
        path.write_text(f"process {os.getpid()} on {platform.node()}")
        yield
    finally:
        path.unlink(missing_ok=True)  # while it is held: who waits for it notices
        lock.release()
        remove_empty(made or [path.parent])


def hold(path: Path, wait: bool) -> FileLock:
    """Acquire a lock, or raise `BusyError` if another process has it and this one may not wait."""
    lock = FileLock(path)
    while True:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire(blocking=wait, poll_interval=POLL)
            return lock
        except FileNotFoundError:  # another process was done, and removed the empty folder
            continue
        except Timeout:
            cell = path.parent.parent / path.stem
            raise BusyError(f"{cell} is being computed by {holder(path)}") from None


def holder(path: Path) -> str:
    """Who has a lock, as far as it says."""
    try:
        return path.read_text() or "another process"
    except OSError:
        return "another process"


def remove_empty(folders: list[Path]) -> None:
    """Remove folders, the innermost first, up to one that is not empty."""
    for folder in folders:
        try:
            folder.rmdir()
        except OSError:
            return


def is_held(folder: Path) -> bool:
    """Whether a process is computing the cell of a folder at this moment."""
    path = lock_file(folder)
    if not path.exists():
        return False
    try:
        with FileLock(path, blocking=False):
            return False
    except (Timeout, OSError):  # who may not lock cannot tell, and should not disturb
        return True
