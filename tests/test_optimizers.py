"""The optimizers on their own: they descend, count iterations, and respect their bounds."""

import io
from contextlib import suppress

import pytest
import torch
from torch import Tensor

from nst.method.optimizers import LBFGS, OPTIMIZERS, Optimizer, OptimizerConfig

CONFIGS = {
    "lbfgsb": OptimizerConfig("lbfgsb", 20, 1.0, 0.05, 0.01),
    "lbfgs": OptimizerConfig("lbfgs", 20, 1.0, 0.1, 0.01),
    "adam": OptimizerConfig("adam", 0, 0.05, 0.1, 0.01),
}
SCALES = torch.logspace(-1, 1, 12).view(1, 3, 2, 2)


class Enough(Exception):
    """Raised by the tests when an optimizer has had its evaluations."""


def descend(
    name: str, target: float, budget: int, start: float = 0.5
) -> tuple[list[Tensor], list[float], int]:
    """Minimize sum(scales (x - target)^2): the images evaluated, their losses, iterations."""
    images, losses = [], []

    def evaluate(x: Tensor) -> tuple[float, Tensor]:
        if len(images) == budget:
            raise Enough
        images.append(x.clone())
        losses.append((SCALES * (x - target).square()).sum().item())
        return losses[-1], 2 * SCALES * (x - target)

    x = torch.full((1, 3, 2, 2), start)
    optimizer = OPTIMIZERS[name](evaluate, x, CONFIGS[name])
    with suppress(Enough):
        while optimizer.step():
            pass
    assert torch.equal(x, torch.full((1, 3, 2, 2), start)), "the start was changed"
    return images, losses, optimizer.iterations


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_first_evaluation_is_at_the_start_and_the_loss_falls(name: str) -> None:
    images, losses, iterations = descend(name, target=0.8, budget=30)
    torch.testing.assert_close(images[0], torch.full_like(images[0], 0.5))
    assert min(losses) < 0.01 * losses[0]
    assert 0 < iterations <= len(images)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_no_optimizer_leaves_the_pixels_range(name: str) -> None:
    images, losses, _ = descend(name, target=1.5, budget=30)
    assert all(image.min() >= 0 and image.max() <= 1 for image in images)
    best = images[losses.index(min(losses))]  # the best there is within the range
    torch.testing.assert_close(best, torch.ones_like(best), atol=0.01, rtol=0)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizers_recover_from_a_start_out_of_range(name: str) -> None:
    images, _, _ = descend(name, target=0.5, budget=10, start=1.7)
    assert images[-1].max() <= 1


def test_adam_makes_one_evaluation_an_iteration() -> None:
    images, _, iterations = descend("adam", target=0.8, budget=7)
    assert (len(images), iterations) == (7, 7)


@pytest.mark.parametrize("name", ["lbfgsb", "lbfgs"])
def test_second_order_methods_stop_where_the_gradient_vanishes(name: str) -> None:
    images, losses, _ = descend(name, target=0.8, budget=500)
    assert len(images) < 500
    assert min(losses) < 1e-10


class Narrow:
    """sum(scales (x - target)^2), and the losses that were asked for."""

    def __init__(self) -> None:
        self.losses: list[float] = []

    def __call__(self, x: Tensor) -> tuple[float, Tensor]:
        self.losses.append((SCALES * (x - 0.8).square()).sum().item())
        return self.losses[-1], 2 * SCALES * (x - 0.8)


def test_stepwise_lbfgs_is_torchs_own_loop_and_evaluates_no_point_twice() -> None:
    ours, config = Narrow(), CONFIGS["lbfgs"]
    optimizer = LBFGS(ours, torch.full((1, 3, 2, 2), 0.5), config)
    for _ in range(12):
        optimizer.step()

    theirs, unit = Narrow(), config.first_step * 12
    u = torch.full((1, 3, 2, 2), torch.pi / 2) / unit

    def closure() -> float:
        loss, gradient = theirs((1 - torch.cos(unit * u)) / 2)
        u.grad = unit * gradient * torch.sin(unit * u) / 2
        return loss

    torch.optim.LBFGS(
        [u], max_iter=12, max_eval=10**9, tolerance_grad=0.0, tolerance_change=0.0,
        history_size=config.history, line_search_fn="strong_wolfe",
    ).step(closure)  # fmt: skip
    assert ours.losses == theirs.losses
    assert torch.equal(optimizer.u, u)


