"""Sweeps and their table: names of cells, failures that stay visible until they are fixed."""

import json
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pandas as pd
import pytest
from command import SCRIPT, SMALL, contents, inputs, run

from nst.runs import records
from nst.runs.overrides import readable
from nst.runs.progress import worker_number
from nst.runs.table import collect

COLLECT = SCRIPT.with_name("collect.py")
IMAGES = Path("outputs/demo/images")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return inputs(tmp_path / "cli")


def table(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """scripts/collect.py on the results of a folder."""
    command = [sys.executable, str(COLLECT), "outputs", *options]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def test_lists_of_layers_can_be_swept_and_each_cell_has_a_folder(folder: Path) -> None:
    layers = (["conv1_1"], ["conv1_1", "conv2_1"])
    axes = ("style_layers=[conv1_1],[conv1_1,conv2_1]", "ratio=1e-5,1e-4")
    ran = run(folder, "-m", *SMALL, *axes, "evaluations=1")
    assert ran.code == 0, ran.err
    frame = records.load(folder / IMAGES)
    found = {(row.ratio, *row.style_layers) for row in frame.itertuples()}
    assert found == {(ratio, *names) for ratio in (1e-5, 1e-4) for names in layers}
    assert len(frame) == 4


@pytest.mark.parametrize(
    ("overrides", "name"),
    [
        ("layer_set=a,ratio=1e-05,seed=0", "layer_set=a_ratio=1e-05_seed=0"),
        ("style_layers=[conv1_1]", "style_layers=conv1_1"),
        ("ratio=1,style_layers=[conv1_1,conv2_1]", "ratio=1_style_layers=conv1_1+conv2_1"),
        ("content_layers=[]", "content_layers=none"),
        ("content.path=/data/a b/x.jpg", "content.path=data_a_b_x.jpg"),
    ],
)
def test_names_are_what_was_set(overrides: str, name: str) -> None:
    assert readable(overrides) == name


def test_names_differ_by_folder_of_a_file_and_beyond_the_length_of_a_name() -> None:
    assert readable("content.path=a/x.jpg") != readable("content.path=b/x.jpg")
    long = [readable("content.path=" + "x" * 300 + end) for end in ("a", "\udce9")]
    assert long[0] != long[1]
    assert max(map(len, long)) == 160


def test_a_cell_that_failed_says_why_until_the_same_command_completes_it(folder: Path) -> None:
    sweep = ("-m", *SMALL, "content.path=photo.png,later.png")
    ran = run(folder, *sweep)
    assert ran.code == 1
    assert ran.err[-1].startswith("[2/2] error: no file at later.png")
    (failure,) = folder.rglob("failure.json")
    assert [path.name for path in failure.parent.iterdir()] == ["failure.json"]
    left = json.loads(failure.read_text())
    assert left["error"].startswith("no file at later.png")
    assert left["settings"]["content"]["path"] == "later.png"

    first = table(folder)
    assert first.returncode == 1
    assert first.stdout.splitlines() == [
        f"failed: {failure.parent.relative_to(folder)}: {left['error']}",
        "outputs/cells.csv: 1 done, 1 failed",
    ]
    frame = pd.read_csv(folder / "outputs/cells.csv")
    assert set(frame["state"]) == {"done", "failed"}
    assert frame.set_index("state")["content.path"].to_dict() == {
        "done": "photo.png", "failed": "later.png",
    }  # fmt: skip

    shutil.copy(folder / "photo.png", folder / "later.png")
    assert run(folder, *sweep).code == 0
    assert not failure.exists()
    assert table(folder).returncode == 0
    before = contents(folder)
    assert table(folder).stdout == "outputs/cells.csv: 2 done\n"
    assert contents(folder) == before


def test_two_cells_of_a_sweep_never_share_a_folder(folder: Path) -> None:
    ran = run(folder, "-m", *SMALL, "cell=x_${seed}", "seed=0", "ratio=1,2", "overwrite=true")
    assert ran.code == 1
    assert ran.err[-1].startswith(f"[2/2] error: {IMAGES}/x_0 is the folder of another cell")
    assert records.load(folder / IMAGES)["ratio"].tolist() == [1]


def test_names_that_are_no_utf_8_go_all_the_way_to_table_and_report(folder: Path) -> None:
    odd, root = os.fsdecode(b"caf\xe9"), os.fsdecode(b"r\xe9sum\xe9")
    shutil.copy(folder / "photo.png", folder / f"{odd}.png")
    names = f"content.path=photo.png,{odd}.png"
    ran = run(
        folder, "-m", *SMALL, names, f"cell={odd}_${{seed}}_${{content.path}}", f"output={root}"
    )
    assert ran.code == 0, ran.err
    for script in ("collect.py", "report.py"):
        command = [sys.executable, str(SCRIPT.with_name(script)), root]
        said = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        assert (said.returncode, said.stderr) == (0, "")
    assert set(pd.read_csv(folder / root / "cells.csv")["content.path"]) == {
        "photo.png",
        "caf?.png",
    }
    assert "caf%E9" in (folder / root / "report.html").read_text()


def test_an_invalid_value_creates_no_cell_and_does_not_stop_the_others(
    folder: Path,
) -> None:
    ran = run(folder, "-m", *SMALL, "ratio=-1,1")
    assert ran.code == 1
    assert "error: ratio=-1" in ran.err[0]
    assert len(collect(folder / "outputs")) == 1


def test_a_failure_never_stands_beside_a_record(folder: Path) -> None:
    run(folder, *SMALL, "cell=mine")
    ran = run(folder, "-m", *SMALL, "cell=mine", "ratio=5", "seed=3")
    assert ran.code == 1
    assert "holds a run with other settings" in ran.err[0]
    assert not list(folder.rglob("failure.json"))


def test_an_unexpected_error_keeps_its_traceback(tmp_path: Path) -> None:
    try:
        raise RuntimeError("CUDA\nout of memory")
    except RuntimeError as error:
        records.write_failure(tmp_path / "cell", error, {"seed": 1})
    failure = records.read_record(tmp_path / "cell", "failure.json")
    assert failure is not None
    assert failure["error"] == "RuntimeError: CUDA out of memory"
    assert "test_sweeps.py" in "".join(failure["traceback"])


def test_the_table_names_records_of_another_version_and_collects_the_others(
    folder: Path,
) -> None:
    run(folder, "-m", *SMALL, "seed=0,1")
    old = next(folder.rglob("record.json"))
    old.write_text(json.dumps(json.loads(old.read_text()) | {"schema": 0}))
    said = table(folder, "--output", "sub/table.csv")
    assert said.returncode == 1
    name = old.relative_to(folder)
    assert f"{name} is of another version (schema 0, this code reads 3): delete" in said.stdout
    assert said.stdout.endswith("sub/table.csv: 1 done, 1 failed\n")
    frame = records.load(folder)
    assert len(frame) == 1
    assert "is of another version" in frame.attrs["broken"][old.parent]
    frame["image"][0].unlink()
    assert "image.png is missing" in table(folder, "--output", "sub/table.csv").stdout


def test_a_checkpoint_without_a_record_is_unfinished(tmp_path: Path) -> None:
    (tmp_path / "a" / "cell").mkdir(parents=True)
    (tmp_path / "a" / "cell" / "checkpoint.pt").write_bytes(b"")
    frame = collect(tmp_path)
    assert frame.to_dict("records") == [{"folder": "a/cell", "state": "unfinished", "error": ""}]


@pytest.mark.parametrize("there", [True, False])
def test_a_folder_without_cells_is_one_line(there: bool, folder: Path) -> None:
    if there:
        (folder / "outputs").mkdir()
    said = table(folder)
    assert said.returncode == 1
    assert said.stderr == "error: no cells in outputs: give the output folder of a sweep\n"
    assert not (folder / "outputs" / "cells.csv").exists()


@pytest.mark.skipif(bool(find_spec("hydra_plugins.hydra_ray_launcher")), reason="it is installed")
def test_a_launcher_that_is_not_installed_is_one_line_with_the_remedy(folder: Path) -> None:
    ran = run(folder, "-m", *SMALL, "launcher=ray")
    assert ran.code == 1
    assert len(ran.err) == 1
    assert "launcher=ray is not installed: " in ran.err[0]
    assert '".[ray]"' in ran.err[0]
    assert not (folder / "outputs").exists()


def test_processes_that_are_not_workers_take_the_first_device() -> None:
    assert worker_number(4) == 0
