"""How x moves: L-BFGS-B with pixel bounds, L-BFGS over sigmoid pixels, Adam.

An optimizer is a function ``(evaluate, x, config, iterated)``. It moves x until it cannot descend
further or `evaluate`, which gives loss and gradient, raises; it calls `iterated` after each
iteration. The budget, and which image is kept, are the caller's.
"""

import math
from collections.abc import Callable

import numpy as np
import scipy.optimize
import torch
from torch import Tensor

from nst.config import OptimizerConfig

# L-BFGS-B's first step has a length of 1 in the units of its variables, and bounds keep it from
# growing: in units of pixels a run would hardly leave the noise. So variables are in units in which
# the first step moves pixels by this much (root mean square).
FIRST_STEP = 0.05
MARGIN = 0.01  # pixels of 0 and 1 start this far inside, where the sigmoid has a slope

Evaluate = Callable[[Tensor], tuple[float, Tensor]]
Iterated = Callable[[], None]


def lbfgsb(evaluate: Evaluate, x: Tensor, config: OptimizerConfig, iterated: Iterated) -> None:
    """L-BFGS-B of scipy, with every pixel kept in [0, 1]: the optimizer of the authors' code.

    Source: https://github.com/leongatys/DeepTextures; Byrd et al. 1995, SIAM J. Sci. Comput. 16.
    """

    unit = FIRST_STEP * math.sqrt(x.numel())

    def value_and_gradient(flat: np.ndarray) -> tuple[float, np.ndarray]:
        image = torch.from_numpy(unit * flat).to(x).view(x.shape)
        loss, gradient = evaluate(image)
        return loss, unit * gradient.flatten().double().cpu().numpy()

    scipy.optimize.minimize(
        value_and_gradient,
        x.clamp(0, 1).flatten().double().cpu().numpy() / unit,
        jac=True,
        method="L-BFGS-B",
        bounds=scipy.optimize.Bounds(0.0, 1.0 / unit),
        callback=lambda _: iterated(),
        options={
            "maxcor": config.history,
            "maxiter": 10**9,  # the budget of evaluations ends the run
            "maxfun": 10**9,
            "ftol": 0.0,
            "gtol": 0.0,
        },
    )


def lbfgs(evaluate: Evaluate, x: Tensor, config: OptimizerConfig, iterated: Iterated) -> None:
    """L-BFGS of torch with a strong-Wolfe line search, over u with pixels x = sigmoid(u).

    So pixels stay in [0, 1] without bounds that a line search could run into.
    """
    u = torch.logit(x, eps=MARGIN)
    optimizer = torch.optim.LBFGS(
        [u],
        lr=config.learning_rate,
        max_iter=10**9,  # the budget of evaluations ends the run
        max_eval=10**9,
        tolerance_grad=0.0,
        tolerance_change=0.0,
        history_size=config.history,
        line_search_fn="strong_wolfe",
    )
    counted = 0

    def closure() -> float:
        nonlocal counted
        while counted < optimizer.state[u].get("n_iter", 0) - 1:  # the last one is under way
            counted += 1
            iterated()
        pixels = torch.sigmoid(u.detach())
        loss, gradient = evaluate(pixels)
        u.grad = gradient * pixels * (1 - pixels)
        return loss

    optimizer.step(closure)


def adam(evaluate: Evaluate, x: Tensor, config: OptimizerConfig, iterated: Iterated) -> None:
    """Adam; pixels are clamped to [0, 1] between steps, outside of what is differentiated."""
    x = x.clone()
    optimizer = torch.optim.Adam([x], lr=config.learning_rate)
    while True:
        _, x.grad = evaluate(x.detach())
        optimizer.step()
        x.clamp_(0, 1)
        iterated()


OPTIMIZERS = {"lbfgsb": lbfgsb, "lbfgs": lbfgs, "adam": adam}
