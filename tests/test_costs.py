"""What a run costs, and that the time left follows from it: against times that were measured.

On two cores of an AMD EPYC with AVX-512 BF16, two cells at a time, one thread each.
"""

import json
import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from nst.config import Config, ScheduleConfig
from nst.runs import progress
from nst.runs.locks import lock_file
from nst.runs.progress import Plan, cost_of_evaluation, cost_of_run
from nst.runs.records import SCHEMA

FIRSTS = [f"conv{block}_1" for block in range(1, 6)]  # the layers of rows a to e
ROWS = "abcde"
SINGLE = ScheduleConfig("single", [1.0], [1.0])
PYRAMID = ScheduleConfig("pyramid", [0.25, 0.5, 1.0], [0.2, 0.3, 0.5])
# Medians of an evaluation, in ms, by rows a to e; transfers have content at conv4_2.
MEDIANS = [
    ("content", 0.75, 224, 0.5, [17.3, 30.1, 42.6, 72.9, 113.4]),
    ("style", 0.75, 224, None, [15.1, 36.1, 55.2, 93.9, 134.5]),
    ("transfer", 0.75, 56, None, [None, None, 9.7, 11.2, 17.3]),
    ("transfer", 0.75, 112, None, [None, None, 27.5, 30.3, 41.3]),
    ("transfer", 0.75, 224, None, [87.6, 92.6, 98.1, 104.4, 135.3]),
    ("content", 1.0, 512, 0.5, [116.9, 231.0, 343.4, 650.4, 900.4]),
    ("style", 1.0, 512, None, [103.1, 285.8, 459.2, 797.5, 1066.6]),
    ("transfer", 1.0, 512, None, [743.1, 788.9, 841.4, 878.0, 1068.4]),
    ("transfer", 1.0, 512, 0.5, [795.9, 840.9, 895.1, 938.5, 1139.5]),
]
# The demo's figures: task, row, when a cell ended and how long its evaluations took, in seconds.
RUN = """
content a 3.66 3.66, content b 5.04 4.90, content c 8.53 4.49, content d 13.16 7.76,
style a 14.63 1.29, style b 17.86 3.04, content e 20.77 12.03, style c 22.74 4.70,
style d 28.92 7.97, style e 34.37 11.45, transfer e 43.37 8.29, transfer e 43.44 8.36,
transfer e 51.90 8.28, transfer e 52.21 8.26, transfer e 60.10 8.01, transfer a 67.59 5.51,
transfer a 67.95 5.66, transfer a 73.34 5.58, transfer a 73.80 5.68, transfer b 79.45 5.94,
transfer b 79.94 5.95, transfer b 85.69 6.00, transfer b 86.14 6.04, transfer c 91.76 5.89,
transfer c 92.21 5.87, transfer c 97.70 5.77, transfer c 98.26 5.87, transfer d 104.06 6.18,
transfer d 104.75 6.31, transfer d 110.84 6.36, transfer d 111.18 6.24, transfer e 119.39 8.36,
transfer e 119.77 8.12, transfer e 128.00 8.38, transfer e 128.15 8.20"""
START = 7.0  # until the launcher's processes computed


def kind(config: Config, task: str, row: str, spectrum: float | None) -> Config:
    index = ROWS.index(row)
    return replace(
        config,
        alpha=float(task != "style"),
        beta=float(task != "content"),
        content_layers=[FIRSTS[index] if task == "content" else "conv4_2"],
        style_layers=FIRSTS[: index + 1],
        optimizer=replace(config.optimizer, name="lbfgs", spectrum=spectrum),
    )


def test_an_evaluation_costs_what_counting_by_hand_says(config: Config) -> None:
    config = replace(config, alpha=0.0, style_layers=["conv2_1"])
    config.network.width = 1.0
    pixels, filters = 32 * 32, 9 * (3 * 64 + 64 * 64 + 64 * 128)
    counted = progress.CALL + pixels * progress.PIXEL + filters * progress.FILTER + sum((
        pixels * 64 * 9 * 3,
        pixels * 64 * 9 * 64,
        pixels / 4 * 128 * (9 * 64 + 128 * progress.GRAM + progress.RESPONSE),  # and Gram matrix
    ))  # fmt: skip
    assert cost_of_evaluation(config, 32) == pytest.approx(counted)
    config.optimizer.spectrum = 0.5
    assert cost_of_evaluation(config, 32) == pytest.approx(counted + pixels * progress.SPECTRUM)