def test_the_first_step_of_lbfgs_moves_the_angles_by_what_is_asked() -> None:
    def flat(x: Tensor) -> tuple[float, Tensor]:  # a gradient over u that is the same everywhere
        images.append(x.clone())
        if len(images) == 2:
            raise Enough
        return -angles(x).sum().item(), -1 / (x * (1 - x)).sqrt()

    def angles(x: Tensor) -> Tensor:
        return torch.acos(1 - 2 * x)

    images: list[Tensor] = []
    with suppress(Enough):
        LBFGS(flat, torch.full((1, 3, 8, 8), 0.5), CONFIGS["lbfgs"]).step()
    moved = angles(images[1]) - angles(images[0])
    torch.testing.assert_close(moved, torch.full_like(moved, CONFIGS["lbfgs"].first_step))


@pytest.mark.parametrize("name", ["lbfgs", "adam"])
@pytest.mark.parametrize("steps", [1, 2, 7])
def test_an_optimizer_goes_on_from_its_state_with_the_same_bytes(name: str, steps: int) -> None:
    def make() -> tuple[Optimizer, Narrow]:
        evaluate = Narrow()
        return OPTIMIZERS[name](evaluate, torch.full((1, 3, 2, 2), 0.3), CONFIGS[name]), evaluate

    whole, losses = make()
    first, _ = make()
    for _ in range(steps):
        whole.step()
        first.step()
    buffer = io.BytesIO()
    torch.save(first.state(), buffer)
    buffer.seek(0)
    second, after = make()
    second.restore(torch.load(buffer, weights_only=True))
    before = len(losses.losses)
    for _ in range(6):
        whole.step()
        second.step()
    assert after.losses == losses.losses[before:]
    assert second.iterations == whole.iterations == steps + 6


def test_a_pixel_recovers_from_black() -> None:
    """Where a sigmoid is flat: after a target of 0 has pulled it there, one of 0.8 is reached."""
    target, images = [0.0], []

    def evaluate(x: Tensor) -> tuple[float, Tensor]:
        images.append(x.clone())
        return (x - target[0]).square().sum().item(), 2 * (x - target[0])

    optimizer = LBFGS(evaluate, torch.full((1, 3, 2, 2), 0.5), CONFIGS["lbfgs"])
    for _ in range(12):
        optimizer.step()
    assert images[-1].max() < 1e-3
    again = LBFGS(evaluate, images[-1], CONFIGS["lbfgs"])
    target[0] = 0.8
    for _ in range(8):
        again.step()
    torch.testing.assert_close(images[-1], torch.full_like(images[-1], 0.8), atol=0.01, rtol=0)


class OnGpuWithoutFloat64(torch.Tensor):
    """A tensor as on Apple's GPUs: float64 only after it has been moved."""

    def double(self, *_: object, **__: object) -> torch.Tensor:  # type: ignore[override]
        raise TypeError("no float64 on this device")

    def cpu(self, *_: object, **__: object) -> torch.Tensor:  # type: ignore[override]
        return self.as_subclass(torch.Tensor)


def test_lbfgsb_needs_no_float64_on_the_device() -> None:
    x = torch.full((1, 3, 4, 4), 0.5).as_subclass(OnGpuWithoutFloat64)

    def evaluate(image: torch.Tensor) -> tuple[float, torch.Tensor]:
        difference = image.as_subclass(torch.Tensor) - 0.25
        return float(difference.square().sum()), (2 * difference).as_subclass(OnGpuWithoutFloat64)

    optimizer = OPTIMIZERS["lbfgsb"](evaluate, x, OptimizerConfig("lbfgsb", 5, 1.0, 0.05, 0.01))
    assert optimizer.step() is False
    assert optimizer.iterations > 0
