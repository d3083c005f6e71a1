"""A record leads back to the objective, the images and the network that it was made with."""

import itertools
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import torch
from PIL import Image

from nst.config import Config
from nst.errors import InputError
from nst.inputs.loading import load_inputs
from nst.inputs.sources import input_files
from nst.runs.objectives import make_init
from nst.runs.pipeline import cell_folder, compute
from nst.runs.replay import Replay


@pytest.fixture
def folder(config: Config) -> Path:
    compute(config)
    return Path(config.output) / config.profile / config.figure / str(config.cell)


def test_images_and_init_are_those_of_the_run(config: Config, folder: Path) -> None:
    cell, inputs = Replay(folder), load_inputs(config, input_files(config))
    assert cell.photograph.equal(inputs.photograph)
    assert cell.artwork.equal(inputs.artworks[0].image)
    assert cell.init.equal(make_init(config, inputs))
    assert cell.image.shape == cell.photograph.shape


SIZES = ({}, {"max_side": 40}, {"style_scale": 0.7})
MORE = ({}, {"alpha": 0.0}, {"beta": 0.0}, {"style_blend": [1.0, 2.0], "tv_weight": 0.5})
PRODUCT = itertools.product((None, "match", "luminance"), SIZES, ("noise", "content", "file"), MORE)


@pytest.mark.parametrize(("colours", "size", "init", "more"), list(PRODUCT))
def test_the_objective_gives_the_losses_of_the_table_again(
    colours: str | None,
    size: dict[str, Any],
    init: str,
    more: dict[str, Any],
    config: Config,
    picture_file: Callable[..., Path],
    tmp_path: Path,
) -> None:
    config = replace(config, colours=colours, content_layers=["conv2_1"], **size, **more)
    config.style_layers = ["conv1_1", "conv2_1"]
    config.init = init
    config.init_path = str(picture_file("start.png", seed=5)) if init == "file" else None
    if config.style_blend:
        mask = Image.new("L", (50, 40))
        mask.paste(200, (0, 0, 23, 40))
        mask.save(tmp_path / "mask.png")
        config.styles = [*(config.styles or []), str(picture_file("second.png", 40, 60, seed=3))]
        config.masks = [None, str(tmp_path / "mask.png")]
    compute(config)
    folder = cell_folder(config)
    row = pd.read_csv(folder / "losses.csv").iloc[0]  # of the only evaluation, at the start
    for here in ("kept", "originals"):
        cell = Replay(folder)
        with torch.no_grad():
            losses = cell.objective()(cell.init.clamp(0, 1))
        found = {"total": losses.total, "content": losses.content, "style": losses.style}
        for name, loss in (found | losses.raw).items():
            assert loss.sum().item() == pytest.approx(row[name], rel=1e-5, abs=1e-9), (here, name)
        if here == "kept":
            shutil.rmtree(folder.parent / "inputs")


def test_another_file_in_an_originals_place_is_none(
    config: Config, folder: Path, picture_file: Callable[..., Path]
) -> None:
    shutil.rmtree(folder.parent / "inputs")
    picture_file(Path((config.styles or [])[0]).name, seed=9)
    with pytest.raises(InputError, match=r"the style image of .* is not here: make images"):
        _ = Replay(folder).artwork


def test_what_is_not_there_is_one_line(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no record in"):
        Replay(tmp_path / "nowhere")
    record = json.loads((folder / "record.json").read_text())
    del record["inputs"]["style"], record["settings"]["checksums"]["style"]
    (folder / "record.json").write_text(json.dumps(record))
    with pytest.raises(InputError, match="no input 'style'"):
        _ = Replay(folder).artwork


def test_weights_that_have_changed_are_refused(config: Config, folder: Path) -> None:
    record = json.loads((folder / "record.json").read_text())
    embedded = {"source": "embedded", "width": 0.5}
    record["settings"]["network"] |= embedded
    record["settings"]["checksums"]["network"] = "0" * 64
    (folder / "record.json").write_text(json.dumps(record))
    with pytest.raises(InputError, match="restore it"):
        Replay(folder).network()
