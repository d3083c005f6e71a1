"""Sweeps in several processes of one machine, through Hydra's joblib launcher."""

import os
import subprocess
import sys
from importlib.util import find_spec
from multiprocessing import current_process
from pathlib import Path

import pytest
from command import SCRIPT, SMALL, inputs

from nst.runs.progress import worker_number
from nst.runs.table import collect

LAUNCHER = ("-m", "launcher=joblib", "hydra.launcher.n_jobs=2")
ENVIRONMENT = {key: value for key, value in os.environ.items() if key != "OMP_NUM_THREADS"}


def sweep(folder: Path, *overrides: str) -> tuple[int, list[str]]:
    """Exit code and lines of a sweep in two processes, each with its share of the threads."""
    ran = subprocess.run(
        [sys.executable, str(SCRIPT), *LAUNCHER, *SMALL, *overrides],
        cwd=folder, env=ENVIRONMENT, capture_output=True, text=True,
    )  # fmt: skip
    assert ran.stdout == ""
    return ran.returncode, ran.stderr.splitlines()


@pytest.mark.skipif(not find_spec("joblib"), reason="needs the extra: make joblib")
def test_joblib_computes_all_cells_and_the_exit_code_tells_of_one_that_failed(
    tmp_path: Path,
) -> None:
    folder = inputs(tmp_path / "cli")
    axes = ("content.path=photo.png,missing.png,elongated.png", "seed=0,1", "cell=null")
    code, lines = sweep(folder, *axes)
    assert code == 1
    assert len([line for line in lines if "/image.png in " in line]) == 2
    assert lines[-1].startswith("error: no file at missing.png: check the path; the other cells")
    frame = collect(folder / "outputs")
    assert sorted(frame["state"]) == ["done"] * 2 + ["failed"] * 4
    cores = len(os.sched_getaffinity(0))
    assert set(frame["threads"].dropna()) == {max(1, cores // 2)}

    code, lines = sweep(folder, "content.path=photo.png", "seed=0,1", "cell=null")
    assert code == 0
    assert len([line for line in lines if line.endswith("/image.png already exists, skipped")]) == 2


@pytest.mark.skipif(not find_spec("joblib"), reason="needs the extra: make joblib")
def test_auto_computes_on_all_cores_and_a_failed_cell_does_not_end_the_figures(
    tmp_path: Path,
) -> None:
    """As make figures does; the first figure's photograph is missing in one of its cells."""
    folder = inputs(tmp_path / "cli")
    command = ["-m", "launcher=auto", *SMALL, "figure=fig1,fig3", "layer_set=a", "ratio=1e-3,1e-4",
               "task=content", "content.path=missing.png,photo.png",
               "cell='${content.path}_${ratio}'"]  # fmt: skip
    ran = subprocess.run(
        [sys.executable, str(SCRIPT), *command], cwd=folder, capture_output=True, text=True,
        env=ENVIRONMENT | {"OMP_NUM_THREADS": "2"},
    )  # fmt: skip
    assert ran.returncode == 1, ran.stderr
    frame = collect(folder / "outputs").set_index(["figure", "cell"])["state"]
    for figure in ("fig1", "fig3"):
        assert frame[figure, "photo.png_0.001"] == frame[figure, "photo.png_0.0001"] == "done"
        assert frame[figure, "missing.png_0.001"] == "failed"
    assert ran.stderr.count("no file at missing.png") >= 2, "one line for each figure"


def test_each_of_several_workers_has_its_own_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the name that joblib's loky gives a process; any other is none of a launcher's."""
    names = ("MainProcess", "SpawnPoolWorker-2", "LokyProcess-1", "LokyProcess-2", "LokyProcess-3")
    numbers = []
    for name in names:
        monkeypatch.setattr(current_process(), "name", name)
        numbers.append(worker_number(2))
    assert numbers == [0, 0, 0, 1, 0]
