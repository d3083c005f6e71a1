"""How far a run and the other cells of its command are, and how long they will take.

Processes send each other nothing: what a launcher's workers, or the same command in a second
terminal, do and have done is seen by their locks and records.

The cost of a run is counted from its configuration. Its unit is a multiplication of a convolution;
whatever else counts as many as take that time. These numbers fit the medians of evaluations in
bfloat16 on one core of an AMD EPYC: VGG-19 at 512 px, the embedded network at 56 to 224 px, every
row and task of the figures (tests/test_costs.py).
"""

import functools
import multiprocessing
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tqdm import tqdm

from nst.config import Config, layers_used
from nst.errors import InputError, show_traceback
from nst.method.synthesis import Row
from nst.method.vgg import channels, deepest, layers_up_to, stride
from nst.runs.locks import lock_file
from nst.runs.records import read_record

FILTER = 160  # per weight: filters are laid out for each convolution
GRAM, RESPONSE = 5, 140  # per multiplication of a Gram matrix, and per response of a style layer
PIXEL = 15_000  # per pixel: the optimizer's step
SPECTRUM = 27_000  # more per pixel, if the optimizer moves the image's spectrum
CALL = 1e8  # per evaluation, whatever its size
BRIEF = 1e12  # cost, some seconds; less is not announced
LINE, TICK = 10.0, 3.0  # seconds between lines, and between estimates of the time left
BAR = "{desc}: {percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt} [{elapsed}{postfix}]"


def cost_of_run(config: Config, done: int = 0) -> float:
    """Return the cost of a run's evaluations after the first `done`."""
    cost = 0.0
    counts = shares_of(config.evaluations, config.schedule.shares)
    for count, scale in zip(counts, config.schedule.scales, strict=True):
        cost += max(0, count - done) * cost_of_evaluation(config, scale * config.size)
        done = max(0, done - count)
    return cost


def shares_of(evaluations: int, shares: list[float]) -> list[int]:
    """Divide a budget of evaluations by shares; the last one takes what rounding leaves."""
    counts = [round(share * evaluations) for share in shares[:-1]]
    return [*counts, evaluations - sum(counts)]


def cost_of_evaluation(config: Config, size: float) -> float:
    """Return the cost of one evaluation and of the optimizer's step, at a size in px."""
    pixel = PIXEL + (SPECTRUM if config.optimizer.spectrum else 0)
    return size**2 * pixel + cost_of_loss(config, size)


def cost_of_loss(config: Config, size: float) -> float:
    """Return the cost of loss and gradient at a size in px."""
    N = channels(config.network.width)
    style = config.style_layers if config.beta else []
    cost, before = CALL, 3
    for name in layers_up_to(deepest(layers_used(config))):
        positions = (size / stride(name)) ** 2
        if name.startswith("conv"):
            cost += 9 * before * N[name] * (positions + FILTER)
        if name in style:
            cost += positions * N[name] * (N[name] * GRAM + RESPONSE)
        before = N[name]
    return cost


@dataclass
class Plan:
    """The cells of a command by their folders.

    `count` includes cells whose settings were refused; `workers` compute cells at once. Records
    from before `begin` were not written by this command.
    """

    cells: dict[Path, Config] = field(default_factory=dict)
    count: int = 1
    workers: int = 1
    begin: float = field(default_factory=time.time)

    def number(self, folder: Path) -> str:
        """Return the number of a folder's cell among all, as ``[2/8] ``; empty for a single one."""
        if self.count == 1 or folder not in self.cells:
            return ""
        return f"[{[*self.cells].index(folder) + 1}/{self.count}] "

    def left(
        self, own: Path | None = None, rest: float = 0.0, done: float = 0.0, took: float = 0.0
    ) -> float:
        """Return the seconds left for all cells; 0 before any of their cost was spent.

        Of the cell that this process computes, in the folder `own`, a cost of `done` is spent, in
        `took` seconds, and `rest` is ahead; others are as far as their time allowed.
        """
        others = {folder: config for folder, config in self.cells.items() if folder != own}
        todo = {f: cost_of_run(config) for f, config in others.items() if not self.is_done(f)}
        for folder in others.keys() - todo.keys():
            if seconds := self.seconds(folder):
                done, took = done + cost_of_run(others[folder]), took + seconds
        if not done:
            return 0.0
        pace, starts = took / done, {folder: changed(lock_file(folder)) for folder in todo}
        gone = {f: time.time() - start for f, start in starts.items() if start >= self.begin}
        ahead = sum(max(0.0, cost * pace - gone.get(f, 0.0)) for f, cost in todo.items())
        workers = min(len(todo) + (own is not None), max(self.workers, 1 + len(gone)))
        return (rest * pace + ahead) / max(1, workers)

    def seconds(self, folder: Path) -> float:
        """Return the seconds that a cell took in this command; 0 if it was not computed in it."""
        if changed(folder / "record.json") < self.begin:
            return 0.0
        try:
            record = read_record(folder)
        except (InputError, OSError):
            return 0.0
        return record.get("seconds", 0.0) if record else 0.0

    def is_done(self, folder: Path) -> bool:
        """Return whether nothing is left to do for a cell."""
        since = self.begin if self.cells[folder].overwrite else 0.0
        failed, done = changed(folder / "failure.json"), changed(folder / "record.json")
        return failed >= self.begin or done > since

    def announce(self) -> str | None:
        """Return one line on the cells; None if little or nothing is left to compute."""
        todo = [config for folder, config in self.cells.items() if not self.is_done(folder)]
        if sum(map(cost_of_run, todo)) < BRIEF:
            return None
        figures = Counter(config.figure for config in self.cells.values())
        names = ", ".join(f"{count} of {name}" for name, count in figures.items())
        there = f", {len(self.cells) - len(todo)} complete" if len(todo) < len(self.cells) else ""
        at_once = f", {self.workers} at a time" if self.workers > 1 else ""
        size = max(config.size for config in todo)
        return f"{len(self.cells)} cells ({names}){there}{at_once}, up to {size} px"


def changed(path: Path) -> float:
    """Return a file's modification time in seconds; 0 if there is none."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def duration(seconds: float) -> str:
    """Return seconds in words, without false precision.

    Example:
        >>> duration(12.3), duration(400), duration(9000)
        ('12 s', '7 min', '2.5 h')
    """
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 99.5 * 60 else f"{seconds / 3600:.1f} h"


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
        # The cost after the first evaluation, which includes setting up, and when that was done.
        self.whole, self.began = 0.0, 0.0
        hidden = True if worker() else None  # workers' bars would overwrite each other
        self.bar = tqdm(total=config.evaluations, desc=self.name, leave=False, disable=hidden,
                        bar_format=BAR)  # fmt: skip
        self.pause = LINE * self.plan.workers if self.bar.disable else TICK
        first = LINE * (worker() or 1) if self.bar.disable else TICK  # workers take turns
        self.due = time.perf_counter() + first

    def __call__(self, row: Row) -> None:
        done, now = int(row["evaluation"]), time.perf_counter()
        rest = cost_of_run(self.config, done)
        self.whole, self.began = self.whole or rest, self.began or now
        if due := rest < self.whole and now >= self.due:
            left = self.plan.left(self.folder, rest, self.whole - rest, now - self.began)
            self.left = f" - {duration(left)} left"
            if len(self.plan.cells) > 1:
                self.left += " in all"
            self.due = now + self.pause
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
