"""A record leads back to the objective, the images and the network that it was made with."""

import json
from pathlib import Path

import pytest
import torch

from nst.config import Config
from nst.errors import InputError
from nst.inputs.sources import input_files, load_images
from nst.runs.pipeline import compute, make_start
from nst.runs.recorded import Recorded


@pytest.fixture
def folder(config: Config) -> Path:
    compute(config)
    return Path(config.output) / config.profile / config.figure / str(config.cell)


def test_images_and_start_are_those_of_the_run(config: Config, folder: Path) -> None:
    cell, images = Recorded(folder), load_images(config, input_files(config))
    assert cell.photograph.equal(images["content"])
    assert cell.artwork.equal(images["style"])
    assert cell.start.equal(make_start(config, images))
    assert cell.image.shape == cell.photograph.shape


def test_the_objective_gives_the_recorded_loss_again(folder: Path) -> None:
    cell = Recorded(folder)
    with torch.no_grad():  # the run had one evaluation, at its start
        losses = cell.objective()(cell.start.clamp(0, 1))
    assert losses.total.item() == pytest.approx(cell.record["losses"]["total"], rel=1e-5)


def test_what_is_not_there_is_one_line(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no record in"):
        Recorded(tmp_path / "nowhere")
    record = json.loads((folder / "record.json").read_text())
    del record["inputs"]["style"]
    (folder / "record.json").write_text(json.dumps(record))
    with pytest.raises(InputError, match="no input 'style'"):
        _ = Recorded(folder).artwork


def test_weights_that_have_changed_are_refused(config: Config, folder: Path) -> None:
    record = json.loads((folder / "record.json").read_text())
    embedded = {"source": "embedded", "width": 0.5}
    record["settings"]["network"] |= embedded
    record["settings"]["checksums"]["network"] = "0" * 64
    (folder / "record.json").write_text(json.dumps(record))
    with pytest.raises(InputError, match="restore it"):
        Recorded(folder).network()