def test_what_is_left_of_a_run_is_each_sizes_own(config: Config) -> None:
    config = replace(config, evaluations=10, schedule=ScheduleConfig("two", [0.5, 1.0], [0.4, 0.6]))
    small, large = (cost_of_evaluation(config, size) for size in (16, 32))
    left = [cost_of_run(config, done) for done in range(11)]
    assert left == pytest.approx(
        [(4 - min(n, 4)) * small + (10 - max(n, 4)) * large for n in range(11)]
    )


def test_kinds_of_evaluations_cost_what_they_took_within_a_fifth(config: Config) -> None:
    units = {}
    for task, width, size, spectrum, medians in MEDIANS:
        config.network.width = width
        for row, milliseconds in zip(ROWS, medians, strict=True):
            if milliseconds:
                cost = cost_of_evaluation(kind(config, task, row, spectrum), size)
                units[task, row, size, spectrum] = milliseconds / 1000 / cost
    usual = sorted(units.values())[len(units) // 2]
    assert {case: unit for case, unit in units.items() if not 0.8 < unit / usual < 1.2} == {}


@pytest.fixture
def run(config: Config, tmp_path: Path) -> dict[Path, tuple[Config, float, float]]:
    """The demo's cells by folder, each with its start and end in seconds."""
    config.network.width, config.size, cells = 0.75, 224, {}
    for number, line in enumerate(RUN.split(",")):
        task, row, end, seconds = line.split()
        cell = kind(config, task, row, 0.5 if task == "content" else None)
        cell.schedule = PYRAMID if task == "transfer" and row in "cde" else SINGLE
        budget = {"content": 100, "style": 80, "transfer": 60}[task]
        cell.figure = "fig1" if number < 10 else "fig2" if number < 15 else "fig3"
        cell.evaluations = budget if cell.schedule is SINGLE else 90
        start = START + float(end) - float(seconds)
        cells[tmp_path / str(number)] = (cell, start, START + float(end))
    return cells


def leave_what_is_there(run: dict[Path, tuple[Config, float, float]], now: float) -> None:
    """Leave the records and locks of a moment, in seconds since the run began."""
    for folder, (_, start, end) in run.items():
        lock = lock_file(folder)
        lock.parent.mkdir(exist_ok=True)
        lock.unlink(missing_ok=True)
        if end <= now and not folder.exists():
            folder.mkdir()
            record = {"schema": SCHEMA, "settings": {}, "seconds": end - start}
            (folder / "record.json").write_text(json.dumps(record))
        elif start <= now < end:
            lock.touch()
            os.utime(lock, (time.time() - (now - start),) * 2)


def test_from_the_third_cell_on_the_time_left_is_right_within_a_third(
    run: dict[Path, tuple[Config, float, float]],
) -> None:
    """Both when a cell ends and in the midst of one."""
    cells = {folder: cell for folder, (cell, *_) in run.items()}
    plan, ends = Plan(cells, len(run), workers=2), sorted(end for *_, end in run.values())
    moments = [(end, folder, 0.0) for folder, (*_, end) in run.items()]
    moments += [(start + (end - start) / 2, f, 0.5) for f, (_, start, end) in run.items()]
    for now, folder, part in sorted(moments, key=lambda moment: moment[0]):
        leave_what_is_there(run, now)
        plan.begin = time.time() - now
        cell, start, end = run[folder]
        half = part * cost_of_run(cell)
        said = plan.left(folder, half, half, part * (end - start)) if part else plan.left()
        right = said == pytest.approx(ends[-1] - now, rel=1 / 3, abs=2)
        assert right or now < ends[2], (now, said, ends[-1] - now)
