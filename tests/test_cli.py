"""The command line, as a user runs it: in processes of its own or, to save time, in ours."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from command import CELL, FILES, SMALL, Ran, contents, inputs, refused, run, run_process
from PIL import Image

from nst.runs.records import load


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return inputs(tmp_path / "cli")


@pytest.fixture(scope="module")
def processes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Ran]:
    """A few real processes, two at a time, each in a folder of its own."""
    commands = {
        "one": SMALL,
        "the same": SMALL,
        "refused": (*SMALL, "contnt.path=photo.png"),
        "2 x 2": ("-m", *SMALL, "alpha=0,1", "beta=0,1", "output=grid"),
    }
    root = tmp_path_factory.mktemp("processes")
    with ThreadPoolExecutor(max_workers=2) as pool:
        done = {
            name: pool.submit(run_process, inputs(root / name), *command)
            for name, command in commands.items()
        }
    return {name: ran.result() for name, ran in done.items()}


def test_an_image_leaves_its_record_and_prints_its_path_last(processes: dict[str, Ran]) -> None:
    ran = processes["one"]
    assert ran.code == 0, ran.err
    assert ran.err[-1].startswith(f"{CELL / 'image.png'} in ")
    kept = ran.folder / CELL.parent / "inputs"
    left = {path for path in ran.folder.rglob("*") if path.is_file() and path.parent != ran.folder}
    assert left == {ran.folder / CELL / name for name in FILES} | set(kept.iterdir())
    assert len(list(kept.iterdir())) == 2
    assert not list(ran.folder.glob("*.log"))


def test_the_record_says_what_was_computed(processes: dict[str, Ran]) -> None:
    cell = processes["one"].folder / CELL
    record = json.loads((cell / "record.json").read_text())
    settings = record["settings"]
    assert settings["content"]["path"] == "photo.png"
    assert settings["network"]["name"] == "random"
    assert (settings["size"], settings["evaluations"], settings["seed"]) == (32, 3, 0)
    assert set(settings["checksums"]) == {"content", "style"}
    assert record["evaluations"] == 3
    losses = pd.read_csv(cell / "losses.csv")
    assert losses["evaluation"].tolist() == [1, 2, 3]
    assert record["losses"]["total"] == pytest.approx(losses["total"].min(), rel=1e-12)
    for kind in ("content", "style"):
        assert (cell / record["inputs"][kind]["image"]).is_file()
    with Image.open(cell / "image.png") as image:
        assert (image.mode, image.size) == ("RGB", (36, 29))  # 50 x 40 at an area of 32^2
        assert np.asarray(image).std() > 0


def test_the_same_settings_and_seed_give_the_same_bytes(processes: dict[str, Ran]) -> None:
    first, second = (processes[name].folder / CELL for name in ("one", "the same"))
    assert (first / "image.png").read_bytes() == (second / "image.png").read_bytes()
    columns = [
        pd.read_csv(cell / "losses.csv", dtype=str).drop(columns="seconds")
        for cell in (first, second)
    ]
    pd.testing.assert_frame_equal(*columns)


def test_a_process_that_is_refused_prints_one_line(processes: dict[str, Ran]) -> None:
    refused(processes["refused"], "contnt")


def test_a_failing_cell_does_not_stop_the_others_but_the_exit_code_tells(
    processes: dict[str, Ran],
) -> None:
    grid = processes["2 x 2"]
    assert grid.code == 1
    assert [line for line in grid.err if "error" in line] == [
        "[1/4] error: alpha=0 and beta=0 leave nothing to minimize: raise one of them"
    ]
    assert [line[:10] for line in grid.err if "image.png in " in line] == [
        f"[{i}/4] grid" for i in (2, 3, 4)
    ]
    frame = load(grid.folder / "grid")
    found = {(row.alpha, row.beta) for row in frame.itertuples()}
    assert found == {(0.0, 1.0), (1.0, 0.0), (1.0, 1.0)}


def test_a_second_run_finds_the_first_and_computes_nothing(folder: Path) -> None:
    run(folder, *SMALL)
    before = contents(folder)
    again = run(folder, *SMALL, "device=cpu")
    assert again.code == 0
    assert again.err == [f"{CELL / 'image.png'} already exists, skipped"]
    assert contents(folder) == before


def test_other_settings_are_refused_until_they_may_overwrite(folder: Path) -> None:
    run(folder, *SMALL)
    before = contents(folder)
    other = run(folder, *SMALL, "ratio=0.5")
    assert other.code == 1
    assert len(other.err) == 1
    assert "alpha: 0.001 -> 0.5" in other.err[0]
    assert "overwrite=true" in other.err[0]
    assert contents(folder) == before
    assert run(folder, *SMALL, "ratio=0.5", "overwrite=true").code == 0
    after = contents(folder)
    assert set(after) == set(before)
    assert json.loads(after[str(CELL / "record.json")])["settings"]["ratio"] == 0.5
    assert after[str(CELL / "losses.csv")] != before[str(CELL / "losses.csv")]


def test_a_sweep_finds_its_cells_again_and_overwrites_them(folder: Path) -> None:
    sweep = ("-m", *SMALL, "seed=0,1", "output=a")
    names = ["a/demo/images", *(f"seed={seed}" for seed in (0, 1))]
    for more, said in (((), " in "), ((), "already exists"), (("overwrite=true",), " in ")):
        ran = run(folder, *sweep, *more)
        assert ran.code == 0, ran.err
        done = [line for line in ran.err if "image.png " in line]
        assert len(done) == 2
        assert all(said in line and line.count(names[0]) == 1 for line in done)
    frame = load(folder / "a")
    assert frame["seed"].tolist() == [0, 1]  # overwrite=true is no cell of its own
    assert all(name in cell.name for name, cell in zip(names[1:], frame["folder"], strict=True))


def test_the_command_line_overrides_a_figures_axes_and_m_may_stand_anywhere(
    folder: Path,
) -> None:
    figure = run(folder, *SMALL, "figure=fig3", "-m", "ratio=1e-3", "layer_set=a,b")
    assert figure.code == 0, figure.err
    frame = load(folder / "outputs/demo/fig3")
    assert frame["folder"].map(lambda cell: cell.name).tolist() == ["a_0.001", "b_0.001"]
    assert frame["style_layers"].tolist() == [["conv1_1"], ["conv1_1", "conv2_1"]]
    assert figure.err[-1].startswith("[2/2] ")
