"""Sweeps on a Ray cluster of this machine: make test-ray."""

import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from command import SCRIPT, SMALL, inputs

from nst.runs.records import load
from nst.runs.table import collect

pytestmark = pytest.mark.skipif(not find_spec("ray"), reason="needs the extra: make ray")
QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}
# Workers are other processes: what OMP_NUM_THREADS says here must not hide what Ray sets there.
ENVIRONMENT = {key: value for key, value in os.environ.items() if key != "OMP_NUM_THREADS"} | QUIET
RAY = [sys.executable, "-m", "ray.scripts.scripts"]


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    """A cluster of one node with two CPUs and two (fake) GPUs."""
    start = ["start", "--head", "--port=6399", "--num-cpus=2", "--num-gpus=2",
             "--include-dashboard=false", "--object-store-memory=100000000"]  # fmt: skip
    try:
        subprocess.run([*RAY, *start], check=True, capture_output=True, env=ENVIRONMENT)
        yield
    finally:
        subprocess.run([*RAY, "stop", "--force"], capture_output=True, env=ENVIRONMENT)


def test_cells_run_on_an_existing_cluster_each_with_its_gpu_and_failures_tell(
    cluster: None, tmp_path: Path
) -> None:
    folder = inputs(tmp_path / "cli")
    command = [
        sys.executable, str(SCRIPT), "-m", *SMALL, "launcher=ray", "device=cpu", "evaluations=40",
        "hydra.launcher.ray.init.address=auto",
        "hydra.launcher.ray.remote.num_gpus=1", "seed=0,1",
    ]  # fmt: skip
    axis = "content.path=photo.png,missing.png"
    ran = subprocess.run(
        [*command, axis], cwd=folder, env=ENVIRONMENT, capture_output=True, text=True
    )
    assert ran.returncode == 1, ran.stderr
    assert "\nerror: no file at missing.png" in ran.stderr
    assert sorted(collect(folder / "outputs")["state"]) == ["done", "done", "failed", "failed"]
    frame = load(folder / "outputs")
    assert set(frame["job.CUDA_VISIBLE_DEVICES"]) <= {"0", "1"}
    assert set(frame["threads"]) == {1}
    again = subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True)
    assert again.returncode == 0, again.stderr
