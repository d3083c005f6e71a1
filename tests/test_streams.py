"""A command whose output nobody reads goes on and writes all of its results."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from command import SCRIPT, SMALL, inputs, until

CLOSED = ("2>&-", "1>&- 2>&-", "0<&- 1>&- 2>&-", "2>/dev/full", "pipe", "terminal")
ENVIRONMENT = os.environ | {"OMP_NUM_THREADS": "1"}
STYLIZE = SCRIPT.with_name("stylize.py")
PICTURE = ("photo.png", "painting.jpg", "-o", "out.png", *SMALL[:2], "schedule=single",
           "evaluations=3", "--size", "32")  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return inputs(tmp_path / "cli")


@pytest.mark.parametrize("how", CLOSED)
def test_a_sweep_and_a_picture_are_made_whatever_happens_to_stderr(how: str, folder: Path) -> None:
    for script, arguments in ((SCRIPT, ("-m", *SMALL, "seed=0,1")), (STYLIZE, PICTURE)):
        command = [sys.executable, str(script), *arguments]
        if how in ("pipe", "terminal"):
            read, write = os.pipe() if how == "pipe" else os.openpty()
            os.close(read)
            ran = subprocess.run(command, cwd=folder, env=ENVIRONMENT, stdout=write, stderr=write)
            os.close(write)
        else:
            shell = ["sh", "-c", f'"$@" {how}', "sh", *command]
            ran = subprocess.run(shell, cwd=folder, env=ENVIRONMENT)
        assert ran.returncode == 0
    assert len(list(folder.rglob("outputs/**/record.json"))) == 2
    assert not list(folder.rglob("failure.json"))
    assert (folder / "out.png").read_bytes()[:4] == b"\x89PNG"


def test_ctrl_c_ends_a_sweep_whose_reader_is_gone_with_130_and_no_failure(folder: Path) -> None:
    read, write = os.pipe()
    command = [sys.executable, str(SCRIPT), "-m", *SMALL, "seed=0,1,2", "evaluations=1000000",
               "trajectory=0", "save_every=1"]  # fmt: skip
    with subprocess.Popen(
        command, cwd=folder, env=ENVIRONMENT, stdout=write, stderr=write
    ) as process:
        os.close(write)
        os.close(read)
        until(lambda: process.poll() is not None or bool(list(folder.rglob("steps/*.png"))))
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
    assert not list(folder.rglob("failure.json"))
    assert len(list(folder.rglob("image_so_far.png"))) == 1


@pytest.mark.parametrize("debug", ["0", "1"])
def test_a_traceback_is_shown_where_it_is_asked_for(debug: str, folder: Path) -> None:
    commands = {
        SCRIPT: (*SMALL, "content.path=missing.png"),
        SCRIPT.with_name("collect.py"): ("nowhere",),
        STYLIZE: ("missing.png", "painting.jpg", "-o", "x.png"),
    }
    for script, arguments in commands.items():
        ran = subprocess.run(
            [sys.executable, str(script), *arguments],
            cwd=folder,
            text=True,
            env=ENVIRONMENT | {"NST_DEBUG": debug},
            capture_output=True,
        )
        assert ran.returncode == 1
        assert ("Traceback" in ran.stderr) is (debug == "1")
        assert ran.stderr.splitlines()[-1].startswith("error: ")
