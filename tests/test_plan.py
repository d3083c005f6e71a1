"""How long a command will take: the plan of its cells, and what it says."""

import json
import os
import time
from collections.abc import Iterator
from contextlib import chdir
from dataclasses import asdict, replace
from functools import partial
from math import inf
from pathlib import Path

import pytest
from command import SMALL, inputs, run
from hydra.core.hydra_config import HydraConfig

from nst.config import Config
from nst.runs import progress
from nst.runs.locks import lock_file
from nst.runs.overrides import for_hydra
from nst.runs.pipeline import cell_folder
from nst.runs.planning import MANY, make_plan, one_grid_each
from nst.runs.progress import ImageProgress, Plan
from nst.runs.records import SCHEMA, differences, read_record

SECONDS = 10.0  # since the command began, and of a cell
approximately = partial(pytest.approx, rel=0.1)  # time passes meanwhile


def leave(path: Path, text: str = "", age: float = 0.0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    os.utime(path, (time.time() - age, time.time() - age))


def leave_record(
    folder: Path, age: float = 0.0, name: str = "record.json", seconds: float = SECONDS
) -> None:
    record = {"schema": SCHEMA, "settings": {}, "seconds": seconds}
    leave(folder / name, json.dumps(record), age)


@pytest.fixture
def plan(config: Config) -> Plan:
    """Four cells of the same cost, begun ten seconds ago."""
    cells = [replace(config, cell=f"cell{i}", evaluations=100) for i in range(4)]
    return Plan({cell_folder(cell): cell for cell in cells}, 4, begin=time.time() - SECONDS)


@pytest.fixture
def hydra_as_it_was() -> Iterator[None]:
    known = HydraConfig.instance().cfg
    yield
    HydraConfig.instance().cfg = known


def test_the_time_left_is_at_the_speed_of_the_cells_done_here(plan: Plan) -> None:
    first, second, *_ = plan.cells
    assert plan.left() == 0, "not known yet"
    leave_record(first)
    assert plan.left() == approximately(3 * SECONDS)
    leave_record(second, seconds=2 * SECONDS)
    assert plan.left() == approximately(2 * 1.5 * SECONDS)
    (second / "record.json").write_text("damaged")
    assert plan.left() == approximately(2 * SECONDS)


@pytest.mark.parametrize("workers", [1, 2])
def test_half_a_cell_is_half_its_time(workers: int, plan: Plan) -> None:
    own, plan.workers = next(iter(plan.cells)), workers
    half = progress.cost_of_run(plan.cells[own]) / 2
    assert plan.left(own, half, half, 5.0) == approximately(35.0 / workers)
    for folder in plan.cells:
        leave_record(folder)
    assert plan.left(own, half, half, 5.0) == approximately(SECONDS / 2), "nobody can help"


def test_what_other_processes_have_begun_is_not_all_ahead(plan: Plan) -> None:
    own, second, third, last = plan.cells
    half = progress.cost_of_run(plan.cells[own]) / 2
    leave(lock_file(second), age=1000.0)  # of a process that was killed
    assert plan.left(own, half, half, 5.0) == approximately(5 + 10 + 10 + 10)
    leave(lock_file(third), age=8.0)
    assert plan.left(own, half, half, 5.0) == approximately((5 + 10 + 2 + 10) / 2), "two of us"
    leave_record(second)
    leave_record(last)
    assert plan.left(own, half, half, 5.0) == approximately(7 / 2)


def test_cells_that_were_there_or_failed_take_no_time(plan: Plan) -> None:
    first, second, third, last = plan.cells
    leave_record(first, age=1000)  # of an earlier command: it says nothing about this one
    leave_record(second)
    leave_record(third, name="failure.json")
    assert plan.left() == approximately(SECONDS)
    leave_record(last, age=1000, name="failure.json")  # tried again
    assert plan.left() == approximately(SECONDS)


def test_a_record_that_is_to_be_overwritten_is_not_done(plan: Plan) -> None:
    first, second, *_ = plan.cells
    leave_record(first, age=1000)
    leave_record(second)
    plan.cells[first].overwrite = True
    assert plan.left() == approximately(3 * SECONDS)


def test_a_command_says_before_what_it_will_do(plan: Plan) -> None:
    first, *others = plan.cells
    assert plan.announce() is None, "seconds"
    plan.workers = 2
    for config in plan.cells.values():
        config.evaluations = 10**7
    assert plan.announce() == "4 cells (4 of images), 2 at a time, up to 32 px"
    leave_record(first, age=1000)
    assert plan.announce() == "4 cells (4 of images), 1 complete, 2 at a time, up to 32 px"
    for folder in others:
        leave_record(folder, age=1000)
    assert plan.announce() is None


def test_a_plan_has_the_cells_that_the_command_computes(
    tmp_path: Path, hydra_as_it_was: None
) -> None:
    folder = inputs(tmp_path / "cli")
    command = ("-m", *SMALL, "figure=fig1,fig3", "layer_set=a,b", "task=content",
               "ratio=1e-3", "output=out")  # fmt: skip
    ran = run(folder, *command)
    assert ran.code == 0, ran.err
    assert [line[:5] for line in ran.err if "image.png in " in line] == [
        "[1/4]",
        "[2/4]",
        "[3/4]",
        "[4/4]",
    ]
    with chdir(folder):
        plan = make_plan(one_grid_each(for_hydra([*command])))
        assert plan is not None
        computed = {path.parent for path in Path("out").rglob("record.json")}
        assert set(plan.cells) == computed
        assert {path.parent.name for path in computed} == {"fig1", "fig3"}
        for path, config in plan.cells.items():
            record = read_record(path)
            assert record is not None
            assert (
                differences(record, asdict(config) | {"checksums": record["settings"]["checksums"]})
                == []
            )


def test_a_refused_cell_counts_but_takes_no_time(hydra_as_it_was: None) -> None:
    plan = make_plan([["-m", "alpha=0,1", "beta=0,1"]])
    assert plan is not None
    assert (plan.count, len(plan.cells)) == (4, 3)


def test_for_very_many_cells_only_the_number_is_known(hydra_as_it_was: None) -> None:
    plan = make_plan([["-m", f"seed=range(0,{MANY + 1})"]])
    assert plan is not None
    assert (plan.count, plan.cells) == (MANY + 1, {})


@pytest.mark.parametrize(
    "command",
    [
        ["seed=1"],
        ["-m", "seed=1,,2"],
        ["-m", "seed=1,2", "launcher=slurm"],
        ["-m", "seed=1,2", "--cfg", "job"],
    ],
    ids=" ".join,
)
def test_what_is_not_computed_here_has_no_plan(command: list[str], hydra_as_it_was: None) -> None:
    assert make_plan([command]) is None


def test_a_sweep_has_a_command_for_each_figure_and_grid() -> None:
    assert one_grid_each(["-m", "seed=1", "figure=fig1,fig2"]) == [
        ["-m", "seed=1", "figure=fig1"],
        ["-m", "seed=1", "figure=fig2"],
    ]
    assert one_grid_each(["-m", "seed=1", "figure=claims"])[1] == [
        "-m", "panel=F", "content_layers=[conv4_2]", "layer_set=e", "ratio=1e-5,1e-4,1e-3,1e-2",
        "seed=1", "figure=claims"]  # fmt: skip
    for command in (["figure=fig1,fig2"], ["-m", "figure=fig1"], ["-m", "seed=1,2"]):
        assert one_grid_each(command) == [command]


def test_off_a_terminal_lines_say_how_far_it_is_and_are_apart(
    plan: Plan, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, config = [*plan.cells.items()][1]
    said = {}
    for pause in (0.0, inf):
        # Patches our constant, so that lines are due at once or not.
        monkeypatch.setattr(progress, "LINE", pause)
        for chosen in (plan, None):
            told = ImageProgress(config, folder, chosen)
            for done in (1, 2, 50):
                told({"evaluation": done, "total": 1.0})
            said[pause, chosen is plan] = capsys.readouterr().err.splitlines()
    assert said[inf, True] == said[inf, False] == []
    assert [line.rpartition(" - ")[0] for line in said[0.0, True]] == [
        "[2/4] images/cell1 2/100", "[2/4] images/cell1 50/100"]  # fmt: skip
    assert all(line.endswith(" left in all") for line in said[0.0, True])
    assert all(line.endswith(" left") for line in said[0.0, False])
