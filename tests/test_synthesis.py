"""The loop: the budget, the image that is kept, and non-finite losses."""

import math
from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from nst.errors import InputError
from nst.method.objective import Losses, Objective
from nst.method.optimizers import OptimizerConfig
from nst.method.pixels import resize, white_noise
from nst.method.synthesis import Level, Result, Row, synthesize
from nst.method.vgg import VGG19

CONFIGS = {
    "lbfgsb": OptimizerConfig("lbfgsb", 20, 1.0, 0.05, 0.01),
    "lbfgs": OptimizerConfig("lbfgs", 20, 1.0, 0.1, 0.01),
    "adam": OptimizerConfig("adam", 0, 0.02, 0.1, 0.01),
}
ALL = pytest.mark.parametrize("name", CONFIGS)


class Bowl(nn.Module):
    """sum(scales (x - target)^2), badly scaled; not finite where `broken` says so."""

    def __init__(
        self, target: float, broken: Callable[[Tensor, int], bool] = lambda x, i: False
    ) -> None:
        super().__init__()
        self.target, self.broken, self.evaluations = target, broken, 0

    def forward(self, x: Tensor) -> Losses:
        self.evaluations += 1
        scales = torch.logspace(-2, 2, x.numel()).view(x.shape)
        total = (scales * (x - self.target).square()).flatten(1).sum(1)
        if self.broken(x, self.evaluations):
            total = total * math.nan
        zero = torch.zeros_like(total)
        return Losses(total, total, zero, {"content_a": total}, {"content_a": total})


@pytest.fixture(scope="module")
def objective(network: VGG19, photograph: Tensor, artwork: Tensor) -> Objective:
    return Objective(network, photograph, artwork, 1.0, 1.0, ["conv2_2"], ["conv1_1", "conv3_1"])


@pytest.fixture
def start() -> Tensor:
    return white_noise(32, 32, seed=0, mean=0.45, deviation=0.05)


def run(objective: nn.Module, name: str, budget: int, start: Tensor | None = None) -> Result:
    start = torch.full((1, 3, 4, 4), 0.5) if start is None else start
    return synthesize(single(objective, start, budget), start, CONFIGS[name])


def single(objective: nn.Module, start: Tensor, budget: int) -> list[Level]:
    """One level, of the start's size."""
    height, width = start.shape[2:]
    return [Level(lambda: objective, (height, width), budget)]  # type: ignore[arg-type, return-value]


@ALL
def test_the_loss_falls_and_its_row_is_the_images(
    name: str, objective: Objective, start: Tensor
) -> None:
    result = run(objective, name, 15, start)
    assert result.best["total"] < 0.7 * result.losses[0]["total"]
    assert result.best["total"] == min(row["total"] for row in result.losses)
    assert result.image.shape == start.shape
    assert 0 <= result.image.min() < result.image.max() <= 1
    again = objective(result.image).total.item()
    assert again == pytest.approx(result.best["total"], rel=1e-5)


@pytest.mark.parametrize("name", ["lbfgs", "adam"])  # with these rates, both overshoot
def test_the_best_image_is_kept_and_not_the_last(name: str) -> None:
    config = replace(CONFIGS[name], learning_rate=50.0 if name == "lbfgs" else 0.2)
    worse = 0
    for budget in range(1, 15):
        start = torch.full((1, 3, 4, 4), 0.5)
        result = synthesize(single(Bowl(0.8), start, budget), start, config)
        worse += result.losses[-1]["total"] > result.best["total"]
        kept = Bowl(0.8)(result.image).total.item()
        if not result.messages:
            assert kept == pytest.approx(result.best["total"], rel=1e-5)
    assert worse > 0


@ALL
@pytest.mark.parametrize("budget", [1, 2, 13])
def test_the_budget_is_spent_to_the_last_evaluation_and_never_exceeded(
    name: str, budget: int
) -> None:
    bowl = Bowl(0.8)
    result = run(bowl, name, budget)
    assert bowl.evaluations == result.evaluations == len(result.losses) == budget
    assert [row["evaluation"] for row in result.losses] == list(range(1, budget + 1))
    assert (0 if budget < 3 else 1) <= result.iterations <= result.evaluations


@ALL
def test_one_evaluation_gives_the_start(name: str, objective: Objective, start: Tensor) -> None:
    torch.testing.assert_close(run(objective, name, 1, start).image, start, atol=0.011, rtol=0)


