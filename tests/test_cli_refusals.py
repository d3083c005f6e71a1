"""What the command line refuses: one line each, leaving nothing behind."""

import shutil
from pathlib import Path

import pytest
from command import SMALL, inputs, refused, run

# Settings that are refused, and what the one line must name.
BAD_SETTINGS = {
    "contnt.path=photo.png": "did you mean content.path?",
    "evaluation=8": "did you mean evaluations?",
    "quux=8": "there is no setting 'quux': configs/ lists",
    "+contnt=1": "'contnt' not in 'Config'",
    "+content.pth=1": "'pth' not in 'PhotographConfig'",
    "size=large": "size=large: must be an integer",
    "content_layers=conv1_1": "content_layers=conv1_1: must be a list",
    "ratio=[": "ratio=[: no viable alternative",
    "style=nope": "style=nope: is a group",
    "layer_set=nope": "layer_set=nope: must be one of a, b, c, d, e, transfer",
    "network=file": "network.path",
    "output=photo.png": "output=FOLDER",
    "init=file": "init_path",
    "init_path=photo.png": "add init=file",
    "content.path=": "content.path is empty",
    "styles=https://example.org/a.jpg": "https://example.org/a.jpg is an address: download it",
    "styles=folder": "folder is a folder",
    "device=abacus": "device=abacus",
    "styles=missing.jpg": "missing.jpg",
    "style_layers=[]": "style_layers=[]",
    "network.path=photo.png": "weights",
    "network.path=page.safetensors": "cannot read weights from page.safetensors",
    "content.path=pipe": "pipe is a pipe or a device: save its contents to a file",
    "content.path=/dev/zero": "/dev/zero is a pipe or a device",
    "content.path=loop": "no file at loop",
    "content.path=~nobody-here/x.jpg": "no file at ~nobody-here/x.jpg",
    "content.path=line.png": "10119 x 1 px",
    "output=": "output is empty",
    "cell=": "cell is empty",
    "data= ": "data is empty",
    "cell=../x": "cell=../x: no part of it may begin with . or /",
    "masks=[a (1).png]": "quote odd names: KEY=['a (1).jpg']",
    "layer_set=null": "Config group override must be a string",
    "panel=1": "panel=1: must be one of B, C, D, E, F",
    "network=[1,2]": "configs/ lists all settings",
    "device=cpu:": "device=cpu: is not available",
    "trajectory=1000000": "trajectory=1000000: must be in [0, 96]",
    "size=512px": "size=512px: must be an integer",
    "size=1e9": "size=1e9: must be an integer",
    "ratio=1,000": "Ambiguous value",
    "seed=-1": "seed=-1: must be 0 or more",
    "evaluations=0": "evaluations=0: must be 1 or more",
    "seed=${oc.env:NOT_SET_ANYWHERE}": "NOT_SET_ANYWHERE",
}
# Sweeps without an end, or of nothing that can be counted.
ENDLESS = {
    "seed=range(0,10,0)": "must not be zero",
    "ratio=interval(0,1)": "INTERVAL_SWEEP",
}
# Sweeps of values that are refused, one after the other, and what each line must name.
BAD_SWEEPS = {
    "content.path=missing.png,empty.png,truncated.png,text.png,folder,elongated.png": (
        ("missing.png", "empty.png", "truncated.png", "text.png", "folder", "elongated.png")
    ),
    "ratio=-1,nan,inf": ("ratio=-1", "ratio=nan", "ratio=inf"),
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


@pytest.mark.parametrize(("axis", "named"), ENDLESS.items())
def test_a_sweep_that_cannot_be_counted_is_one_line(axis: str, named: str, folder: Path) -> None:
    refused(run(folder, "-m", *SMALL, axis), named)


@pytest.mark.parametrize(("axis", "named"), BAD_SWEEPS.items())
def test_each_bad_input_of_a_sweep_is_one_line_and_leaves_no_more_than_its_reason(
    axis: str, named: tuple[str, ...], folder: Path
) -> None:
    ran = run(folder, "-m", *SMALL, "hydra.sweep.dir=sweep", axis)
    reasons = {path.name for path in (ran.folder / "outputs").rglob("*") if path.is_file()}
    assert reasons <= {"failure.json"}
    shutil.rmtree(ran.folder / "outputs", ignore_errors=True)
    refused(ran, *named)
