"""One process per cell: real processes wait, share a sweep, or are killed."""

import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from command import FILES, PATIENCE, SCRIPT, SMALL, inputs, started, until
from filelock import FileLock

from nst.errors import BusyError
from nst.files import write_files
from nst.runs.locks import exclusive, is_held, lock_file
from nst.runs.records import load, read_record
from nst.runs.table import COMPUTING, UNFINISHED, collect

IMAGES = Path("outputs/demo/images")
HOLD = "import sys, pathlib, nst.runs.locks\nwith nst.runs.locks.exclusive(pathlib.Path(sys.argv[1])):\n    print(flush=True); input()"  # noqa: E501
SAME = "import sys, pathlib, nst.files as r\nfor i in range(200): r.write_files(pathlib.Path(sys.argv[1]), {'same': b'x' * 50_000})"  # noqa: E501


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return inputs(tmp_path / "cli")


@contextmanager
def held(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A cell that another process has."""
    with started("-c", HOLD, folder) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process


def test_a_lock_leaves_nothing_behind(tmp_path: Path) -> None:
    with exclusive(tmp_path / "a" / "b" / "cell"):
        assert is_held(tmp_path / "a" / "b" / "cell")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "mine").mkdir()
    with exclusive(tmp_path / "mine" / "cell"):
        pass
    assert list(tmp_path.rglob("*")) == [tmp_path / "mine"]


def test_a_folder_that_another_process_removes_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cell, acquire, calls = tmp_path / "a" / "cell", FileLock.acquire, 0

    def late(lock: FileLock, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 1:
            cell.parent.rmdir()  # as a process does whose cell has failed
            raise FileNotFoundError(lock.lock_file)
        return acquire(lock, **options)

    monkeypatch.setattr(FileLock, "acquire", late)
    with exclusive(cell):
        assert lock_file(cell).exists()
    assert calls == 2
    assert list(tmp_path.iterdir()) == []


def test_a_cell_of_another_process_is_refused_and_named_until_that_is_killed(
    tmp_path: Path,
) -> None:
    cell = tmp_path / "cell"
    with held(cell) as process:
        with pytest.raises(BusyError, match=rf"cell is being computed by process {process.pid} on"):
            exclusive(cell).__enter__()
        assert collect(tmp_path)["state"].tolist() == [COMPUTING]
        process.kill()
        process.wait()
        assert lock_file(cell).exists()
        assert not is_held(cell)
        assert collect(tmp_path)["state"].tolist() == [UNFINISHED]
        with exclusive(cell):
            pass
        assert list(tmp_path.iterdir()) == []


def test_a_sweep_comes_back_to_the_cell_of_another_process(folder: Path) -> None:
    cells = folder / IMAGES
    with (
        held(cells / "busy_1") as holder,
        started(SCRIPT, "-m", *SMALL, "cell=busy_${seed}", "seed=0,1,2", cwd=folder) as sweep,
    ):
        until(lambda: (cells / "busy_2" / "record.json").exists())
        assert (cells / "busy_0" / "record.json").exists()
        assert not (cells / "busy_1").exists()
        holder.send_signal(signal.SIGKILL)  # the system frees its lock
        _, err = sweep.communicate(timeout=PATIENCE)
    assert sweep.returncode == 0, err
    lines = [line for line in err.splitlines() if "busy_1" in line and "loss" not in line]
    busy = rf"busy_1 is being computed by process {holder.pid} on .*will come back"
    assert re.search(busy, lines[0])
    assert err.splitlines()[-1].startswith(f"[3/3] {IMAGES}/busy_1/image.png in ")
    assert not list(cells.glob(".*"))


def test_two_processes_share_a_sweep_and_compute_each_cell_once(folder: Path) -> None:
    command = (SCRIPT, "-m", *SMALL, "evaluations=20", "seed=0,1,2,3")
    with started(*command, cwd=folder) as first, started(*command, cwd=folder) as second:
        said = [process.communicate(timeout=PATIENCE)[1] for process in (first, second)]
    assert [first.returncode, second.returncode] == [0, 0], said
    computed = re.findall(r"seed=(\d)\S*/image.png in ", "".join(said))
    assert sorted(computed) == ["0", "1", "2", "3"]
    assert load(folder / IMAGES)["seed"].tolist() == [0, 1, 2, 3]


def test_a_process_that_is_killed_leaves_a_cell_that_the_same_command_completes(
    folder: Path,
) -> None:
    cell = folder / IMAGES / "mine"
    command = (SCRIPT, *SMALL, "cell=mine")
    with started(*command, "evaluations=100000", cwd=folder) as process:
        until(lambda: is_held(cell))
        process.kill()
        process.communicate()
    assert collect(folder / "outputs")["state"].tolist() == [UNFINISHED]
    assert read_record(cell) is None
    (cell / ".image.png.0123456789abcdef0123456789abcdef").parent.mkdir(exist_ok=True)
    (cell / ".image.png.0123456789abcdef0123456789abcdef").write_bytes(b"half of it")
    with started(*command, cwd=folder) as again:
        again.communicate(timeout=PATIENCE)
    assert again.returncode == 0
    assert {path.name for path in cell.iterdir()} == set(FILES)
    assert not list(cell.parent.glob(".*"))


def test_a_file_that_several_processes_write_is_always_there_and_whole(tmp_path: Path) -> None:
    write_files(tmp_path, {"same": b"x" * 50_000})
    with started("-c", SAME, tmp_path) as first, started("-c", SAME, tmp_path) as second:
        while first.poll() is None or second.poll() is None:
            assert (tmp_path / "same").stat().st_size == 50_000
        assert [first.returncode, second.returncode] == [0, 0]
    assert [path.name for path in tmp_path.iterdir()] == ["same"]
