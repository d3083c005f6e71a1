"""Convolutions kept from downloads: extracted once, and refused where they are damaged."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from loopback import FileServer, serving
from safetensors.torch import save_file
from test_weights import equal, network_config, torchvision_names

from nst.config import Config, NetworkConfig
from nst.errors import InputError
from nst.inputs.sources import checksums, input_files
from nst.inputs.weights import Weights, checksum, read_weights, weights_file
from nst.method.vgg import random_weights
from nst.runs.pipeline import compute
from nst.runs.records import read_record


@pytest.fixture
def full(weights: Weights, tmp_path: Path) -> Path:
    """A checkpoint with a classifier."""
    path = tmp_path / "vgg19-full.pth"
    torch.save(torchvision_names(weights) | {"classifier.0.weight": torch.ones(1024, 1024)}, path)
    return path


@pytest.fixture
def server(full: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FileServer]:
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    with serving(FileServer({full.name: full.read_bytes()})) as server:
        yield server


def digest_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def from_url(server: FileServer, full: Path) -> NetworkConfig:
    return network_config("url", url=server.url(full.name), sha256=digest_of(full)[:8])


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_a_file_of_ones_own_is_used_as_it_is(suffix: str, full: Path, tmp_path: Path) -> None:
    path = tmp_path / f"w{suffix}"
    other = torchvision_names(random_weights(1 / 8, seed=9))
    for state in (torch.load(full), other | {"classifier.0.weight": torch.ones(3)}):
        torch.save(state, path) if suffix == ".pth" else save_file(state, path)
        assert weights_file(network_config("file", path=str(path)), tmp_path / "cache") == path
        assert checksum(path) == digest_of(path), "also of a file that has changed"
        assert read_weights(path)["conv1_1.bias"].equal(state["features.0.bias"])
    assert not (tmp_path / "cache").exists()


def test_a_download_is_kept_without_its_classifier_and_used_offline(
    full: Path, weights: Weights, server: FileServer, tmp_path: Path
) -> None:
    cache, config = tmp_path / "cache", from_url(server, full)
    path = weights_file(config, cache)
    assert path is not None
    assert equal(read_weights(path), weights)
    assert list(cache.iterdir()) == [path]
    assert weights_file(config, cache) == path
    mirror = replace(config, url="http://127.0.0.1:1/vgg19-full.pth")
    assert weights_file(mirror, cache) == path
    assert server.requests == [f"/{full.name}"]
    other = replace(mirror, sha256="0" * 8)  # another file of this name
    with pytest.raises(InputError, match="cannot download"):
        weights_file(other, cache)


def test_a_file_that_was_put_there_by_hand_is_used_and_stays(
    full: Path, server: FileServer, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    copy = full.rename(cache / full.name)
    path = weights_file(from_url(server, copy), cache)
    assert path is not None
    assert sorted(cache.iterdir()) == sorted([path, copy])
    assert server.requests == []


@pytest.mark.parametrize("intact", [True, False])
def test_torchs_own_copy_is_used_if_it_is_the_right_one(
    intact: bool, full: Path, server: FileServer, tmp_path: Path
) -> None:
    copy = tmp_path / "torch" / "hub" / "checkpoints" / full.name
    copy.parent.mkdir(parents=True)
    copy.write_bytes(full.read_bytes() if intact else b"other")
    if intact:
        assert weights_file(from_url(server, full), tmp_path / "cache") is not None
    else:
        with pytest.raises(InputError, match=f"{copy} is not the file of"):
            weights_file(from_url(server, full), tmp_path / "cache")
        assert not (tmp_path / "cache").exists()
    assert copy.exists()
    assert server.requests == []


@pytest.mark.parametrize("size", [0, 20, 10_000])
def test_damaged_convolutions_are_one_line_where_they_are_read(
    size: int, full: Path, weights: Weights, server: FileServer, tmp_path: Path
) -> None:
    cache, config = tmp_path / "cache", from_url(server, full)
    path = weights_file(config, cache)
    assert path is not None
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(InputError, match="damaged, or not safetensors; replace or delete it") as e:
        read_weights(path)
    assert "\n" not in str(e.value)
    path.unlink()
    assert weights_file(config, cache) == path, "it is made again"
    assert equal(read_weights(path), weights)


@pytest.mark.parametrize("content", ["partial", "wrong", "truncated"])
def test_a_file_that_is_no_vgg19_leaves_the_cache_clean(
    content: str, full: Path, weights: Weights, server: FileServer, tmp_path: Path
) -> None:
    state, cache = torchvision_names(weights), tmp_path / "cache"
    if content == "partial":
        del state["features.34.weight"]
    elif content == "wrong":
        state["features.5.weight"] = torch.zeros(16, 8, 5, 5)
    torch.save(state, full)
    if content == "truncated":
        full.write_bytes(full.read_bytes()[:10_000])
    server.files[full.name] = full.read_bytes()
    for read in (lambda: weights_file(from_url(server, full), cache), lambda: read_weights(full)):
        with pytest.raises(InputError, match=r"vgg19-full\.pth") as error:
            read()
        assert "\n" not in str(error.value)
        assert not list(cache.glob("*"))


def test_a_record_holds_the_checkpoints_sha256(config: Config, full: Path, tmp_path: Path) -> None:
    network = replace(config.network, path=str(full))
    config = replace(config, network=network)
    compute(config)
    record = read_record(Path(config.output) / "demo" / "images" / "cell")
    assert record is not None
    assert record["settings"]["checksums"]["network"] == digest_of(full)
    assert checksums(input_files(config)) == record["settings"]["checksums"]
    assert "already exists" in compute(config)
