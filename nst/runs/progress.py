"""How far a run is: a bar on a terminal, a few plain lines elsewhere."""

import functools
import multiprocessing
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tqdm import tqdm

from nst.method.synthesis import Row

LINES = 4  # plain lines an image


@functools.cache
def say(line: str) -> None:
    """Print a line, but not again for the next cell."""
    print(line, file=sys.stderr, flush=True)


@contextmanager
def optional(failure: str) -> Iterator[None]:
    """Go on without a side product that cannot be written, and say so."""
    try:
        yield
    except OSError as error:
        say(f"{failure} ({error.strerror}): the run goes on without")


class ImageProgress:
    """Progress of one image: evaluations, loss and remaining time."""

    def __init__(self, name: str, evaluations: int) -> None:
        self.name, self.evaluations, self.begin = name, evaluations, time.perf_counter()
        self.before: int | None = None  # evaluations of an earlier process
        hidden = True if worker() else None  # workers' bars would overwrite each other
        self.bar = tqdm(total=evaluations, desc=name, leave=False, position=1, disable=hidden)

    def __call__(self, row: Row) -> None:
        done = int(row["evaluation"])
        if self.before is None:
            self.before = done - 1
        if not self.bar.disable:
            self.bar.set_postfix(loss=f"{row['total']:.3g}", refresh=False)
            self.bar.update(done - self.bar.n)
        elif done % max(1, self.evaluations // LINES) == 0:
            each = (time.perf_counter() - self.begin) / (done - self.before)
            left = each * (self.evaluations - done)
            state = f"{done}/{self.evaluations}, loss {row['total']:.3g}, {left:.0f} s left"
            print(f"{self.name}: {state}", file=sys.stderr, flush=True)


def worker() -> int | None:
    """Return which of a launcher's processes this is, from 1; None in any other."""
    number = re.search(r"LokyProcess-(\d+)", multiprocessing.current_process().name)
    return int(number[1]) if number else None


def worker_number(workers: int) -> int:
    """Return 0, 1, ... `workers` - 1: another one for each of so many processes; 0 in any other.

    In a configuration, ``device=cuda:${worker:4}`` gives each of joblib's workers its own GPU.
    """
    return ((worker() or 1) - 1) % int(workers)
