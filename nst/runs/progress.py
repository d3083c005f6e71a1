"""How far a run is: a bar on a terminal, a few plain lines elsewhere."""

import functools
import multiprocessing
import re
import sys
import time

from tqdm import tqdm

from nst.method.synthesis import Row

LINES = 4  # plain lines an image


@functools.cache
def say(line: str) -> None:
    """Print a line, but not again for the next cell."""
    print(line, file=sys.stderr, flush=True)


class ImageProgress:
    """Progress of one image: evaluations, loss and remaining time."""

    def __init__(self, name: str, evaluations: int) -> None:
        self.name, self.evaluations, self.begin = name, evaluations, time.perf_counter()
        self.before: int | None = None  # evaluations of an earlier process
        self.bar = None
        if sys.stderr.isatty() and not worker():  # workers' bars would overwrite each other
            self.bar = tqdm(total=evaluations, desc=name, leave=False, position=1)

    def __call__(self, row: Row) -> None:
        done = int(row["evaluation"])
        if self.before is None:
            self.before = done - 1
        if self.bar is not None:
            self.bar.set_postfix(loss=f"{row['total']:.3g}", refresh=False)
            self.bar.update(done - self.bar.n)
        elif done % max(1, self.evaluations // LINES) == 0:
            each = (time.perf_counter() - self.begin) / (done - self.before)
            left = each * (self.evaluations - done)
            state = f"{done}/{self.evaluations}, loss {row['total']:.3g}, {left:.0f} s left"
            print(f"{self.name}: {state}", file=sys.stderr, flush=True)

    def close(self) -> None:
        """Remove the bar."""
        if self.bar is not None:
            self.bar.close()


class FigureProgress:
    """Progress over the cells of a figure or sweep."""

    def __init__(self, cells: int) -> None:
        self.cells, self.done = cells, 0
        terminal = cells > 1 and sys.stderr.isatty()
        self.bar = tqdm(total=cells, desc="cells", position=0) if terminal else None

    def advance(self, message: str) -> None:
        """One more cell is there; `message` says how."""
        self.done += 1
        if self.bar is not None:
            self.bar.update()
        counted = self.cells > 1 and self.bar is None
        self.say((f"[{self.done}/{self.cells}] " if counted else "") + message)

    def say(self, message: str) -> None:
        """A line that does not disturb the bar."""
        if self.bar is not None:
            self.bar.write(message, file=sys.stderr)
        else:
            print(message, file=sys.stderr, flush=True)


def worker() -> int | None:
    """Which of a launcher's processes this is, from 1; None in any other."""
    number = re.search(r"LokyProcess-(\d+)", multiprocessing.current_process().name)
    return int(number[1]) if number else None


def worker_number(workers: int) -> int:
    """0, 1, ... `workers` - 1: another one for each of so many processes; 0 in any other.

    In a configuration, ``device=cuda:${worker:4}`` gives each of joblib's workers its own GPU.
    """
    return ((worker() or 1) - 1) % int(workers)
