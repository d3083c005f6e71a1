"""A killed run resumes from its checkpoint and ends with the same bytes."""

import errno
import io
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

import pandas as pd
import pytest
import torch
from command import CELL, PATIENCE, SCRIPT, SMALL, inputs, run, started, until

from nst.config import Config
from nst.errors import InputError, was_interrupted
from nst.runs import records
from nst.runs.checkpoint import NAME, Checkpoint, Interrupts, way_on
from nst.runs.pipeline import compute
from nst.runs.recording import FOLDER, SO_FAR
from nst.script import run_script

KILLS = 8
PYRAMID = ("schedule.name=pyramid", "schedule.scales=[0.5,1.0]", "schedule.shares=[0.4,0.6]")
FALLING = ("continuation=64", "continuation_share=0.5", "opening=100")
SETTINGS = (
    *SMALL,
    *PYRAMID,
    *FALLING,
    "size=48",
    "evaluations=400",
    "checkpoint_every=0.01",
    "device=cpu",
)


def start(folder: Path) -> subprocess.Popen[bytes]:
    """The command in a process of its own, which is not waited for."""
    return subprocess.Popen(
        [sys.executable, str(SCRIPT), *SETTINGS],
        cwd=folder,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def progress(folder: Path) -> int:
    """Evaluations that the checkpoint of a folder holds; a checkpoint is never half written."""
    path = folder / CELL / NAME
    if not path.exists():
        return 0
    try:
        content = path.read_bytes()
    except FileNotFoundError:  # the run has just ended
        return 0
    kept = torch.load(io.BytesIO(content), weights_only=True)
    return int(kept["state"]["run"]["evaluations"])


def further(folder: Path, reached: int, process: subprocess.Popen[bytes]) -> bool:
    """Whether a run has gone beyond so many evaluations, or ended."""
    return progress(folder) > reached or process.poll() is not None


def outcome(folder: Path) -> tuple[bytes, bytes, pd.DataFrame]:
    """Picture, trajectory and losses, which two equal runs share."""
    cell = folder / CELL
    losses = pd.read_csv(cell / "losses.csv").drop(columns="seconds")
    return (cell / "image.png").read_bytes(), (cell / "trajectory.jpg").read_bytes(), losses


def test_a_process_killed_at_random_moments_ends_with_the_bytes_of_one_that_was_not(
    tmp_path: Path,
) -> None:
    whole, killed = inputs(tmp_path / "whole"), inputs(tmp_path / "killed")
    assert run(whole, *SETTINGS).code == 0
    moments, kills, reached = random.Random(0), 0, [0]
    while not (killed / CELL / "record.json").exists():
        assert kills < 4 * KILLS, "no run gets any further"
        process = start(killed)
        if kills < KILLS:
            until(partial(further, killed, reached[-1], process))
            time.sleep(moments.uniform(0, 0.1))
            process.send_signal(signal.SIGKILL)
            kills += process.wait() == -signal.SIGKILL
            reached.append(progress(killed))
        else:
            assert process.wait() == 0
    assert kills >= 3
    assert reached == sorted(reached), "a later process has fallen behind"
    image, trajectory, losses = outcome(killed)
    assert (image, trajectory) == outcome(whole)[:2]
    pd.testing.assert_frame_equal(losses, outcome(whole)[2])
    assert not (killed / CELL / NAME).exists()
    assert not list((killed / CELL).glob(".*")), "temporary files were left"


def test_ctrl_c_is_one_line_and_the_same_command_goes_on(tmp_path: Path) -> None:
    folder = inputs(tmp_path / "folder")
    command = [SCRIPT, *SETTINGS, "evaluations=100000"]
    with started(*command, cwd=folder) as process:
        until(lambda: progress(folder) > 0)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    line = (
        f"interrupted: rerun the command to resume from {CELL / NAME}; the best picture so far is "
    )
    assert err.splitlines()[-1] == f"{line}{CELL / SO_FAR}"
    assert (folder / CELL / SO_FAR).exists()
    assert "Traceback" not in err
    assert progress(folder) > 0


@pytest.mark.parametrize("name", ["synthesize", "stylize"])
@pytest.mark.parametrize("seconds", [0.3, 0.8])
def test_ctrl_c_while_the_program_starts_gives_no_traceback(
    name: str, seconds: float, tmp_path: Path
) -> None:
    folder = inputs(tmp_path / "folder")
    script = str(Path(SCRIPT).with_name(f"{name}.py"))
    files = SETTINGS if name == "synthesize" else ["photo.png", "painting.jpg", "size=64"]
    with started(script, *files, cwd=folder) as process:
        time.sleep(seconds)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode in (130, -signal.SIGINT)
    assert "Traceback" not in err


def test_a_checkpoint_that_cannot_be_written_does_not_end_the_run(
    config: Config, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(folder: Path, contents: dict[str, bytes]) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    config = replace(config, evaluations=12, checkpoint_every=1e-9)
    config.optimizer.name = "lbfgs"
    # Patches our writer: the disk is full for checkpoints.
    monkeypatch.setattr("nst.runs.checkpoint.write_files", full)
    assert "image.png" in compute(config)
    (line,) = [line for line in capsys.readouterr().err.splitlines() if "checkpoint" in line]
    assert line.endswith("(No space left on device): continuing without it")


@pytest.fixture
def stopped(config: Config, monkeypatch: pytest.MonkeyPatch) -> Config:
    """A configuration whose run was stopped half-way, and left a checkpoint."""
    config = replace(config, evaluations=12, checkpoint_every=1e-9)
    config.optimizer.name = "lbfgs"
    half = []

    def stop(self: object, row: dict[str, float]) -> None:
        half.append(row)
        if len(half) == 7:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        # Patches our progress to press Ctrl-C at one evaluation.
        patch.setattr("nst.runs.progress.ImageProgress.__call__", stop)
        with pytest.raises(KeyboardInterrupt):
            compute(config)
    assert checkpoint(config).exists()
    return config


def checkpoint(config: Config) -> Path:
    return Path(config.output) / "demo" / "images" / str(config.cell) / NAME


def evaluated(config: Config, monkeypatch: pytest.MonkeyPatch) -> int:
    """Evaluations that the run of a configuration makes itself."""
    rows: list[object] = []
    with monkeypatch.context() as patch:
        # Patches our progress, to count evaluations.
        patch.setattr(
            "nst.runs.progress.ImageProgress.__call__", lambda self, row: rows.append(row)
        )
        compute(config)
    return len(rows)


def test_what_was_evaluated_is_not_evaluated_again(
    stopped: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert 5 <= evaluated(stopped, monkeypatch) < 8
    assert not checkpoint(stopped).exists()


@pytest.fixture
def interrupt(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], None]]:
    """Makes a run get Ctrl-C at one of its evaluations, from a key that is held."""
    before, rows = signal.getsignal(signal.SIGINT), []
    signal.signal(signal.SIGINT, signal.default_int_handler)

    def at(number: int) -> None:
        def press(self: object, row: dict[str, float]) -> None:
            rows.append(row)
            for _ in range(3 if len(rows) == number else 0):
                signal.raise_signal(signal.SIGINT)

        # Patches our progress to press Ctrl-C at one evaluation.
        monkeypatch.setattr("nst.runs.progress.ImageProgress.__call__", press)

    yield at
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize(("name", "number"), [("lbfgs", 7), ("adam", 7), ("adam", 12)])
def test_ctrl_c_keeps_what_was_computed_and_the_run_goes_on_to_the_same_bytes(
    name: str,
    number: int,
    config: Config,
    interrupt: Callable[[int], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    config = replace(config, evaluations=12, checkpoint_every=3600)
    config.optimizer.name = name
    whole = replace(config, cell="whole")
    compute(whole)
    with monkeypatch.context():
        interrupt(number)
        with pytest.raises(KeyboardInterrupt):
            compute(config)
    assert checkpoint(config).exists()
    assert way_on(checkpoint(config).parent).startswith("resume from ")
    assert evaluated(config, monkeypatch) < 6
    cells = [checkpoint(each).parent for each in (whole, config)]
    pictures = [(cell / "image.png").read_bytes() for cell in cells]
    assert pictures[0] == pictures[1]
    found = [records.read_record(cell) for cell in cells]
    assert found[0] and found[1] and found[0]["precision"] == found[1]["precision"] != ""


@pytest.mark.parametrize(("name", "every"), [("lbfgsb", 3600), ("lbfgs", 0), ("adam", 0)])
def test_ctrl_c_waits_for_no_state_that_will_not_be_kept(
    name: str, every: int, config: Config, interrupt: Callable[[int], None]
) -> None:
    config = replace(config, evaluations=12, checkpoint_every=every)
    config.optimizer.name = name
    interrupt(7)
    with pytest.raises(KeyboardInterrupt):
        compute(config)
    cell = checkpoint(config).parent
    assert [path.name for path in cell.iterdir()] == [SO_FAR]
    assert way_on(cell) == f"begin this picture again; the best picture so far is {cell / SO_FAR}"


@pytest.mark.usefixtures("interrupt")
def test_ctrl_c_while_the_record_is_written_leaves_it_whole_and_ends_the_command(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = records.write_files

    def press(folder: Path, contents: dict[str, bytes]) -> None:
        signal.raise_signal(signal.SIGINT)
        write(folder, contents)

    with monkeypatch.context() as patch:
        # Patches our writer to press Ctrl-C while it writes.
        patch.setattr(records, "write_files", press)
        with pytest.raises(KeyboardInterrupt):
            compute(config)
    assert "already exists, skipped" in compute(config)
    assert way_on(checkpoint(config).parent) == "go on after this picture"


def test_ctrl_c_that_the_clean_up_of_a_library_hides_is_no_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def stopped(failure: Exception) -> None:
        try:
            raise KeyboardInterrupt
        finally:
            raise failure

    for failure in (AttributeError("half-way"), InputError("half-way")):
        with pytest.raises(SystemExit) as end:
            run_script(partial(stopped, failure))
        assert end.value.code == 130
        assert capsys.readouterr().err == "interrupted: rerun the command for what is missing\n"
    assert not was_interrupted(InputError("of a user"))


def test_a_later_ctrl_c_is_not_deferred(monkeypatch: pytest.MonkeyPatch) -> None:
    interrupts = Interrupts()
    interrupts.waits = True
    interrupts(signal.SIGINT, None)
    interrupts(signal.SIGINT, None)
    # Patches our constant, to wait for nothing.
    monkeypatch.setattr("nst.runs.checkpoint.REPEATS", 0)
    with pytest.raises(KeyboardInterrupt):
        interrupts(signal.SIGINT, None)


def test_a_run_that_goes_on_keeps_its_pictures_unless_their_interval_has_changed(
    stopped: Config,
) -> None:
    steps = checkpoint(stopped).parent / FOLDER
    kept = checkpoint(stopped).read_bytes()
    for every, found in ((None, [2]), (5, [10])):
        steps.mkdir(exist_ok=True)
        (steps / "00002.png").write_bytes(b"")
        checkpoint(stopped).write_bytes(kept)
        compute(replace(stopped, save_every=every, overwrite=True))
        assert [int(path.stem) for path in steps.iterdir()] == found


def test_a_checkpoint_of_other_settings_does_not_count(
    stopped: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert evaluated(replace(stopped, seed=1), monkeypatch) == 12


def test_a_damaged_checkpoint_does_not_count_and_one_line_says_so(
    stopped: Config, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    content = checkpoint(stopped).read_bytes()
    checkpoint(stopped).write_bytes(content[: len(content) // 2])
    capsys.readouterr()
    assert evaluated(stopped, monkeypatch) == 12
    said = [line for line in capsys.readouterr().err.splitlines() if NAME in line]
    assert len(said) == 1
    assert "is damaged" in said[0]
    assert said[0].endswith("starting over")


def test_a_checkpoint_of_another_version_does_not_count(
    stopped: Config, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = torch.load(checkpoint(stopped), weights_only=True)
    kept["state"]["run"]["colour"] = 1
    torch.save(kept, checkpoint(stopped))
    assert evaluated(stopped, monkeypatch) == 12
    assert "is of another version of this code: starting over" in capsys.readouterr().err


def test_without_an_interval_no_checkpoint_is_written(tmp_path: Path, config: Config) -> None:
    Checkpoint(tmp_path, asdict(config), 0).offer(lambda: pytest.fail("was asked for the state"))
    assert not (tmp_path / NAME).exists()
