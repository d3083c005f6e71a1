"""What the command line refuses: one line each, and nothing is left behind."""

import shutil
from pathlib import Path

import pytest
from command import SMALL, inputs, refused, run

# Settings that are refused, and what the one line must name.
BAD_SETTINGS = {
    "contnt.path=photo.png": "contnt",
    "+contnt=1": "'contnt' not in 'Config'",
    "+content.pth=1": "'pth' not in 'ImageConfig'",
    "size=large": "could not be converted to Integer",
    "content_layers=conv1_1": "content_layers",
    "ratio=[": "no viable alternative",
    "style=nope": "style/nope",
    "content=nope": "content/nope",
    "network=file": "network.path",
    "output=photo.png": "output=FOLDER",
    "start=file": "start.path",
    "start.path=photo.png": "add start=file",
    "content.path=": "content.path is empty",
    "style.path=https://example.org/a.jpg": "https://example.org/a.jpg is an address: download it",
    "style.path=folder": "folder is a folder",
    "device=abacus": "device=abacus",
    "style.path=missing.jpg": "missing.jpg",
    "style_layers=[]": "style_layers=[]",
    "network.path=photo.png": "weights",
}
# Sweeps of values that are refused, one after the other, and what each line must name.
BAD_SWEEPS = {
    "content.path=missing.png,empty.png,truncated.png,text.png,folder,elongated.png": (
        ("missing.png", "empty.png", "truncated.png", "text.png", "folder", "elongated.png")
    ),
    "ratio=-1,nan,inf": ("alpha=-1", "alpha=nan", "alpha=inf"),
    "content_layers=[],[conv6_1]": ("content_layers=[]", "conv6_1"),
    "size=2,0": ("16 px", "size=0"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return inputs(tmp_path / "cli")


@pytest.mark.parametrize(("setting", "named"), BAD_SETTINGS.items())
def test_a_bad_setting_is_one_line_and_leaves_nothing(
    setting: str, named: str, folder: Path
) -> None:
    refused(run(folder, *SMALL, setting), named)


@pytest.mark.parametrize(("axis", "named"), BAD_SWEEPS.items())
def test_each_bad_input_of_a_sweep_is_one_line_and_leaves_no_more_than_its_reason(
    axis: str, named: tuple[str, ...], folder: Path
) -> None:
    ran = run(folder, "-m", *SMALL, "hydra.sweep.dir=sweep", axis)
    reasons = {path.name for path in (ran.folder / "outputs").rglob("*") if path.is_file()}
    assert reasons <= {"failure.json"}
    shutil.rmtree(ran.folder / "outputs", ignore_errors=True)
    refused(ran, *named)
