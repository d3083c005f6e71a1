"""The loop: objectives and an optimizer turn a start into a result, within a budget."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from torch import Tensor

from nst.config import OptimizerConfig
from nst.errors import InputError
from nst.images import resize
from nst.objective import Objective
from nst.optimizers import OPTIMIZERS, State
from nst.resume import Checkpoint
from nst.run import BudgetSpent, NonFinite, Progress, Row, Run


@dataclass
class Level:
    """One size of a schedule: the objective there, made when it is needed, and its budget.

    What a level leaves of its evaluations is the next one's.
    """

    objective: Callable[[], Objective]
    shape: tuple[int, int]  # height and width of the image
    evaluations: int


@dataclass
class Result:
    """An image x (1, 3, H, W) in [0, 1], the best that was evaluated, and how it came about."""

    image: Tensor
    best: Row  # the losses of the image
    losses: list[Row]  # one row an evaluation
    evaluations: int
    iterations: int
    seconds: float
    frames: list[tuple[int, Tensor]] = field(default_factory=list)  # evaluation, (h, w, 3) bytes
    messages: list[str] = field(default_factory=list)


def synthesize(
    levels: Sequence[Level],
    start: Tensor,
    config: OptimizerConfig,
    progress: Progress = lambda row: None,
    checkpoint: Checkpoint | None = None,
    course: int = 0,
) -> Result:
    """Minimize the last level's objective over pixels from `start` (1, 3, H, W), level by level.

    A level begins at the last one's best image, resized. Frames of a height of `course` pixels are
    kept after 1, 2, 4, 8, ... evaluations. Raises `InputError` if the loss is not finite at the
    start of a level.
    """
    height, width = levels[-1].shape
    run = Run(start, progress, (course, max(1, round(course * width / height))) if course else None)
    kept = checkpoint.read() if checkpoint else None
    if kept:
        run.restore(kept["run"])
    while run.level < len(levels):
        level = levels[run.level]
        if not kept:
            run.enter(resize(run.best, *level.shape), level.evaluations)
        run.objective = level.objective()
        minimize(run, config, checkpoint, kept["optimizer"] if kept else None)
        run.level, kept = run.level + 1, None
    return Result(
        run.best,
        run.best_row,
        run.losses,
        run.evaluations,
        run.iterations,
        run.clock(),
        run.frames,
        run.messages,
    )


def minimize(
    run: Run, config: OptimizerConfig, checkpoint: Checkpoint | None, kept: State | None
) -> None:
    """Spend the budget of a level.

    An optimizer that stops early, or meets a loss that is not finite, begins anew at the best
    image as long as that still gains; the run's messages say so.
    """
    while True:
        if not kept:
            run.before = run.lowest
        reason = descend(run, config, checkpoint, kept)
        kept = None
        if reason is None:
            return
        gains = run.lowest < run.before
        what = "began anew at the best image" if gains else "stopped with the best image"
        run.messages.append(f"evaluation {run.evaluations}: {reason}; {what}")
        if not gains:
            return


def descend(
    run: Run, config: OptimizerConfig, checkpoint: Checkpoint | None, kept: State | None
) -> str | None:
    """Let one optimizer move pixels as far as it can; why it stopped, or None: budget spent."""
    optimizer = OPTIMIZERS[config.name](run.evaluate, run.best, config)
    if kept:
        optimizer.restore(kept)
    before = run.iterations - optimizer.iterations

    def state() -> State | None:
        moved = optimizer.state()
        return moved and {"run": run.state(), "optimizer": moved}

    try:
        moves = True
        while moves:
            moves = optimizer.step()
            run.iterations = before + optimizer.iterations
            if moves and checkpoint:
                checkpoint.offer(state)
    except BudgetSpent:
        run.iterations = before + optimizer.iterations
        return None
    except NonFinite:
        run.iterations = before + optimizer.iterations
        if not math.isfinite(run.lowest):
            raise InputError(
                "the loss is not finite at the starting image: lower alpha and beta, "
                "or check network and images"
            ) from None
        return "the loss was not finite"
    return "the optimizer could not descend further"
