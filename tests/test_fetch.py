"""The script that fetches the paper's images, tested on images served locally."""

import hashlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from loopback import FileServer, serving

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = ROOT / "scripts" / "fetch.py"
FILES = {"town.jpg": b"a town" * 99, "sea.jpg": b"the sea" * 99}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FileServer]:
    monkeypatch.setenv("no_proxy", "*")
    with serving(FileServer(dict(FILES))) as server:
        yield server


@pytest.fixture
def configs(server: FileServer, tmp_path: Path) -> Path:
    """Configurations of two images, a photograph and an artwork."""
    images = {}
    for name in ("town", "sea"):
        images[name] = {"name": name, "title": name.title(), "artist": "Someone", "year": "1900",
                 "licence": "public domain", "source": server.url(f"{name}.jpg"),
                 "sha256": hashlib.sha256(FILES[f"{name}.jpg"]).hexdigest()}  # fmt: skip
    profile = {"content": images["town"], "artworks": {"B": images["sea"] | {"ratio": 1e-3}}}
    path = tmp_path / "configs" / "profile" / "paper.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(yaml.safe_dump(profile))
    return tmp_path / "configs"


def fetch(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SCRIPT), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True)


def test_what_is_missing_is_fetched_and_the_rest_is_kept(
    configs: Path, server: FileServer, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "sea.jpg").write_bytes(FILES["sea.jpg"])
    ran = fetch("--configs", configs, "--data", data)
    assert ran.returncode == 0, ran.stderr
    assert {path.name: path.read_bytes() for path in data.iterdir()} == FILES
    assert server.requests == ["/town.jpg"]
    assert ran.stdout.splitlines() == [
        f"{data / 'town.jpg'}: Town, Someone, 1900 (public domain)",
        f"{data / 'sea.jpg'}: Sea, Someone, 1900 (public domain)",
    ]


def test_a_file_that_fails_is_one_line_and_the_others_are_fetched(
    configs: Path, server: FileServer, tmp_path: Path
) -> None:
    del server.files["town.jpg"]
    ran = fetch("--configs", configs, "--data", tmp_path / "data")
    assert ran.returncode == 1
    (line,) = [line for line in ran.stderr.splitlines() if not line.startswith("downloading")]
    assert line.startswith(f"error: cannot download {server.url('town.jpg')} (HTTP Error 404")
    assert line.endswith(f"put the file at {tmp_path / 'data' / 'town.jpg'}"), "takes no settings"
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["sea.jpg"]


def test_the_list_names_the_papers_six_images_and_downloads_nothing(tmp_path: Path) -> None:
    ran = fetch("--list", "--data", tmp_path)
    lines = ran.stdout.splitlines()
    assert len(lines) == 6
    expected = "tubingen.jpg: Neckarfront, Tübingen, Andreas Praefcke, 2003 (CC BY 3.0)"
    assert f"{expected}, not there yet; from https://" in lines[0]
    assert not list(tmp_path.iterdir())
    unknown = fetch("nope", "--data", tmp_path)
    assert unknown.returncode == 2
    assert "no image 'nope': use tubingen, shipwreck" in unknown.stderr


def test_without_a_connection_it_ends_at_the_first_and_says_how_to_see_the_others(
    configs: Path, tmp_path: Path
) -> None:
    for path in configs.rglob("*.yaml"):
        path.write_text(re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:1", path.read_text()))
    ran = fetch("--configs", configs, "--data", tmp_path / "data")
    assert ran.returncode == 1
    first, second = ran.stderr.splitlines()
    assert "town.jpg (no connection to 127.0.0.1" in first
    assert second == "make images ARGS=--list lists what else is missing"
