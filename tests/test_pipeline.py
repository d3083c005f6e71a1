"""One cell in this process: which inputs it reads, where it starts, why it is refused."""

import errno
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from nst.config import Config, layers_used
from nst.errors import InputError
from nst.inputs.images import load_image
from nst.inputs.loading import Inputs
from nst.runs import records
from nst.runs.device import choose_device
from nst.runs.objectives import make_init
from nst.runs.pipeline import compute, stages_of
from nst.runs.progress import shares_of
from nst.runs.recording import SO_FAR

MakePicture = Callable[..., Path]


def folder(config: Config) -> Path:
    return Path(config.output) / "demo" / "images" / str(config.cell)


def test_a_content_reconstruction_needs_no_artwork(config: Config) -> None:
    without = replace(config, beta=0.0, styles=["/missing.jpg"])
    compute(without)
    record = records.read_record(folder(config))
    assert record is not None
    assert set(record["inputs"]) == {"content"}
    assert record["losses"]["style"] == 0
    assert layers_used(without) == ["conv4_2"]


def test_a_style_reconstruction_has_the_photographs_size_and_no_content(config: Config) -> None:
    compute(replace(config, alpha=0.0))
    record = records.read_record(folder(config))
    assert record is not None
    assert record["losses"]["content"] == 0
    assert record["losses"]["total"] == record["losses"]["style"] > 0


def test_each_start_is_what_it_says(config: Config, picture_file: MakePicture) -> None:
    photograph = load_image(Path(str(config.content.path)), 32, 16)
    own = load_image(picture_file("start.png", seed=3), 32, 16)
    inputs = Inputs(photograph)
    assert torch.equal(make_init(replace(config, init="content"), inputs), photograph)
    assert torch.equal(make_init(replace(config, init="file"), Inputs(photograph, init=own)), own)
    first, same = make_init(config, inputs), make_init(config, inputs)
    assert first.shape == photograph.shape
    assert torch.equal(first, same)
    assert not torch.equal(first, make_init(replace(config, seed=1), inputs))


def test_another_file_in_the_same_place_is_another_run(
    config: Config, picture_file: MakePicture
) -> None:
    compute(config)
    assert "already exists" in compute(config)
    picture_file("photo.png", seed=9)
    with pytest.raises(InputError, match=r"checksums\.content"):
        compute(config)


def test_the_same_file_in_another_place_is_the_same_run(config: Config, tmp_path: Path) -> None:
    compute(config)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    moved = Path(str(config.content.path)).rename(elsewhere / "photo.png")
    assert "already exists" in compute(
        replace(config, content=replace(config.content, path=str(moved)))
    )


