"""Runs the command line for the tests, in a folder of its own."""

import io
import os
import resource
import runpy
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager, redirect_stderr
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

PATIENCE = 600  # seconds for what another process does; it only ends a test that hangs
SCRIPT = Path(__file__).resolve().parents[1] / "scripts" / "synthesize.py"
SMALL = ("network=random", "network.width=0.125", "size=32",
         "schedule=single",
         "evaluations=3", "content.path=photo.png", "styles=painting.jpg")  # fmt: skip
CELL = Path("outputs/demo/images/photo_painting")
FILES = ("trajectory.jpg", "image.png", "losses.csv", "record.json")


@dataclass
class Ran:
    """What a command printed, and the folder it ran in."""

    folder: Path
    code: int
    err: list[str]


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """The operating system refuses to write files beyond `size` bytes, like a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def started(
    *command: object, cwd: Path | None = None, env: dict[str, str] | None = None
) -> Iterator[subprocess.Popen[str]]:
    """Python with these arguments, in a process of its own that is killed at the end."""
    process = subprocess.Popen(
        [sys.executable, *map(str, command)], cwd=cwd, text=True, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=os.environ | {"OMP_NUM_THREADS": "1"} if env is None else env,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def until(condition: Callable[[], bool]) -> None:
    """Wait for something that another process does."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def run_process(folder: Path, *arguments: str) -> Ran:
    """The command in a process of its own."""
    process = subprocess.run(
        [sys.executable, str(SCRIPT), *arguments],
        cwd=folder,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
    )
    assert process.stdout == ""
    return Ran(folder, process.returncode, process.stderr.splitlines())


def run(folder: Path, *arguments: str, script: Path = SCRIPT) -> Ran:
    """The command in this process: the same script from its first line to its exit."""
    code, err = 0, io.StringIO()
    with pytest.MonkeyPatch.context() as patch, chdir(folder), redirect_stderr(err):
        patch.setattr(sys, "argv", [str(script), *arguments])
        try:
            runpy.run_path(str(script), run_name="__main__")
        except SystemExit as stop:  # the interpreter prints a code that is no number
            code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
            err.write(f"{stop.code}\n" if isinstance(stop.code, str) else "")
    return Ran(folder, code, err.getvalue().splitlines())


def inputs(folder: Path) -> Path:
    """A folder with a photograph, an artwork and files that are neither."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    for name, size in (("photo.png", (40, 50)), ("painting.jpg", (60, 40)),
                       ("elongated.png", (4, 400))):  # fmt: skip
        Image.fromarray(rng.integers(0, 256, (*size, 3), dtype=np.uint8)).save(folder / name)
    whole = (folder / "photo.png").read_bytes()
    (folder / "truncated.png").write_bytes(whole[: len(whole) // 2])
    (folder / "empty.png").write_bytes(b"")
    (folder / "text.png").write_text("no image\nat all")
    (folder / "page.safetensors").write_text("<html>Not found</html>")
    Image.new("L", (100_000, 1)).save(folder / "line.png")
    (folder / "folder").mkdir()
    os.mkfifo(folder / "pipe")
    (folder / "loop").symlink_to("loop")
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def refused(ran: Ran, *named: str) -> None:
    """Assert that a command gave one line for each of `named`, and wrote nothing."""
    assert ran.code not in (0, None)
    assert len(ran.err) == len(named), ran.err
    for i, (line, name) in enumerate(zip(ran.err, named, strict=True), 1):
        assert line.startswith("error: " if len(named) == 1 else f"[{i}/{len(named)}] error: ")
        assert name in line
    assert not (ran.folder / "outputs").exists()
