"""The loop: an optimizer minimizes objectives, level by level, within a budget of evaluations."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import torch
from torch import Tensor

from nst.errors import InputError
from nst.method.objective import Losses, Objective, loss_and_gradient
from nst.method.optimizers import OPTIMIZERS, Optimizer, OptimizerConfig, State
from nst.method.pixels import resize, thumbnail

Row = dict[str, float]
WINDOW = 50  # evaluations over which the loss must fall, if there is a tolerance
Progress = Callable[[Row], None]


@dataclass
class Level:
    """One stage of a run: its objective, made when it is needed, its size and its budget.

    Evaluations that a level leaves unused pass to the next.
    """

    objective: Callable[[], Objective]
    shape: tuple[int, int]  # height and width of the image
    evaluations: int


@dataclass
class Result:
    """The best image x (1, 3, H, W) in [0, 1] that was evaluated, and the course of the run."""

    image: Tensor
    best: Row = field(default_factory=dict)  # the losses of the image
    losses: list[Row] = field(default_factory=list)  # one row per evaluation
    evaluations: int = 0
    iterations: int = 0
    seconds: float = 0.0
    precision: str = ""  # of the convolutions, as they were computed
    frames: list[tuple[int, Tensor]] = field(default_factory=list)  # evaluation, (h, w, 3) bytes
    messages: list[str] = field(default_factory=list)
    # State of the run: its level, that level's last evaluation, its lowest loss now and when the
    # optimizer last began, and the factor of losses and gradients.
    level: int = 0
    limit: int = 0
    lowest: float = math.inf
    before: float = math.inf
    scale: float | None = None


class Checkpoint(Protocol):
    """Where a run keeps its state."""

    def read(self) -> State | None:
        """Return the state to resume from, or None."""

    def offer(self, state: Callable[[], State | None]) -> None:
        """Ask for the state and save it, if the last one is old enough."""


class Stop(Exception):
    """Raised within an optimizer to end it; the message says why, empty if the budget is spent."""


def synthesize(
    levels: Sequence[Level],
    init: Tensor,
    config: OptimizerConfig,
    progress: Progress = lambda row: None,
    checkpoint: Checkpoint | None = None,
    trajectory: int = 0,
    tolerance: float = 0.0,
    watch: Callable[[Result], None] = lambda result: None,
) -> Result:
    """Minimize the last level's objective over pixels from `init` (1, 3, H, W), level by level.

    A level begins at the best image of the one before, resized, or, at the same size, where its
    optimizer ended, with what that knows of curvature. Frames of height `trajectory` are kept after
    1, 2, 4, 8, ... evaluations. A level stops early, and forfeits its remaining budget, once
    `WINDOW` evaluations lower its lowest loss by less than a share of `tolerance`. `progress` and
    `watch` are called after each evaluation. Raises `InputError` if the loss is not finite at the
    start of a level.
    """
    height, width = levels[-1].shape
    frame = (trajectory, max(1, round(trajectory * width / height))) if trajectory else None
    run = Run(Result(init), config, progress, checkpoint, frame, tolerance, watch)
    kept = checkpoint.read() if checkpoint else None
    if kept:
        run.restore(kept["run"])
    while run.result.level < len(levels):
        run.finish_level(levels[run.result.level], kept["optimizer"] if kept else None)
        kept = None
        run.result.level += 1
    run.result.seconds = run.clock()
    return run.result


@dataclass
class Run:
    """A synthesis in progress: evaluates for an optimizer, counts, and keeps the best image."""

    result: Result
    config: OptimizerConfig
    progress: Progress
    checkpoint: Checkpoint | None
    frame: tuple[int, int] | None  # height and width of the trajectory's frames
    tolerance: float
    watch: Callable[[Result], None]
    begin: float = field(default_factory=time.perf_counter)
    last: Optimizer | None = None  # of the level before, with its budget spent

    def finish_level(self, level: Level, kept: State | None) -> None:
        """Spend the budget of a level, from its start or from the optimizer's state `kept`.

        An optimizer that stops early, or meets a loss that is not finite, is restarted at the best
        image as long as that lowers the loss; the run's messages say so.
        """
        result = self.result
        if not kept:
            # Losses of different levels are not comparable.
            if result.image.shape[2:] != level.shape:
                self.last, result.image = None, resize(result.image, *level.shape)
            result.lowest = math.inf
            result.limit += level.evaluations
        if result.evaluations == result.limit:  # no budget: no objective is needed
            return
        self.objective = level.objective()
        gains = True
        while gains:
            if not kept:
                result.before = result.lowest
            reason, kept = self.descend(kept), None
            if not reason:
                return
            gains = result.lowest < result.before and not self.settled()
            what = "began anew at the best image" if gains else "stopped with the best image"
            result.messages.append(f"evaluation {result.evaluations}: {reason}; {what}")

    def descend(self, kept: State | None) -> str:
        """Run one optimizer as far as it gets; return why it ended before the budget."""
        result = self.result
        try:
            optimizer = self.begin_optimizer(kept)
        except Stop as stop:
            return str(stop)
        before = result.iterations - optimizer.iterations

        def state() -> State | None:
            moved = optimizer.state()
            run = vars(result) | {"seconds": self.clock()}
            return moved and {"run": run, "optimizer": moved}

        try:
            while optimizer.step():
                result.iterations = before + optimizer.iterations
                if self.checkpoint:
                    self.checkpoint.offer(state)
        except Stop as stop:
            self.last = None if str(stop) else optimizer
            return str(stop)
        finally:
            result.iterations = before + optimizer.iterations
        return "the optimizer could not descend further"

    def begin_optimizer(self, kept: State | None) -> Optimizer:
        """Return the optimizer of the level before, if it can go on, or else a new one."""
        last, self.last = self.last, None
        if last and last.go_on():
            return last
        if not kept and math.isinf(self.result.lowest):
            self.result.scale = None
        optimizer = OPTIMIZERS[self.config.name](self.evaluate, self.result.image, self.config)
        if kept:
            optimizer.restore(kept)
        return optimizer

    def evaluate(self, x: Tensor) -> tuple[float, Tensor]:
        """Return loss and gradient at x, divided by the level's first loss for line searches."""
        result = self.result
        if result.evaluations == result.limit:
            raise Stop
        result.evaluations += 1
        losses, gradient = loss_and_gradient(self.objective, x)
        row = self.row(losses, gradient)
        if not (math.isfinite(row["total"]) and math.isfinite(row["gradient"])):
            if not math.isfinite(result.lowest):
                raise InputError(
                    f"the loss is not finite at the starting image: lower {to_lower(row)}, "
                    "or check network and images"
                )
            raise Stop("the loss was not finite")
        if result.scale is None:
            result.scale = 1 / (row["total"] or 1.0)
        result.losses.append(row)
        if row["total"] < result.lowest:
            result.image, result.best, result.lowest = x.detach().clone(), row, row["total"]
        if self.frame and result.evaluations.bit_count() == 1:  # 1, 2, 4, 8, ...
            result.frames.append((result.evaluations, thumbnail(result.image, *self.frame)))
        self.progress(row)
        self.watch(result)
        if self.settled():
            result.limit = result.evaluations  # the rest is forfeited
            share = f"{100 * self.tolerance:g} %"
            raise Stop(f"the loss fell by less than {share} over {WINDOW} evaluations")
        return row["total"] * result.scale, gradient * result.scale

    def settled(self) -> bool:
        """Return whether `WINDOW` evaluations have lowered the level's best loss too little."""
        level = self.result.level + 1
        losses = [row["total"] for row in self.result.losses if row["level"] == level]
        if not self.tolerance or len(losses) <= WINDOW:
            return False
        before, now = min(losses[:-WINDOW]), min(losses)
        return before - now < self.tolerance * before

    def row(self, losses: Losses, gradient: Tensor) -> Row:
        """Return this evaluation's row of losses.csv, with one transfer from the device."""
        columns = {"total": losses.total, "content": losses.content, "style": losses.style}
        columns |= {"gradient": gradient.norm()[None], **losses.raw}
        columns |= {f"{name}_weighted": loss for name, loss in losses.weighted.items()}
        values = torch.stack(list(columns.values())).sum(1).tolist()
        head = {"evaluation": self.result.evaluations, "seconds": round(self.clock(), 4)}
        head |= {"level": self.result.level + 1}
        return head | dict(zip(columns, values, strict=True))

    def clock(self) -> float:
        """Return the seconds that the run has taken, without interruptions."""
        return time.perf_counter() - self.begin

    def restore(self, state: State) -> None:
        """Resume from a state, on the device of the initial image."""
        device = self.result.image.device
        self.result = Result(**state)
        self.result.image = self.result.image.to(device)
        self.begin = time.perf_counter() - self.result.seconds


def to_lower(row: Row) -> str:
    """Return the weights of the terms that are not finite, or of all if only their sum is not."""
    terms = {"alpha": "content", "beta": "style", "tv_weight": "variation_weighted"}
    weights = [w for w, term in terms.items() if not math.isfinite(row.get(term, 0.0))]
    return " and ".join(weights or ["alpha", "beta"])
