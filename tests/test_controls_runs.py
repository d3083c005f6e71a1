"""The controls beyond the paper, in a run: their inputs, their record, and what is refused."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import torch
from command import SMALL, inputs, refused, run
from PIL import Image

from nst.checks import check_config
from nst.config import Config
from nst.errors import InputError
from nst.inputs.loading import load_inputs
from nst.inputs.sources import input_files
from nst.runs.device import memory_needed
from nst.runs.pipeline import compute
from nst.runs.records import read_record
from nst.runs.replay import Replay
from studies.report import render

MakePicture = Callable[..., Path]

SENSELESS: list[tuple[str, Any]] = [
    ("style_blend", [1.0, 1.0]),
    ("style_blend", []),
    ("style_blend", [-1.0]),
    ("style_blend", [0.0]),
    ("style_blend", [float("nan")]),
    ("masks", ["a.png", "b.png"]),
    ("masks", []),
    ("masks", [" "]),
    ("masks", ["https://example.org/a.png"]),
    ("styles", []),
    ("styles", [""]),
    ("styles", ["https://example.org/a.jpg"]),
    ("style_weights", [1.0]),
    ("style_weights", [1.0, -1.0]),
    ("style_weights", [0.0, 0.0]),
    ("style_weights", [1.0, float("inf")]),
    ("tv_weight", -1.0),
    ("tv_weight", float("nan")),
    ("tolerance", -0.1),
    ("tolerance", 1.0),
]


@pytest.mark.parametrize(("setting", "value"), SENSELESS)
def test_an_invalid_control_is_a_one_line_error_that_names_it(
    setting: str, value: Any, config: Config
) -> None:
    with pytest.raises(InputError) as error:
        check_config(replace(config, **{setting: value}))
    assert str(error.value).startswith(setting)
    assert ": " in str(error.value)  # the remedy
    assert "\n" not in str(error.value)


@pytest.fixture
def mask(tmp_path: Path) -> Path:
    """Of the photograph's aspect: the left half white."""
    image = Image.new("L", (100, 80))
    image.paste(255, (0, 0, 50, 80))
    image.save(tmp_path / "left.png")
    return tmp_path / "left.png"


@pytest.fixture
def everything(config: Config, picture_file: MakePicture, mask: Path) -> Config:
    """A run with every control."""
    return replace(
        config, styles=[*(config.styles or []), str(picture_file("second.png", 40, 60, seed=3))],
        style_blend=[1.0, 2.0], masks=[None, str(mask)], style_weights=[1.0, 0.25], tv_weight=0.5,
        tolerance=0.01,
        content_layers=["conv2_1"], style_layers=["conv1_1", "conv2_1"],
    )  # fmt: skip


def folder(config: Config) -> Path:
    return Path(config.output) / "demo" / "images" / str(config.cell)


def test_all_inputs_and_settings_are_recorded(everything: Config) -> None:
    compute(everything)
    record = read_record(folder(everything))
    assert record is not None
    assert set(record["settings"]["checksums"]) == {"content", "style", "style_2", "mask_2"}
    found = {name: each["title"] for name, each in record["inputs"].items()}
    assert found == {"content": "photo", "style": "painting", "style_2": "second", "mask_2": "left"}
    for each in record["inputs"].values():
        assert (folder(everything) / each["image"]).is_file()
    assert record["settings"]["style_blend"] == [1.0, 2.0]
    losses = pd.read_csv(folder(everything) / "losses.csv").iloc[0]
    assert losses["variation_weighted"] == 0.5 * losses["variation"] > 0
    total = losses["content"] + losses["style"] + losses["variation_weighted"]
    assert losses["total"] == pytest.approx(total)
    assert "already exists" in compute(everything)


def test_the_objective_gives_the_recorded_loss_again(everything: Config) -> None:
    compute(everything)
    cell = Replay(folder(everything))
    with torch.no_grad():  # the run had one evaluation, at its start
        losses = cell.objective()(cell.init.clamp(0, 1))
    assert losses.total.item() == pytest.approx(cell.record["losses"]["total"], rel=1e-5)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"style_blend": None}, "style_blend"),
        ({"masks": None}, "checksums.mask_2"),
        ({"styles": "one of them", "style_blend": [1.0], "masks": None}, "checksums.style_2"),
        ({"style_weights": None}, "style_weights"),
        ({"tv_weight": None}, "tv_weight"),
        ({"tolerance": None}, "tolerance"),
    ],
)
def test_another_control_is_another_run(
    config: Config, everything: Config, change: dict[str, Any], named: str
) -> None:
    compute(everything)
    if "styles" in change:
        change = change | {"styles": config.styles}
    with pytest.raises(InputError, match=named.replace(".", r"\.")):
        compute(replace(everything, **change))


