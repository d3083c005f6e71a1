"""Sweeps on a real Slurm of one node: make test-slurm."""

import dataclasses
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pandas as pd
import pytest
from cluster import DEVICES, missing, slurm
from command import SCRIPT, SMALL, inputs, started

from nst.runs.records import load
from nst.runs.table import UNFINISHED, collect

pytestmark = [
    pytest.mark.skipif(bool(missing()), reason=f"not installed: {', '.join(missing())}"),
]
LAUNCHER = (
    "launcher=slurm", "device=cpu", "hydra.launcher.cpus_per_task=1", "hydra.launcher.mem_gb=2",
)  # fmt: skip
ADAM = ("optimizer=adam",)  # the one that never ends before its budget
EVALUATIONS = 200
SECONDS = 600  # for a sweep; it only ends a test that hangs
# sitecustomize.py: a second an evaluation until the job is requeued, as it then is on any machine.
SLOWLY = """
import os
import time

if "SLURM_JOB_ID" in os.environ and "SLURM_RESTART_COUNT" not in os.environ:
    from nst.runs.progress import ImageProgress

    before = ImageProgress.__call__

    def slowly(self, row):
        before(self, row)
        time.sleep(1)

    ImageProgress.__call__ = slowly
"""


@dataclasses.dataclass
class Cluster:
    """Slurm, and a folder with images in which commands run."""

    environment: dict[str, str]
    folder: Path

    def sweep(
        self, *overrides: str, variables: dict[str, str] | None = None
    ) -> AbstractContextManager[subprocess.Popen[str]]:
        """A sweep over Slurm, as a user starts it; what does not end in time is killed."""
        command = (SCRIPT, "-m", *SMALL, *LAUNCHER, *overrides)
        return started(*command, cwd=self.folder, env=self.environment | (variables or {}))

    def finish(self, *overrides: str) -> tuple[int, str]:
        """Exit code and messages of a sweep over Slurm."""
        with self.sweep(*overrides) as process:
            out, err = process.communicate(timeout=SECONDS)
        assert out == ""
        return process.returncode, err

    def command(self, *command: str) -> str:
        """The output of one of Slurm's commands."""
        return subprocess.run(
            command, check=True, capture_output=True, text=True, env=self.environment
        ).stdout


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    root = tmp_path_factory.mktemp("slurm")
    (root / "cluster").mkdir()
    with slurm(root / "cluster") as environment:
        # Jobs set the number of their threads themselves.
        environment = {k: v for k, v in environment.items() if k != "OMP_NUM_THREADS"}
        yield Cluster(environment, inputs(root / "work"))


@pytest.fixture(scope="module")
def devices(cluster: Cluster) -> pd.DataFrame:
    """The records of a sweep of four cells over two GPUs."""
    ran = cluster.finish(*ADAM, f"evaluations={EVALUATIONS}", "seed=0,1,2,3", "output=devices")
    assert ran == (0, "")
    return load(cluster.folder / "devices")


def until(condition: Callable[[], bool], seconds: float = SECONDS) -> None:
    """Wait for something that a job does."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.2)


def test_each_cell_has_a_gpu_of_its_own_and_the_threads_that_it_asked_for(
    cluster: Cluster, devices: pd.DataFrame
) -> None:
    assert sorted(devices["seed"]) == [0, 1, 2, 3]
    assert set(devices["job.CUDA_VISIBLE_DEVICES"]) == set(map(str, range(len(DEVICES))))
    assert set(devices["threads"]) == {1}
    lines = cluster.command("sacct", "-X", "-n", "-P", "-o", "JobIDRaw,Start,End").split()
    times = {job: (start, end) for job, start, end in (line.split("|") for line in lines)}
    jobs = [(*times[r["job.SLURM_JOB_ID"]], r["job.CUDA_VISIBLE_DEVICES"])
            for r in devices.to_dict("records")]  # fmt: skip
    for start, end, device in jobs:
        at_once = [d for s, e, d in jobs if s < end and start < e]
        assert at_once.count(device) == 1, "two cells on one GPU at the same time"


def kill_when_it_computes(cluster: Cluster, cells: Path) -> None:
    """Kill the job of the second cell as a node that dies would."""
    until((cells / ".seed_1.lock").exists)
    jobs = cluster.command("squeue", "-h", "-r", "-o", "%i %K", "--states=RUNNING")
    (job,) = [line.split()[0] for line in jobs.splitlines() if line.split()[1] == "1"]
    cluster.command("scancel", "--full", "--signal=KILL", job)


def test_a_killed_cell_is_reported_and_the_same_command_completes_it(cluster: Cluster) -> None:
    # The second cell has no end that it could reach before it is killed, on any machine.
    evaluations = "evaluations='${oc.env:EVALUATIONS_OF_${seed},200}'"
    sweep = (*ADAM, evaluations, "seed=0,1", "output=killed", "cell=seed_${seed}")
    cells = cluster.folder / "killed" / "demo" / "images"
    with cluster.sweep(*sweep, variables={"EVALUATIONS_OF_1": "1000000"}) as ran:
        kill_when_it_computes(cluster, cells)
        _, err = ran.communicate(timeout=SECONDS)  # submitit asks sacct once a minute
    assert ran.returncode == 1
    assert err.startswith("error: Job ")
    assert len(err.splitlines()) == 1
    assert "rerun the command for those that are missing" in err
    states = collect(cluster.folder / "killed").set_index("folder")["state"].to_dict()
    assert states == {"demo/images/seed_0": "done", "demo/images/seed_1": UNFINISHED}

    assert cluster.finish(*sweep) == (0, "")
    assert sorted(load(cluster.folder / "killed")["seed"]) == [0, 1]


def test_a_cell_that_failed_makes_the_sweep_fail_with_its_reason(cluster: Cluster) -> None:
    code, err = cluster.finish("content.path=photo.png,missing.png", "output=failed")
    assert code == 1
    assert "error: no file at missing.png: check the path; the other cells" in err
    assert sorted(collect(cluster.folder / "failed")["state"]) == ["done", "failed"]


def test_a_cell_beyond_its_time_limit_is_requeued_and_goes_on_from_its_checkpoint(
    cluster: Cluster, tmp_path: Path
) -> None:
    (tmp_path / "sitecustomize.py").write_text(SLOWLY)
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    with cluster.sweep(
        *ADAM, f"evaluations={EVALUATIONS}", "checkpoint_every=2", "output=limit",
        "hydra.launcher.timeout_min=1", "hydra.launcher.signal_delay_s=10",
        variables={"PYTHONPATH": path},
    ) as ran:  # fmt: skip
        until(lambda: release_requeued(cluster) or ran.poll() is not None, 2 * SECONDS)
        _, err = ran.communicate()
    assert (ran.returncode, err) == (0, "")
    (log,) = (cluster.folder / "limit").rglob("*_log.err")
    assert "DUE TO JOB REQUEUE" in log.read_text()
    (record,) = load(cluster.folder / "limit").to_dict("records")
    assert record["evaluations"] == EVALUATIONS
    assert record["seconds"] > 5  # of both jobs: the second one alone takes a moment
    assert not list((cluster.folder / "limit").rglob("checkpoint.pt"))


def release_requeued(cluster: Cluster) -> None:
    """Start at once what Slurm would keep waiting for two minutes after it was requeued."""
    waiting = cluster.command("squeue", "-h", "-o", "%A %r", "--states=PENDING").splitlines()
    for job in (line.split()[0] for line in waiting if line.endswith("BeginTime")):
        cluster.command("scontrol", "update", f"JobId={job}", "StartTime=now")
