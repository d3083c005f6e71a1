"""The loop: an objective and an optimizer turn a start into a result, within a budget."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor

from nst.config import OptimizerConfig
from nst.errors import InputError
from nst.objective import Losses, Objective
from nst.optimizers import OPTIMIZERS

Row = dict[str, float]
Progress = Callable[[Row], None]


class BudgetSpent(Exception):
    """Raised inside an optimizer when no evaluation is left."""


class NonFinite(Exception):
    """Raised inside an optimizer when loss or gradient is not finite."""


@dataclass
class Result:
    """An image x (1, 3, H, W) in [0, 1], the best that was evaluated, and how it came about."""

    image: Tensor
    losses: list[Row]  # one row an evaluation
    evaluations: int
    iterations: int
    seconds: float
    messages: list[str] = field(default_factory=list)

    @property
    def best(self) -> Row:
        """The losses of the image."""
        return min(self.losses, key=lambda row: row["total"])


class Run:
    """Evaluates the objective for an optimizer: counts, records, and keeps the best image."""

    def __init__(self, objective: Objective, x: Tensor, budget: int, progress: Progress) -> None:
        self.objective, self.budget, self.progress = objective, budget, progress
        self.best, self.lowest = x, math.inf
        self.evaluations = self.iterations = 0
        self.losses: list[Row] = []
        self.scale = 1.0
        self.begin = time.perf_counter()

    def evaluate(self, x: Tensor) -> tuple[float, Tensor]:
        """Loss and gradient at x, both divided by the first loss: line searches like units."""
        if self.evaluations == self.budget:
            raise BudgetSpent
        self.evaluations += 1
        x = x.detach().requires_grad_()
        losses = self.objective(x)
        (gradient,) = torch.autograd.grad(losses.total.sum(), x)
        row = self.row(losses)
        if not (math.isfinite(row["total"]) and gradient.isfinite().all()):
            raise NonFinite
        if not self.losses:
            self.scale = 1 / (row["total"] or 1.0)
        self.losses.append(row)
        if row["total"] < self.lowest:
            self.best, self.lowest = x.detach().clone(), row["total"]
        self.progress(row)
        return row["total"] * self.scale, gradient * self.scale

    def row(self, losses: Losses) -> Row:
        """The line of losses.csv of this evaluation; one transfer from the device."""
        columns = {"total": losses.total, "content": losses.content, "style": losses.style}
        columns |= losses.raw
        columns |= {f"{name}_weighted": loss for name, loss in losses.weighted.items()}
        values = torch.stack(list(columns.values())).sum(1).tolist()
        seconds = round(time.perf_counter() - self.begin, 4)
        return {
            "evaluation": self.evaluations,
            "seconds": seconds,
            **dict(zip(columns, values, strict=True)),
        }

    def iterated(self) -> None:
        """Count an iteration of the optimizer."""
        self.iterations += 1


def synthesize(
    objective: Objective,
    start: Tensor,
    config: OptimizerConfig,
    evaluations: int,
    progress: Progress = lambda row: None,
) -> Result:
    """Minimize `objective` over pixels from `start` (1, 3, H, W), in at most `evaluations`.

    An optimizer that stops early, or meets a loss that is not finite, begins anew at the best
    image as long as that still gains; the result's messages say so. Raises `InputError` if the
    loss is not finite at `start` itself.
    """
    run, messages = Run(objective, start, evaluations, progress), []
    while True:
        before, reason = run.lowest, "the optimizer could not descend further"
        try:
            OPTIMIZERS[config.name](run.evaluate, run.best, config, run.iterated)
        except BudgetSpent:
            break
        except NonFinite:
            reason = "the loss was not finite"
            if not run.losses:
                raise InputError(
                    "the loss is not finite at the starting image: lower alpha and beta, "
                    "or check network and images"
                ) from None
        gains = run.lowest < before
        what = "began anew at the best image" if gains else "stopped with the best image"
        messages.append(f"evaluation {run.evaluations}: {reason}; {what}")
        if not gains:
            break
    seconds = time.perf_counter() - run.begin
    return Result(run.best, run.losses, run.evaluations, run.iterations, seconds, messages)