def test_the_same_mask_in_another_place_is_the_same_run(everything: Config, mask: Path) -> None:
    compute(everything)
    moved = mask.rename(mask.with_name("moved.png"))
    assert "already exists" in compute(replace(everything, masks=[None, str(moved)]))


def test_a_white_mask_changes_no_byte(config: Config, tmp_path: Path) -> None:
    Image.new("RGB", (50, 40), "white").save(tmp_path / "white.png")
    config = replace(config, evaluations=8)
    config.optimizer.name = "lbfgs"
    compute(config)
    compute(replace(config, cell="masked", masks=[str(tmp_path / "white.png")]))
    pictures = [(folder(config).parent / cell / "image.png").read_bytes()
                for cell in ("cell", "masked")]  # fmt: skip
    assert pictures[0] == pictures[1]


def test_a_mask_of_another_aspect_or_without_white_is_refused(
    config: Config, tmp_path: Path
) -> None:
    for name, size, message in (("tall.png", (40, 50), "tall.png has not the photograph's aspect"),
                                ("black.png", (50, 40), "black.png is black")):  # fmt: skip
        Image.new("L", size).save(tmp_path / name)
        with pytest.raises(InputError, match=message):
            compute(replace(config, masks=[str(tmp_path / name)]))
    assert not folder(config).exists()


def test_a_run_without_style_reads_no_artwork_and_no_mask(config: Config) -> None:
    compute(replace(config, beta=0.0, styles=["missing.jpg"], masks=["missing.png"]))
    record = read_record(folder(config))
    assert record is not None
    assert set(record["inputs"]) == {"content"}


def test_colours_and_scale_hold_for_every_artwork(everything: Config) -> None:
    changed = replace(everything, colours="luminance", style_scale=0.8)
    plain, found = (load_inputs(each, input_files(each)) for each in (everything, changed))
    for before, after in zip(plain.artworks, found.artworks, strict=True):
        assert after.image.amax(1).equal(after.image.amin(1))
        assert after.image.shape[2] < before.image.shape[2]
    assert found.photograph.amax(1).equal(found.photograph.amin(1))
    masks = [each.artworks[1].mask for each in (plain, found)]
    assert masks[0] is not None
    assert masks[1] is not None
    assert masks[0].equal(masks[1])


def test_memory_grows_with_artworks_and_masks(config: Config, everything: Config) -> None:
    plain = replace(everything, styles=config.styles, style_blend=None, masks=None)
    unmasked = replace(everything, masks=None)
    assert memory_needed(plain) < memory_needed(unmasked) < memory_needed(everything)


def test_the_report_shows_every_input(config: Config, everything: Config) -> None:
    compute(everything)
    compute(replace(everything, styles=config.styles, style_blend=None, masks=None, cell="plain"))
    root = folder(everything).parent
    page = render(root, root)
    for words in ('"second"', '"left"', '"Mask"', '"style_blend"'):
        assert words in page


def test_lists_on_the_command_line(tmp_path: Path) -> None:
    there = inputs(tmp_path / "folder")
    (there / "painting.jpg").rename(there / "painting (1).jpg")
    Image.new("L", (50, 40), "white").save(there / "1e3", format="PNG")
    settings = [*SMALL[:-1], "styles=['painting (1).jpg',photo.png]"]
    ran = run(there, *settings, "masks=[null,'1e3']", "style_blend=[2,1]")
    assert ran.code == 0, ran.err
    assert (there / "outputs/demo/images/photo_painting_1_+photo/record.json").exists()


@pytest.mark.parametrize(
    ("setting", "named"),
    [
        ("styles=[painting.jpg,missing.jpg]", "missing.jpg"),
        ("styles=[text.png]", "text.png"),
        ("styles=[]", "styles=[] names no artwork"),
        ("masks=[folder]", "folder is a folder"),
        ("style_blend=[1,1]", "style_blend has 2 values for 1 artwork: give each a weight"),
        ("style_blend=[x]", "style_blend"),
        ("style_weights=[1,2]", "style_weights has 2 values for 5 style layers"),
        ("tv_weight=much", "tv_weight"),
        ("tolerance=2", "tolerance=2.0: must be in [0, 1)"),
    ],
)
def test_what_cannot_be_used_is_one_line(tmp_path: Path, setting: str, named: str) -> None:
    refused(run(inputs(tmp_path / "folder"), *SMALL, setting), named)
