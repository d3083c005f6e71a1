"""nst.inputs.loading: a run's images at each size, from files that are decoded once."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import draw
from PIL import Image

from nst.config import Config
from nst.errors import InputError, TooSmallError
from nst.inputs.imagefiles import InMemory, size_of
from nst.inputs.loading import load_inputs, load_levels
from nst.inputs.sources import input_files

MakePicture = Callable[..., Path]


def test_the_size_is_known_without_the_pixels(picture_file: MakePicture) -> None:
    path = picture_file("whole.jpg", 1601, 1201)
    (path.parent / "cut.jpg").write_bytes(path.read_bytes()[:5000])
    assert size_of(path.parent / "cut.jpg") == size_of(path) == (1601, 1201)
    assert size_of(InMemory(draw(30, 20, 0), "a picture")) == (30, 20)
    (path.parent / "empty.jpg").touch()
    with pytest.raises(InputError, match=r"cannot read .*empty.jpg as an image"):
        size_of(path.parent / "empty.jpg")


def test_each_level_has_the_images_of_its_own_size_and_a_small_one_is_left_out(
    config: Config, tmp_path: Path
) -> None:
    """A photograph that EXIF turns, and a transparent mask: applied once, not at each size."""
    turned, mask, exif = tmp_path / "turned.jpg", draw(40, 50, 5), Image.Exif()
    exif[0x0112] = 6
    draw(50, 40, 4).save(turned, exif=exif)
    mask.putalpha(100)
    mask.save(tmp_path / "clear.png")
    photograph = replace(config.content, path=str(turned))
    config = replace(config, content=photograph, size=64, style_scale=1.2)
    config.masks = [str(tmp_path / "clear.png")]
    config.schedule.scales, config.schedule.shares = [0.2, 0.5, 1.0], [0.2, 0.3, 0.5]
    files = input_files(config)
    levels = load_levels(config, files)
    assert list(levels) == [0.5, 1.0]
    for scale, inputs in levels.items():
        alone = load_inputs(config, files, scale)
        assert inputs.photograph.equal(alone.photograph)
        (artwork,), (other,) = inputs.artworks, alone.artworks
        assert artwork.image.equal(other.image)
        assert artwork.mask is not None and other.mask is not None
        assert artwork.mask.equal(other.mask)
    assert levels[0.5].shape == pytest.approx([side / 2 for side in levels[1.0].shape], abs=1)
    with pytest.raises(TooSmallError, match="at size=12"):
        load_levels(replace(config, size=12), files)


def test_a_message_on_a_mask_names_the_pictures_size_not_a_coarser_levels(
    config: Config, picture_file: MakePicture
) -> None:
    config.schedule.scales, config.schedule.shares = [0.6, 1.0], [0.5, 0.5]
    config = replace(config, masks=[str(picture_file("tall.png", 40, 50))])
    with pytest.raises(InputError, match="crop it to 36 x 29 px"):
        load_levels(config, input_files(config))
