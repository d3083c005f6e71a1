"""The paper's profile from downloads to figures' cells, with generated weights and images."""

import hashlib
import io
from pathlib import Path

import pytest
import torch
from command import Ran, contents, run, run_process
from conftest import draw
from loopback import FileServer, serving

from nst.method.vgg import TORCHVISION_INDEX, random_weights
from nst.runs.records import load

CELLS = {"fig1": 10, "fig2": 5, "fig3": 20}
PROFILE = ("-m", "profile=paper", "size=80", "evaluations=5")


def checkpoint() -> bytes:
    """A state dict with torchvision's keys, narrow, and a classifier as large again."""
    weights = random_weights(1 / 16)
    state = {
        f"features.{index}.{part}": weights[f"{name}.{part}"]
        for name, index in TORCHVISION_INDEX.items()
        for part in ("weight", "bias")
    }
    state |= {"classifier.0.weight": torch.zeros(256, 1024), "classifier.0.bias": torch.zeros(256)}
    buffer = io.BytesIO()
    torch.save(state, buffer)
    return buffer.getvalue()


def jpeg(seed: int) -> bytes:
    buffer = io.BytesIO()
    draw(60, 50, seed).save(buffer, "JPEG")
    return buffer.getvalue()


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return {"vgg.pth": checkpoint(), "photo.jpg": jpeg(1), "painting.jpg": jpeg(2)}


def sources(server: FileServer) -> list[str]:
    """The settings that have every input from the server."""
    settings = []
    for key, url, name in (("network", "url", "vgg.pth"), ("content", "source", "photo.jpg"),
                           ("style", "source", "painting.jpg")):  # fmt: skip
        checksum = hashlib.sha256(server.files[name]).hexdigest()
        settings += [f"{key}.{url}={server.url(name)}", f"{key}.sha256={checksum}"]
    return settings


def figures(folder: Path, *settings: str) -> list[Ran]:
    ran = [run(folder, *PROFILE, f"figure={figure}", *settings) for figure in CELLS]
    assert [r.code for r in ran] == [0, 0, 0], [r.err for r in ran]
    return ran


def pictures(folder: Path) -> dict[str, bytes]:
    found = contents(folder / "paper")
    return {name: data for name, data in found.items() if name.endswith("image.png")}


def test_each_figure_runs_from_its_downloads_and_again_offline_to_the_same_bytes(
    files: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    with serving(FileServer(files)) as server:
        settings = sources(server)
        figures(tmp_path, *settings)
        asked = server.requests
    assert sorted(asked) == sorted(["/vgg.pth", "/photo.jpg", *5 * ["/painting.jpg"]])
    (kept,) = (tmp_path / "data" / "weights").iterdir()  # the checkpoint is gone
    assert kept.name == f"vgg_{hashlib.sha256(files['vgg.pth']).hexdigest()[:16]}.safetensors"
    frame = load(tmp_path / "outputs" / "paper")
    assert frame.groupby("figure").size().to_dict() == CELLS
    assert set(frame["checksums.network"]) == {hashlib.sha256(kept.read_bytes()).hexdigest()}
    again = figures(tmp_path, *settings, "output=elsewhere")
    assert not any("downloading" in line for r in again for line in r.err)
    assert len(pictures(tmp_path / "elsewhere")) == sum(CELLS.values())
    assert pictures(tmp_path / "elsewhere") == pictures(tmp_path / "outputs")


def test_without_a_connection_a_figure_ends_within_seconds_with_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("no_proxy", "*")
    closed = "http://127.0.0.1:1/photo.jpg"
    ran = run_process(tmp_path, "-m", "profile=paper", "figure=fig1", f"content.source={closed}")
    assert ran.code == 1
    plan, line = [line for line in ran.err if "GB of memory" not in line]
    assert plan.startswith("10 cells (10 of fig1)")
    assert line.startswith(f"[1/10] error: cannot download {closed} (no connection to 127.0.0.1")
    assert "put the file at data/tubingen.jpg, or set content.path=FILE" in line
    assert "profile=demo" in line
    assert not list(tmp_path.rglob("record.json"))


def test_a_wrong_file_at_a_url_does_not_stop_the_cells_that_do_without(
    files: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("no_proxy", "*")
    with serving(FileServer(files)) as server:
        settings = [*sources(server), "network=random", "network.width=0.0625", "layer_set=a"]
        settings += [f"style.sha256={'0' * 64}"]
        ran = run(tmp_path, *PROFILE, "figure=fig1", *settings)
    assert ran.code == 1
    assert sum("its sha256 is" in line for line in ran.err) == 1
    assert (tmp_path / "outputs" / "paper" / "fig1" / "content_a" / "record.json").is_file()