@ALL
def test_the_loss_is_that_of_the_image_within_the_range(name: str) -> None:
    result = run(Bowl(1.5), name, 200)
    torch.testing.assert_close(result.image, torch.ones_like(result.image), atol=0.02, rtol=0)
    assert result.image.max() <= 1
    assert result.best["total"] == pytest.approx(Bowl(1.5)(result.image).total.item())


@ALL
def test_every_row_is_reported_as_it_comes(name: str, objective: Objective, start: Tensor) -> None:
    reported: list[Row] = []
    result = synthesize(single(objective, start, 5), start, CONFIGS[name], reported.append)
    assert reported == result.losses
    assert {"total", "content", "style", "style_conv3_1", "style_conv3_1_weighted"} <= set(
        reported[0]
    )
    weighted = [value for key, value in reported[0].items() if key.endswith("_weighted")]
    assert sum(weighted) == pytest.approx(reported[0]["total"])


def test_a_run_that_cannot_descend_further_stops_early_and_says_so() -> None:
    result = run(Bowl(0.5), "lbfgsb", 50)
    assert result.evaluations < 50
    assert result.best["total"] == 0
    assert "could not descend further; stopped with the best image" in result.messages[-1]


@ALL
def test_an_objective_that_is_broken_from_some_evaluation_on_leaves_the_best_before(
    name: str,
) -> None:
    result = run(Bowl(0.8, lambda x, i: i > 8), name, 100)
    sound = run(Bowl(0.8), name, 8)
    assert [row["total"] for row in result.losses] == [row["total"] for row in sound.losses]
    assert torch.equal(result.image, sound.image)
    assert result.evaluations == 10  # the ninth, and one that began anew
    assert "evaluation 9: the loss was not finite; began anew" in result.messages[0]
    assert "stopped with the best image" in result.messages[1]


@ALL
def test_one_broken_evaluation_does_not_end_the_run(name: str) -> None:
    bowl = Bowl(0.8, lambda x, i: i == 8)
    result = run(bowl, name, 30)
    before = [row["total"] for row in result.losses if row["evaluation"] < 8]
    assert bowl.evaluations == result.evaluations == 30
    assert len(result.losses) == 29
    assert result.best["total"] < min(before)
    assert sum("not finite" in message for message in result.messages) == 1


@ALL
def test_a_region_without_finite_losses_is_kept_out_of(name: str) -> None:
    limit = 0.6
    bowl = Bowl(0.9, lambda x, i: bool(x.mean() > limit))
    result = run(bowl, name, 40)
    assert bowl.evaluations == result.evaluations <= 40
    assert result.image.isfinite().all()
    assert result.image.mean() <= limit
    assert result.best["total"] < result.losses[0]["total"]
    assert Bowl(0.9)(result.image).total.item() == pytest.approx(result.best["total"], rel=1e-5)
    assert any("not finite" in message for message in result.messages)


@ALL
def test_a_gradient_that_is_not_finite_is_no_result_either(name: str) -> None:
    class Cusp(Bowl):
        def forward(self, x: Tensor) -> Losses:
            losses = super().forward(x)
            root = (x - 0.5).square().sum().sqrt()  # its gradient at 0.5 is not finite
            return replace(losses, total=losses.total + root)

    with pytest.raises(InputError, match="not finite at the starting image"):
        run(Cusp(0.8), name, 5)


@ALL
def test_a_start_whose_loss_is_not_finite_is_an_input_error_of_one_line(name: str) -> None:
    bowl = Bowl(0.8, lambda x, i: True)
    with pytest.raises(InputError, match="not finite at the starting image") as error:
        run(bowl, name, 5)
    assert "\n" not in str(error.value)
    assert bowl.evaluations == 1


@ALL
def test_the_same_seed_gives_the_same_bytes(name: str, objective: Objective) -> None:
    first, second = (
        run(objective, name, 8, white_noise(32, 32, seed=7, mean=0.45, deviation=0.05))
        for _ in range(2)
    )
    assert first.image.numpy().tobytes() == second.image.numpy().tobytes()
    assert [{**row, "seconds": 0} for row in first.losses] == [
        {**row, "seconds": 0} for row in second.losses
    ]


def test_another_seed_gives_another_image(objective: Objective, start: Tensor) -> None:
    other = white_noise(32, 32, seed=1, mean=0.45, deviation=0.05)
    first, second = run(objective, "lbfgsb", 4, start), run(objective, "lbfgsb", 4, other)
    assert not torch.equal(first.image, second.image)