@pytest.mark.parametrize(
    "file", ["image.png", "trajectory.jpg", "losses.csv", "record.json", "inputs"]
)
def test_a_cell_without_one_of_its_files_sound_is_computed_again(
    file: str, config: Config, capsys: pytest.CaptureFixture[str]
) -> None:
    config = replace(config, trajectory=16)
    compute(config)
    cell = folder(config)
    path = next((cell.parent / "inputs").iterdir()) if file == "inputs" else cell / file
    content = path.read_bytes()
    damages: list[bytes | None] = [b"", content[: len(content) // 2], content[:-1]]
    for damage in damages[: 3 if file == "losses.csv" else 2] + [None] * (file != "inputs"):
        path.unlink() if damage is None else path.write_bytes(damage)
        assert " loss " in compute(config)
        if file not in ("losses.csv", "record.json"):  # which hold times
            assert path.read_bytes() == content
        assert "already exists, skipped" in compute(config)
    assert "its command computes the cell again" in capsys.readouterr().err


def test_a_complete_cell_says_which_settings_come_too_late(config: Config) -> None:
    compute(config)
    assert compute(config).endswith("already exists, skipped")
    late = compute(replace(config, save_every=2, trajectory=16))
    assert late.endswith("skipped; trajectory=16 and save_every=2 would need overwrite=true")


def test_a_broken_cell_of_other_settings_is_not_replaced(config: Config) -> None:
    compute(config)
    (folder(config) / "image.png").unlink()
    with pytest.raises(InputError, match="holds a run with other settings"):
        compute(replace(config, seed=5))


@pytest.mark.parametrize(
    ("layers", "size", "ok"),
    [(["conv5_1"], 18, True), (["pool5"], 18, False), (["pool5"], 40, True)],
)
def test_the_least_size_is_that_of_the_deepest_layer(
    layers: list[str], size: int, ok: bool, config: Config
) -> None:
    deep = replace(config, content_layers=layers, size=size)
    if ok:
        compute(deep)
    else:
        with pytest.raises(InputError, match="32 px a side"):
            compute(deep)
    assert folder(config).exists() == ok


def test_a_start_of_another_aspect_is_refused(config: Config, picture_file: MakePicture) -> None:
    path = picture_file("start.png", width=40, height=50)
    with pytest.raises(InputError, match="crop it to 36 x 29 px"):
        compute(replace(config, init="file", init_path=str(path)))
    assert not folder(config).exists()


@pytest.mark.parametrize("optimizer", ["lbfgs", "lbfgsb", "adam"])
def test_only_a_setting_keeps_colour_out_of_a_picture_of_what_has_none(
    config: Config, picture_file: MakePicture, optimizer: str
) -> None:
    paths = [picture_file(name, seed=seed) for name, seed in (("grey.png", 1), ("ink.png", 2))]
    for path in paths:
        Image.open(path).convert("L").save(path)
    config.content.path, config.styles = str(paths[0]), [str(paths[1])]
    config.optimizer.name, config.evaluations = optimizer, 8
    compute(replace(config, cell="free"))
    compute(replace(config, cell="grey", colours="luminance"))
    pixels = [np.asarray(Image.open(folder(config).parent / name / "image.png"), int)
              for name in ("free", "grey")]  # fmt: skip
    assert np.ptp(pixels[0], axis=2).max() > 8  # the paper's: the noise has colour
    assert np.ptp(pixels[1], axis=2).max() == 0
    assert pixels[1].std() > 1


def test_a_loss_that_is_not_finite_at_the_start_leaves_nothing(config: Config) -> None:
    broken = replace(config.network, std=[0.0, 0.0, 0.0])
    with pytest.raises(InputError, match="not finite at the starting image"):
        compute(replace(config, network=broken))
    assert not Path(config.output).exists()


def test_inputs_that_do_not_fit_onto_the_disk_do_not_cost_the_picture(
    config: Config, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write = records.write_files

    def write_files(folder: Path, contents: dict[str, bytes]) -> None:
        if folder.name == "inputs":
            raise OSError(errno.ENOSPC, "No space left on device")
        write(folder, contents)

    # Patches our writer: the disk is full for some files.
    monkeypatch.setattr(records, "write_files", write_files)
    compute(config)
    record = records.read_record(folder(config))
    assert record is not None
    assert (folder(config) / "image.png").exists()
    assert record["inputs"]["content"]["image"] is None
    assert "No space left on device" in capsys.readouterr().err


@pytest.mark.parametrize("full", [b"{", b"\x89PNG"])
def test_a_full_disk_is_reported_and_the_picture_kept_if_it_fits(
    full: bytes, config: Config, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write = Path.write_bytes

    def write_bytes(path: Path, content: bytes) -> int:
        if content.startswith(full):
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        return write(path, content)

    monkeypatch.setattr(Path, "write_bytes", write_bytes)
    where = rf"{folder(config)} cannot be written \(No space left on device\): make room"
    with pytest.raises(OSError, match=where):
        compute(config)
    left = [path.name for path in folder(config).iterdir()]
    assert left == ([SO_FAR] if full == b"{" else [])
    if left:
        assert f"the best picture so far is {folder(config) / SO_FAR}" in capsys.readouterr().err
    monkeypatch.undo()
    compute(config)
    assert not (folder(config) / SO_FAR).exists()


def test_a_name_that_cannot_be_written_is_refused_before_anything_is_computed(
    config: Config,
) -> None:
    compute(replace(config, cell="x" * 249))
    for name in ("x" * 250, "é" * 125, "/".join(["y" * 200] * 20)):
        with pytest.raises(OSError, match="File name too long"):
            compute(replace(config, cell=name))
    assert [path.name for path in folder(config).parent.iterdir() if path.name[0] == "x"] == [
        "x" * 249
    ]


@pytest.mark.parametrize("name", ["abacus", "cpu:9", "cpu:x", "cpu:", ":", "", "cuda:99"])
def test_a_device_that_is_not_there_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="is not available here: use auto"):
        choose_device(name)


def test_devices_that_are_there_are_found() -> None:
    assert choose_device("cpu") == torch.device("cpu")
    assert choose_device("auto").type in ("cuda", "mps", "cpu")


def test_a_pyramid_ends_at_the_full_size_and_its_trajectory_is_kept(config: Config) -> None:
    config.schedule.scales, config.schedule.shares = [0.5, 1.0], [0.5, 0.5]
    config.content_layers, config.style_layers = ["conv2_1"], ["conv1_1", "conv2_1"]
    config.size, config.evaluations, config.trajectory = 48, 8, 16
    compute(config)
    record = records.read_record(folder(config))
    assert record is not None
    assert record["evaluations"] == 8
    assert record["losses"]["level"] == 2
    with Image.open(folder(config) / "image.png") as image:
        full = image.size
    assert full == load_image(Path(str(config.content.path)), 48, 16).shape[:1:-1]
    assert record["trajectory"] == {"image": "trajectory.jpg", "evaluations": [1, 2, 4, 8]}
    with Image.open(folder(config) / "trajectory.jpg") as strip:
        assert strip.size == (4 * round(16 * full[0] / full[1]), 16)


def test_a_level_too_small_for_the_network_is_left_out_and_its_budget_is_the_next_ones(
    config: Config,
) -> None:
    config.schedule.scales, config.schedule.shares = [0.25, 0.75, 1.0], [0.5, 0.25, 0.25]
    config.evaluations = 8
    said = compute(config)
    word = "0.25 of the size is too small for the network, and left out"
    assert word in said
    record = records.read_record(folder(config))
    assert record is not None
    assert word in record["messages"]
    losses = pd.read_csv(folder(config) / "losses.csv")
    assert losses["level"].tolist() == [1] * 6 + [2] * 2


@pytest.mark.parametrize(
    ("changed", "remedy"),
    [
        ({"size": 12}, r"at size=12; the network needs 16 px a side: raise size or"),
        ({"max_side": 15}, r"at max_side=15; the network needs 16 px a side: raise max_side or"),
        (
            {"style_scale": 0.25},
            r"painting.png .* at style_scale=0.25; .*: raise style_scale or",
        ),
        ({"style_scale": 2.0, "size": 12}, r"photo.png would be .* at size=12; .*: raise size or"),
    ],
)
def test_a_picture_that_is_itself_too_small_is_refused_and_the_setting_at_fault_named(
    changed: dict[str, Any], remedy: str, config: Config
) -> None:
    config.schedule.scales, config.schedule.shares = [0.5, 1.0], [0.5, 0.5]
    with pytest.raises(InputError, match=remedy):
        compute(replace(config, evaluations=2, **changed))
    assert not Path(config.output).exists()


def test_a_continuation_lets_content_count_more_in_the_first_part_of_a_transfer(
    config: Config,
) -> None:
    config = replace(config, evaluations=40, continuation=4.0, continuation_share=0.8)
    compute(config)
    losses = pd.read_csv(folder(config) / "losses.csv")
    assert losses["level"].tolist() == [1] * 16 + [2] * 16 + [3] * 8
    name = f"content_{config.content_layers[0]}"
    alpha = losses[f"{name}_weighted"] / losses[name]
    factors = (alpha / alpha.iloc[-1]).tolist()
    assert factors == pytest.approx([4.0] * 16 + [2.0] * 16 + [1.0] * 8, rel=1e-4)
    record = records.read_record(folder(config))
    assert record is not None
    assert record["losses"]["level"] == 3  # though its loss is of other weights than the first's


def test_a_continuation_goes_on_from_size_to_size_and_in_transfers_alone(config: Config) -> None:
    config.schedule.scales, config.schedule.shares = [0.5, 1.0], [0.4, 0.6]
    config = replace(config, evaluations=100, continuation=9.0, continuation_share=0.32)
    first = [(0.5, 9.0, 16), (0.5, 3.0, 16), (0.5, 1.0, 8)]
    assert found(config, {0.5, 1.0}) == [*first, (1.0, 1.0, 60)]
    assert found(config, {1.0}) == [(1.0, 9.0, 16), (1.0, 3.0, 16), (1.0, 1.0, 68)]
    longer = replace(config, continuation=8.0, continuation_share=0.48)
    falling = [(0.5, 8.0, 16), (0.5, 4.0, 16), (0.5, 2.0, 8), (1.0, 2.0, 8), (1.0, 1.0, 52)]
    assert found(longer, {0.5, 1.0}) == [
        (scale, pytest.approx(factor), count) for scale, factor, count in falling
    ]
    for weight in ("alpha", "beta"):
        alone = replace(config, opening=30, **{weight: 0.0})
        assert found(alone, {0.5, 1.0}) == [(0.5, 1.0, 40), (1.0, 1.0, 60)]


def found(config: Config, there: set[float]) -> list[tuple[float, float, int]]:
    stages = stages_of(config, there)
    assert not any(stage.opening for stage in stages)
    return [(stage.scale, stage.factor, stage.evaluations) for stage in stages]


def test_an_opening_comes_first_and_has_the_first_style_layer_alone(config: Config) -> None:
    config = replace(config, evaluations=60, opening=20, continuation=4.0, continuation_share=0.8)
    assert stages_of(config, {1.0}) == [
        (1.0, 1.0, True, 20), (1.0, 4.0, False, 16), (1.0, 2.0, False, 16), (1.0, 1.0, False, 8)
    ]  # fmt: skip
    compute(config)
    losses = pd.read_csv(folder(config) / "losses.csv")
    first, last = (f"style_{layer}" for layer in config.style_layers)
    weights = {name: losses[f"{name}_weighted"] / losses[name] for name in (first, last)}
    shares = {name: (weight / weight.iloc[-1]).tolist() for name, weight in weights.items()}
    assert shares[first] == pytest.approx([2.0] * 20 + [1.0] * 40, rel=1e-4)
    assert shares[last] == pytest.approx([0.0] * 20 + [1.0] * 40, rel=1e-4)


def test_shares_of_a_budget_add_up() -> None:
    assert shares_of(150, [0.4, 0.6]) == [60, 90]
    assert shares_of(7, [1 / 3, 1 / 3, 1 / 3]) == [2, 2, 3]
    assert shares_of(1, [0.4, 0.6]) == [0, 1]
