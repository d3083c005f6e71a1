"""The course of one image: what was evaluated, what it cost, and the best so far."""

import math
import time
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from nst.images import thumbnail
from nst.objective import Losses, Objective

Row = dict[str, float]
Progress = Callable[[Row], None]
KEPT = ("best", "best_row", "lowest", "before", "scale", "level", "limit", "evaluations",
        "iterations", "losses", "frames", "messages")  # fmt: skip


class BudgetSpent(Exception):
    """Raised inside an optimizer when no evaluation is left."""


class NonFinite(Exception):
    """Raised inside an optimizer when loss or gradient is not finite."""


class Run:
    """Evaluates the objective for an optimizer: counts, records, and keeps the best image."""

    objective: Objective

    def __init__(self, start: Tensor, progress: Progress, frame: tuple[int, int] | None) -> None:
        self.progress, self.frame = progress, frame
        self.best, self.lowest, self.before = start, math.inf, math.inf
        self.best_row: Row = {}
        self.level = self.limit = self.evaluations = self.iterations = 0
        self.losses: list[Row] = []
        self.frames: list[tuple[int, Tensor]] = []
        self.messages: list[str] = []
        self.scale: float | None = None
        self.begin = time.perf_counter()

    def enter(self, x: Tensor, evaluations: int) -> None:
        """Begin a level at x, with a budget of its own; losses of other levels do not compare."""
        self.best, self.lowest, self.scale = x, math.inf, None
        self.limit += evaluations

    def evaluate(self, x: Tensor) -> tuple[float, Tensor]:
        """Loss and gradient at x, both divided by the first loss: line searches like units."""
        if self.evaluations == self.limit:
            raise BudgetSpent
        self.evaluations += 1
        x = x.detach().requires_grad_()
        losses = self.objective(x)
        (gradient,) = torch.autograd.grad(losses.total.sum(), x)
        gradient = gradient.contiguous()
        row = self.row(losses, gradient)
        if not (math.isfinite(row["total"]) and math.isfinite(row["gradient"])):
            raise NonFinite
        if self.scale is None:
            self.scale = 1 / (row["total"] or 1.0)
        self.losses.append(row)
        if row["total"] < self.lowest:
            self.best, self.best_row, self.lowest = x.detach().clone(), row, row["total"]
        if self.frame and self.evaluations.bit_count() == 1:  # 1, 2, 4, 8, ...
            self.frames.append((self.evaluations, thumbnail(self.best, *self.frame)))
        self.progress(row)
        return row["total"] * self.scale, gradient * self.scale

    def row(self, losses: Losses, gradient: Tensor) -> Row:
        """The line of losses.csv of this evaluation; one transfer from the device."""
        columns = {"total": losses.total, "content": losses.content, "style": losses.style}
        columns |= {"gradient": gradient.norm()[None]}
        columns |= losses.raw
        columns |= {f"{name}_weighted": loss for name, loss in losses.weighted.items()}
        values = torch.stack(list(columns.values())).sum(1).tolist()
        head = {"evaluation": self.evaluations, "seconds": round(self.clock(), 4)}
        return head | {"level": self.level + 1} | dict(zip(columns, values, strict=True))

    def clock(self) -> float:
        """Seconds that the run has taken, also before it was interrupted."""
        return time.perf_counter() - self.begin

    def state(self) -> dict[str, Any]:
        """All that `restore` needs to go on."""
        return {name: getattr(self, name) for name in KEPT} | {"seconds": self.clock()}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a state, on the device of the start."""
        device = self.best.device
        for name in KEPT:
            setattr(self, name, state[name])
        self.best = self.best.to(device)
        self.begin = time.perf_counter() - state["seconds"]
