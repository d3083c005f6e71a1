"""Optimizers for the image: L-BFGS over angles, L-BFGS-B with pixel bounds, Adam.

An optimizer is made from ``(evaluate, x, config)``. `evaluate` returns loss and gradient of an
image; it counts, keeps the best image and raises when the budget is spent. `step` makes one
iteration and returns False if it could not move a pixel. `go_on` prepares for a loss whose terms
have other weights, and returns False if it cannot. `state` is all that a later process needs
to resume with the same bytes, or None if it cannot; `restore` resumes from it. `settings` are those
of `OptimizerConfig` that must be above 0; `bytes_needed` is the size of the state per value of x,
for each correction of the history and beside them.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.optimize
import torch
from torch import Tensor

from nst.method.parametrization import CosineParametrization

Evaluate = Callable[[Tensor], tuple[float, Tensor]]
State = dict[str, Any]
FLOAT, DOUBLE = 4, 8  # bytes


@dataclass
class OptimizerConfig:
    """Settings of an optimizer; those that it does not use are 0."""

    name: str
    history: int = 0  # lbfgs, lbfgsb: number of corrections
    learning_rate: float = 0.0  # lbfgs, adam
    first_step: float = 0.0  # of angles (lbfgs) or pixels (lbfgsb), root mean square
    margin: float = 0.0  # lbfgs: distance from 0 and 1 at which black and white start
    spectrum: float | None = None  # lbfgs: exponent p of `CosineParametrization`; None: 0


class LBFGS:
    """torch's L-BFGS with a strong-Wolfe line search, over `CosineParametrization`.

    torch's first step moves n variables by about 1 / n, which costs the line search several
    evaluations: u is in units in which the first step's root mean square is `first_step`.
    Source: Liu & Nocedal 1989, https://doi.org/10.1007/BF01589116.
    """

    settings = ("history", "learning_rate", "first_step", "margin")
    bytes_needed = (2 * FLOAT, 8 * FLOAT)

    def __init__(self, evaluate: Evaluate, x: Tensor, config: OptimizerConfig) -> None:
        self.evaluate = evaluate
        unit = config.first_step * x.numel()
        self.angles = CosineParametrization(unit, config.margin, config.spectrum or 0.0, x)
        self.u = self.angles.from_pixels(x)
        self.known: list[tuple[Tensor, float, Tensor]] = []
        self.iterations = 0
        self.optimizer = torch.optim.LBFGS(
            [self.u],
            lr=config.learning_rate,
            max_iter=1,
            max_eval=10**9,  # the caller's budget ends the run
            tolerance_grad=0.0,
            tolerance_change=0.0,
            history_size=config.history,
            line_search_fn="strong_wolfe",
        )

    def closure(self) -> float:
        """Return the loss at u and set u.grad.

        Losses are remembered: each of torch's iterations evaluates the end of the last line search
        again.
        """
        here = [known for known in self.known if torch.equal(known[0], self.u)]
        if not here:
            loss, gradient = self.evaluate(self.angles.to_pixels(self.u))
            here = [(self.u.clone(), loss, self.angles.gradient(self.u, gradient))]
            self.known += here
        _, loss, gradient = here[0]
        self.u.grad = gradient.clone()
        return loss

    def step(self) -> bool:
        before = self.u.clone()
        try:
            self.optimizer.step(self.closure)
        except BaseException:
            self.u.copy_(before)  # a line search leaves it anywhere
            raise
        self.known = [known for known in self.known if torch.equal(known[0], self.u)]
        self.iterations += 1
        return not torch.equal(before, self.u)

    def go_on(self) -> bool:
        """Go on with the curvature of a loss whose terms had other weights.

        The gradient of that loss is replaced by the one of the loss now: their difference would be
        no curvature, and torch leaves out a pair of points without any.
        """
        torch_state = self.optimizer.state[self.u]
        if "prev_flat_grad" not in torch_state:
            return False
        self.known = []
        self.closure()
        assert self.u.grad is not None
        torch_state["prev_flat_grad"] = self.u.grad.flatten().clone()
        return True

    def state(self) -> State:
        state = {"u": self.u, "known": self.known, "iterations": self.iterations}
        return state | {"torch": self.optimizer.state_dict()}

    def restore(self, state: State) -> None:
        self.u.copy_(state["u"])
        self.known = [(u.to(self.u), loss, g.to(self.u)) for u, loss, g in state["known"]]
        self.iterations = state["iterations"]
        self.optimizer.load_state_dict(state["torch"])


class Adam:
    """Adam; pixels are clamped to [0, 1] between steps, outside of autograd."""

    settings = ("learning_rate",)
    bytes_needed = (0, 6 * FLOAT)

    def __init__(self, evaluate: Evaluate, x: Tensor, config: OptimizerConfig) -> None:
        self.evaluate, self.x = evaluate, x.clone()
        self.optimizer = torch.optim.Adam([self.x], lr=config.learning_rate)
        self.iterations = 0

    def step(self) -> bool:
        _, self.x.grad = self.evaluate(self.x.detach())
        self.optimizer.step()
        self.x.clamp_(0, 1)
        self.iterations += 1
        return True  # momentum may move pixels yet

    def go_on(self) -> bool:
        return True

    def state(self) -> State:
        state = {"x": self.x, "iterations": self.iterations}
        return state | {"torch": self.optimizer.state_dict()}

    def restore(self, state: State) -> None:
        self.x.copy_(state["x"])
        self.iterations = state["iterations"]
        self.optimizer.load_state_dict(state["torch"])


class LBFGSB:
    """scipy's L-BFGS-B with pixels bounded to [0, 1]: the optimizer of the authors' code.

    Its first step has length 1, and bounds keep later ones from growing: in units of pixels, a run
    would hardly leave the noise. So variables are in units in which the first step moves pixels by
    `first_step` (root mean square). scipy does not expose its state: a step is the whole run, and a
    killed run starts over.
    Source: https://github.com/leongatys/DeepTextures; Byrd et al. 1995, SIAM J. Sci. Comput. 16.
    """

    settings = ("history", "first_step")
    bytes_needed = (2 * DOUBLE, (5 + 8) * DOUBLE)  # scipy: wn of (2m + 5)n, and its own copies

    def __init__(self, evaluate: Evaluate, x: Tensor, config: OptimizerConfig) -> None:
        self.evaluate, self.x, self.history = evaluate, x, config.history
        self.unit = config.first_step * math.sqrt(x.numel())
        self.iterations = 0

    def iterated(self, _: np.ndarray) -> None:
        """Count an iteration; scipy's callback."""
        self.iterations += 1

    def value_and_gradient(self, flat: np.ndarray) -> tuple[float, np.ndarray]:
        """Return loss and gradient for scipy: float64, and in its units.

        Converted on the CPU: Apple's GPUs have no float64.
        """
        image = torch.from_numpy(self.unit * flat).to(self.x.dtype).to(self.x.device)
        loss, gradient = self.evaluate(image.view(self.x.shape))
        return loss, self.unit * gradient.flatten().cpu().double().numpy()

    def step(self) -> bool:
        scipy.optimize.minimize(
            self.value_and_gradient,
            self.x.clamp(0, 1).flatten().cpu().double().numpy() / self.unit,
            jac=True,
            method="L-BFGS-B",
            bounds=scipy.optimize.Bounds(0.0, 1.0 / self.unit),
            callback=self.iterated,
            options={
                "maxcor": self.history,
                "maxiter": 10**9,  # the caller's budget ends the run
                "maxfun": 10**9,
                "ftol": 0.0,
                "gtol": 0.0,
            },
        )
        return False

    def go_on(self) -> bool:
        return False

    def state(self) -> None:
        return None

    def restore(self, state: State) -> None:
        raise NotImplementedError


Optimizer = LBFGS | LBFGSB | Adam
OPTIMIZERS: dict[str, type[Optimizer]] = {"lbfgs": LBFGS, "lbfgsb": LBFGSB, "adam": Adam}