def test_the_scale_of_the_loss_does_not_change_the_image(
    network: VGG19, photograph: Tensor, start: Tensor
) -> None:
    def image(alpha: float) -> Tensor:
        objective = Objective(network, photograph, None, alpha, 0.0, ["conv2_2"], [])
        return run(objective, "lbfgsb", 10, start).image

    torch.testing.assert_close(image(1.0), image(1024.0))


def two_levels(first: int, second: int) -> tuple[list[Level], Bowl, Bowl]:
    coarse, fine = Bowl(0.2), Bowl(0.8)
    levels = [
        Level(lambda: coarse, (4, 6), first),  # type: ignore[arg-type, return-value]
        Level(lambda: fine, (8, 12), second),  # type: ignore[arg-type, return-value]
    ]
    return levels, coarse, fine


@ALL
def test_each_level_has_its_own_size_budget_and_objective(name: str) -> None:
    levels, coarse, fine = two_levels(9, 5)
    result = synthesize(levels, torch.full((1, 3, 4, 6), 0.5), CONFIGS[name])
    assert (coarse.evaluations, fine.evaluations) == (9, 5)
    assert [row["level"] for row in result.losses] == [1] * 9 + [2] * 5
    assert result.image.shape == (1, 3, 8, 12)
    assert result.best == min(result.losses[9:], key=lambda row: row["total"])
    assert Bowl(0.8)(result.image).total.item() == pytest.approx(result.best["total"], rel=1e-5)


def test_a_level_begins_at_the_enlarged_best_image_of_the_one_before() -> None:
    x = torch.full((1, 3, 4, 6), 0.5)
    result = synthesize(two_levels(9, 1)[0], x, CONFIGS["lbfgs"])
    coarse = synthesize(single(Bowl(0.2), x, 9), x, CONFIGS["lbfgs"]).image
    assert coarse.std() > 0.05
    torch.testing.assert_close(result.image, resize(coarse, 8, 12), atol=0.011, rtol=0)


def test_a_level_of_the_same_size_knows_the_curvature_of_the_one_before() -> None:
    start = torch.full((1, 3, 4, 4), 0.5)
    first, second = single(Bowl(0.8), start, 20), single(Bowl(0.7), start, 10)
    going_on = synthesize(first + second, start, CONFIGS["lbfgs"])
    between = synthesize(first, start, CONFIGS["lbfgs"]).image
    anew = synthesize(second, between, CONFIGS["lbfgs"])
    assert going_on.best["total"] < 0.5 * anew.best["total"]
    assert not going_on.messages


def test_a_levels_unused_budget_goes_to_the_next() -> None:
    levels, coarse, fine = two_levels(60, 0)
    coarse.target = 0.5  # the start: nothing to descend to
    result = synthesize(levels, torch.full((1, 3, 4, 6), 0.5), CONFIGS["lbfgs"])
    assert coarse.evaluations < 60
    assert coarse.evaluations + fine.evaluations == 60
    assert result.best["level"] == 2


def test_without_a_rest_a_level_of_no_evaluations_changes_nothing() -> None:
    whole, x = Bowl(0.8), torch.full((1, 3, 4, 4), 0.5)
    levels = [*single(whole, x, 7), *single(Bowl(0.1), x, 0)]
    result = synthesize(levels, x, CONFIGS["lbfgs"])
    alone = synthesize(single(Bowl(0.8), x, 7), x, CONFIGS["lbfgs"])
    assert torch.equal(result.image, alone.image)
    assert result.best["total"] == alone.best["total"]


def test_frames_show_the_trajectory_at_each_power_of_two() -> None:
    x = torch.full((1, 3, 16, 24), 0.5)
    result = synthesize(single(Bowl(0.8), x, 20), x, CONFIGS["lbfgs"], trajectory=8)
    assert [evaluation for evaluation, _ in result.frames] == [1, 2, 4, 8, 16]
    assert all(frame.shape == (8, 12, 3) for _, frame in result.frames)
    brightness = [frame.float().mean().item() for _, frame in result.frames]
    assert brightness[0] == pytest.approx(127.5, abs=1)
    assert brightness[-1] > brightness[0] + 40
    assert synthesize(single(Bowl(0.8), x, 20), x, CONFIGS["lbfgs"]).frames == []
