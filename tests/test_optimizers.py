"""The optimizers by themselves: they descend, count iterations, and keep to their bounds."""

from contextlib import suppress

import pytest
import torch
from torch import Tensor

from nst.config import OptimizerConfig
from nst.optimizers import OPTIMIZERS

CONFIGS = {
    "lbfgsb": OptimizerConfig("lbfgsb", 20, 1.0),
    "lbfgs": OptimizerConfig("lbfgs", 20, 1.0),
    "adam": OptimizerConfig("adam", 0, 0.05),
}
SCALES = torch.logspace(-1, 1, 12).view(1, 3, 2, 2)


class Enough(Exception):
    """Raised by the tests when an optimizer has had its evaluations."""


def descend(
    name: str, target: float, budget: int, start: float = 0.5
) -> tuple[list[Tensor], list[float], int]:
    """Minimize sum(scales (x - target)^2): the images evaluated, their losses, iterations."""
    images, losses, iterations = [], [], []

    def evaluate(x: Tensor) -> tuple[float, Tensor]:
        if len(images) == budget:
            raise Enough
        images.append(x.clone())
        losses.append((SCALES * (x - target).square()).sum().item())
        return losses[-1], 2 * SCALES * (x - target)

    x = torch.full((1, 3, 2, 2), start)
    with suppress(Enough):
        OPTIMIZERS[name](evaluate, x, CONFIGS[name], lambda: iterations.append(len(images)))
    assert torch.equal(x, torch.full((1, 3, 2, 2), start)), "the start was changed"
    return images, losses, len(iterations)


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
def test_optimizers_come_back_from_a_start_outside(name: str) -> None:
    images, _, _ = descend(name, target=0.5, budget=10, start=1.7)
    assert images[-1].max() <= 1


def test_adam_makes_one_evaluation_an_iteration() -> None:
    images, _, iterations = descend("adam", target=0.8, budget=7)
    assert (len(images), iterations) == (7, 7)


@pytest.mark.parametrize("name", ["lbfgsb", "lbfgs"])
def test_second_order_methods_stop_by_themselves_where_the_gradient_vanishes(name: str) -> None:
    images, losses, _ = descend(name, target=0.8, budget=500)
    assert len(images) < 500
    assert min(losses) < 1e-10
