"""Published results: small copies of what was computed, without the images of others."""

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nst.config import Config
from nst.errors import InputError
from nst.runs import records
from nst.runs.pipeline import cell_folder, compute
from nst.runs.replay import Replay

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scripts"))
from publish import publish


@pytest.fixture
def cell(config: Config) -> Path:
    compute(config)
    return cell_folder(config)


def test_a_published_cell_is_its_record_and_a_picture_of_the_same_look(
    cell: Path, tmp_path: Path
) -> None:
    target = tmp_path / "results" / "demo" / "images" / "cell"
    publish(cell, target)
    assert {path.name for path in target.iterdir()} == {"image.webp", "losses.csv", "record.json"}
    assert (target / "record.json").read_bytes() == (cell / "record.json").read_bytes()
    with (
        Image.open(cell / "image.png") as before,
        Image.open(records.picture_file(target)) as after,
    ):
        difference = np.asarray(before, float) - np.asarray(after.convert("RGB"), float)
    assert np.abs(difference).mean() < 12  # noise of one evaluation, which no codec keeps
    (row,) = records.load(tmp_path / "results").to_dict("records")
    assert row["image"] == target / "image.webp"


def test_images_of_others_stay_behind_and_the_projects_own_come_along(
    config: Config, tmp_path: Path
) -> None:
    config.style.source, config.styles = "nst:artworks/night.jpg", None
    compute(config)
    target = tmp_path / "results" / "demo" / "images" / "cell"
    publish(cell_folder(config), target)
    (kept,) = (target.parent / "inputs").iterdir()
    assert kept.name.startswith("style_")
    Path(str(config.content.path)).unlink()
    published = Replay(target)
    assert published.artwork.shape[1] == 3
    with pytest.raises(InputError, match=r"content image of .* is not here: make images"):
        _ = published.photograph


def test_a_photograph_that_was_downloaded_is_found(
    cell: Path, tmp_path: Path, picture_file: Callable[..., Path]
) -> None:
    target = tmp_path / "results" / "demo" / "images" / "cell"
    publish(cell, target)
    (row,) = records.load(tmp_path / "results").to_dict("records")
    assert records.input_file(row, "content") is None
    row |= {"data": str(tmp_path), "content.source": "https://example.org/a/b.png"}
    row |= {"content.sha256": "0" * 64}  # one that was downloaded without has a name of its own
    picture_file(f"{row['content.name']}.png")
    assert records.input_file(row, "content") == tmp_path / f"{row['content.name']}.png"
