"""Progress of a run: a bar on a terminal, an occasional line elsewhere."""

import functools
import multiprocessing
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tqdm import tqdm

from nst.config import Config
from nst.errors import show_traceback
from nst.method.synthesis import Row
from nst.runs import costs
from nst.runs.plan import Plan, duration

LINE, TICK = 10.0, 3.0  # seconds between lines, and between estimates of the time left
BAR = "{desc}: {percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt} [{elapsed}{postfix}]"


@functools.cache
def say(line: str) -> None:
    """Print a line, once per process: the next cell may have the same to say."""
    print(line, file=sys.stderr, flush=True)


@contextmanager
def optional(failure: str) -> Iterator[None]:
    """Go on without a by-product that cannot be written, and say so."""
    try:
        yield
    except OSError as error:
        show_traceback(error)
        say(f"{failure} ({error.strerror or error}): continuing without it")


class ImageProgress:
    """Progress of one image, and the time left for it or, in a sweep, for all cells."""

    def __init__(self, config: Config, folder: Path, plan: Plan | None = None) -> None:
        self.config, self.folder, self.plan = config, folder, plan or Plan()
        self.name = f"{self.plan.number(folder)}{config.figure}/{config.cell}"
        self.left = ""
        self.whole = 0.0  # cost after the first evaluation, which includes setting up
        hidden = True if worker() else None  # workers' bars would overwrite each other
        self.bar = tqdm(total=config.evaluations, desc=self.name, leave=False, disable=hidden,
                        bar_format=BAR)  # fmt: skip
        self.pause = TICK if not self.bar.disable else LINE * self.plan.workers
        self.said = time.perf_counter()

    def __call__(self, row: Row) -> None:
        done, now = int(row["evaluation"]), time.perf_counter()
        rest = costs.of_run(self.config, done)
        self.whole = self.whole or rest
        if due := rest < self.whole and now - self.said >= self.pause:
            left = self.plan.left(self.folder, rest, self.whole - rest)
            self.left = f" - {duration(left)} left"
            if len(self.plan.cells) > 1:
                self.left += " in all"
            self.said = now
        if not self.bar.disable:
            self.bar.set_postfix_str(f"loss {row['total']:.3g}{self.left}", refresh=False)
            self.bar.update(done - self.bar.n)
        elif due:
            line = f"{self.name} {done}/{self.config.evaluations}{self.left}"
            print(line, file=sys.stderr, flush=True)


def worker() -> int | None:
    """Return this process's number among a launcher's, from 1; None if it is not one of them."""
    number = re.search(r"LokyProcess-(\d+)", multiprocessing.current_process().name)
    return int(number[1]) if number else None


def worker_number(workers: int) -> int:
    """Return this process's number among a launcher's `workers`, from 0; 0 in any other process.

    ``device=cuda:${worker:4}`` in a configuration gives each of joblib's workers its own GPU.
    """
    return ((worker() or 1) - 1) % int(workers)
