"""Where an image's file is, and what a caption calls it."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from loopback import FileServer, serving

from nst.config import ImageConfig
from nst.errors import InputError
from nst.files import ASSETS
from nst.inputs.imagefiles import open_rgb
from nst.inputs.sources import image_file, title

IMAGE = ImageConfig(
    "astronaut", "Portrait", "NASA", "1993", "public domain", "skimage:astronaut.png"
)


def test_a_file_of_ones_own_is_taken_as_it_is() -> None:
    image = Path("~/mine/photo.jpg")
    assert image_file(image, "content", Path("data")) == Path.home() / "mine/photo.jpg"
    assert title(image) == "photo"


def test_scikit_images_photographs_are_in_its_package() -> None:
    assert open_rgb(image_file(IMAGE, "content", Path("unused"))).size == (512, 512)


@pytest.mark.parametrize(
    "path", sorted((ASSETS / "artworks").iterdir()), ids=lambda path: path.stem
)
def test_an_artwork_of_the_demo_is_small_but_large_enough(path: Path) -> None:
    assert path.stat().st_size < 300_000
    assert min(open_rgb(path).size) >= 512


def test_a_file_that_was_downloaded_before_is_taken_from_the_data_folder(tmp_path: Path) -> None:
    digest = hashlib.sha256(b"there").hexdigest()
    image = replace(IMAGE, name="tubingen", source="https://nowhere.invalid/a/b.jpg", sha256=digest)
    (tmp_path / "tubingen.jpg").write_bytes(b"there")
    assert image_file(image, "content", tmp_path) == tmp_path / "tubingen.jpg"


def test_downloads_without_a_checksum_share_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("no_proxy", "*")
    name = "a.jpg?size=9"
    with serving(FileServer({name: b"one"})) as one, serving(FileServer({name: b"two"})) as two:
        images = [replace(IMAGE, source=server.url(name)) for server in (one, two)]
        paths = [image_file(image, "content", tmp_path) for image in images]
    assert [path.read_bytes() for path in paths] == [b"one", b"two"]
    assert {path.suffix for path in paths} == {".jpg"}
    assert [image_file(image, "content", tmp_path) for image in images] == paths  # served no more


@pytest.mark.parametrize("source", ["", "astronaut.png", "ftp://host/a.jpg"])
def test_an_unknown_source_is_an_error_with_the_remedy(source: str) -> None:
    with pytest.raises(InputError, match=r"style has no source: set styles=\[FILE\]"):
        image_file(replace(IMAGE, source=source), "style", Path("data"))


def test_a_title_names_work_artist_and_year_as_far_as_they_are_known() -> None:
    assert title(IMAGE) == "Portrait, NASA, 1993"
    assert title(replace(IMAGE, artist="", year="")) == "Portrait"
