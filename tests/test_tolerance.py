"""With a tolerance, a level that no longer improves ends early."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import torch
from test_synthesis import CONFIGS, Bowl

from nst.config import Config
from nst.method.objective import Losses
from nst.method.synthesis import WINDOW, Level, Result, synthesize
from nst.runs.checkpoint import NAME
from nst.runs.pipeline import compute
from nst.runs.records import read_record

START = torch.full((1, 3, 4, 4), 0.5)
ALL = pytest.mark.parametrize("name", CONFIGS)


def run(name: str, tolerance: float, *budgets: int, floor: float = 1.0) -> Result:
    """Bowls with a loss of `floor` at their bottom, one level each."""

    class Raised(Bowl):
        def forward(self, x: torch.Tensor) -> Losses:
            losses = super().forward(x)
            return replace(losses, total=losses.total + floor)

    levels = [Level(lambda: Raised(0.8), (4, 4), budget) for budget in budgets]  # type: ignore[arg-type, return-value]
    return synthesize(levels, START, CONFIGS[name], tolerance=tolerance)


def falls(losses: list[float], end: int) -> float:
    """The relative fall of the lowest loss over the window that ends after `end` evaluations."""
    before = min(losses[: end - WINDOW])
    return (before - min(losses[:end])) / before


@pytest.mark.parametrize("name", ["lbfgs", "adam"])  # lbfgsb is at the bottom before
def test_a_level_ends_at_the_first_evaluation_that_makes_the_fall_too_small(name: str) -> None:
    result = run(name, 0.01, 1000)
    losses = [row["total"] for row in result.losses]
    assert WINDOW < result.evaluations == len(losses) < 1000
    assert falls(losses, len(losses)) < 0.01
    assert all(falls(losses, end) >= 0.01 for end in range(WINDOW + 1, len(losses)))
    assert result.best["total"] == min(losses)
    assert result.messages == [
        f"evaluation {len(losses)}: the loss fell by less than 1 % over {WINDOW} evaluations; "
        "stopped with the best image"
    ]


@ALL
def test_without_a_tolerance_nothing_ends_early(name: str) -> None:
    assert not any("fell by less" in message for message in run(name, 0.0, 200).messages)


def test_a_level_that_stops_early_forfeits_its_remaining_budget() -> None:
    result = run("adam", 0.5, 500, 60)
    levels = [row["level"] for row in result.losses]
    assert levels.count(1) < 500
    assert levels.count(2) <= 60
    assert len(result.messages) == 2


@pytest.mark.parametrize("killed_at", [20, 55, 70, 90])
def test_a_run_that_was_killed_ends_where_one_that_was_not_does(
    config: Config, monkeypatch: pytest.MonkeyPatch, killed_at: int
) -> None:
    config.optimizer.name, config.optimizer.first_step = "lbfgs", 0.1
    config.schedule.scales, config.schedule.shares = [0.5, 1.0], [0.5, 0.5]
    config = replace(config, evaluations=400, checkpoint_every=1e-9, tolerance=0.2, size=40,
                     content_layers=["conv2_1"], style_layers=["conv1_1", "conv2_1"])  # fmt: skip
    compute(replace(config, cell="whole"))
    rows: list[object] = []

    def kill(self: object, row: object) -> None:
        rows.append(row)
        if len(rows) == killed_at:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        # Patches our progress to kill the run at one evaluation.
        patch.setattr("nst.runs.progress.ImageProgress.__call__", kill)
        with pytest.raises(KeyboardInterrupt):
            compute(replace(config, cell="killed"))
    folder = Path(config.output) / "demo" / "images"
    assert (folder / "killed" / NAME).exists()
    compute(replace(config, cell="killed"))
    records = [read_record(folder / cell) or {} for cell in ("whole", "killed")]
    assert records[0]["messages"] == records[1]["messages"]
    assert len(records[0]["messages"]) == 2
    assert records[0]["evaluations"] == records[1]["evaluations"] < 400
    tables = [pd.read_csv(folder / c / "losses.csv", dtype=str).drop(columns="seconds")
              for c in ("whole", "killed")]  # fmt: skip
    pd.testing.assert_frame_equal(*tables)
    pictures = [(folder / cell / "image.png").read_bytes() for cell in ("whole", "killed")]
    assert pictures[0] == pictures[1]
