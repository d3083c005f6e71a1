"""nst.inputs.loading: a run's images at each size, from files that are decoded once."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import draw, image_config

from nst.config import Config
from nst.errors import InputError, TooSmallError
from nst.inputs.imagefiles import Decoded, InMemory, open_rgb, size_of
from nst.inputs.loading import load_inputs, load_levels
from nst.inputs.sources import input_files

MakePicture = Callable[..., Path]
SIZES = (400, 100, 60, 10, 4)  # the first two need all pixels of the picture below


@pytest.mark.parametrize("name", ["large.jpg", "large.png"])
def test_a_picture_is_decoded_whole_once_and_for_each_size_has_the_pixels_of_its_file(
    name: str, picture_file: MakePicture
) -> None:
    path = picture_file(name, 1601, 1201)
    decoded = Decoded(path)
    pictures = [open_rgb(decoded, size) for size in SIZES]
    assert pictures[0] is pictures[1]
    assert pictures[2].width < pictures[0].width == 1601
    for size, picture in zip(SIZES, pictures, strict=True):
        assert picture == open_rgb(path, size)


def test_a_picture_has_a_whole_for_each_background(tmp_path: Path) -> None:
    clear = draw(40, 30, 1)
    clear.putalpha(100)
    clear.save(tmp_path / "clear.png")
    decoded = Decoded(tmp_path / "clear.png")
    for background in ("white", "black", "white"):
        found = open_rgb(decoded, 20, background)
        assert found == open_rgb(tmp_path / "clear.png", 20, background)


def test_the_size_is_known_without_the_pixels(picture_file: MakePicture) -> None:
    path = picture_file("whole.jpg", 1601, 1201)
    (path.parent / "cut.jpg").write_bytes(path.read_bytes()[:5000])
    assert size_of(path.parent / "cut.jpg") == size_of(path) == (1601, 1201)
    assert size_of(InMemory(draw(30, 20, 0), "a picture")) == (30, 20)
    (path.parent / "empty.jpg").touch()
    with pytest.raises(InputError, match=r"the image file .*empty.jpg is empty"):
        size_of(path.parent / "empty.jpg")


def test_each_level_has_the_images_of_its_own_size_and_a_small_one_is_left_out(
    config: Config, picture_file: MakePicture
) -> None:
    large = image_config(picture_file("large.jpg", 1600, 1200, seed=4))
    config = replace(config, content=large, size=64, style_scale=1.2)
    config.schedule.scales, config.schedule.shares = [0.2, 0.5, 1.0], [0.2, 0.3, 0.5]
    files = input_files(config)
    levels = load_levels(config, files)
    assert list(levels) == [0.5, 1.0]
    for scale, inputs in levels.items():
        alone = load_inputs(config, files, scale)
        assert inputs.photograph.equal(alone.photograph)
        assert inputs.artworks[0].image.equal(alone.artworks[0].image)
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
