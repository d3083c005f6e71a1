"""The library's functions: one path with the commands, images in any form, one line on errors."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from command import inputs
from hydra import initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from PIL import Image

import nst
from nst.cli import stylize as command
from nst.errors import CallError
from nst.files import CONFIGS
from nst.inputs.imagefiles import open_rgb
from nst.inputs.images import to_tensor

SMALL: dict[str, Any] = {
    "network": "random",
    "network.width": 0.0625,
    "schedule": "single",
    "size": 32,
    "evaluations": 2,
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    here = inputs(tmp_path / "here")
    monkeypatch.chdir(here)
    return here


def painted(*arguments: str, monkeypatch: pytest.MonkeyPatch) -> np.ndarray:
    """The pixels that the command writes."""
    settings = [f"{key}={value}" for key, value in SMALL.items()]
    monkeypatch.setattr(sys, "argv", ["stylize", *arguments, "-o", "out.png", *settings])
    assert command.main() == 0
    with Image.open("out.png") as picture:
        return np.asarray(picture)


def tensor(path: str) -> torch.Tensor:
    return to_tensor(open_rgb(Path(path)))


@pytest.mark.parametrize("form", [str, Path, Image.open, tensor, lambda path: tensor(path)[0]])
def test_the_function_paints_the_commands_pixels_from_any_form_of_image(
    form: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Image.new("L", (50, 40), 200).save("left.png")
    controls = ("masks=[left.png,null]", "style_blend=[2,1]", "tv_weight=0.1", "colours=luminance")
    options = ("--seed", "3", "--ratio", "1e-2", "max_side=40", "style_scale=0.9")
    command_pixels = painted(
        "photo.png", "painting.jpg", "photo.png", *options, *controls, monkeypatch=monkeypatch
    )
    before = sorted(folder.rglob("*"))
    picture = nst.stylize(
        form("photo.png"), form("painting.jpg"), form("photo.png"),
        masks=[form("left.png"), None], style_blend=[2, 1], tv_weight=0.1, colours="luminance",
        seed=3, ratio=1e-2, max_side=40, style_scale=0.9, **SMALL,
    )  # fmt: skip
    np.testing.assert_array_equal(np.asarray(picture), command_pixels)
    assert sorted(folder.rglob("*")) == before, "a call leaves no files"


@pytest.mark.parametrize("init", ["content", "photo.png"])
@pytest.mark.usefixtures("folder")
def test_an_init_is_the_commands(init: str, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = ["init=content"] if init == "content" else ["init=file", f"init_path={init}"]
    command_pixels = painted("photo.png", "painting.jpg", *settings, monkeypatch=monkeypatch)
    picture = nst.stylize("photo.png", "painting.jpg", init=init, **SMALL)
    np.testing.assert_array_equal(np.asarray(picture), command_pixels)


@pytest.mark.usefixtures("folder")
def test_progress_is_told_of_each_evaluation_and_may_end_the_call() -> None:
    rows: list[dict[str, float]] = []
    nst.stylize("photo.png", "painting.jpg", progress=rows.append, **SMALL)
    assert [row["evaluation"] for row in rows] == [1, 2]
    assert {"total", "content", "style"} <= set(rows[0])

    class Enough(Exception):
        """Raised by the caller."""

    def end(row: dict[str, float]) -> None:
        raise Enough

    with pytest.raises(Enough):
        nst.stylize("photo.png", "painting.jpg", progress=end, **SMALL)


def test_an_image_of_the_callers_is_not_changed(folder: Path) -> None:
    with Image.open("painting.jpg") as image:
        image.resize((2000, 1500)).save("large.jpg")
    image = Image.open("large.jpg")
    x = torch.rand(3, 32, 32, requires_grad=True)
    before = x.detach().clone()
    nst.stylize(x, image, **SMALL)
    assert image.size == (2000, 1500)
    assert x.equal(before)


@pytest.mark.parametrize(
    ("arguments", "settings", "line", "kind"),
    [
        (("photo.png",), {}, "no artwork is given", TypeError),
        (("nowhere.png", "painting.jpg"), {}, "no file at nowhere.png", ValueError),
        (("photo.png", "text.png"), {}, "cannot read text.png", ValueError),
        (("photo.png", ["painting.jpg"]), {}, "artwork 1 is of type list: give", TypeError),
        ((torch.zeros(30, 40, 3), "painting.jpg"), {}, r"shape \(30, 40, 3\): use", ValueError),
        ((torch.full((3, 9, 9), 255.0), "painting.jpg"), {}, "from 255 to 255: use", ValueError),
        ((torch.full((3, 9, 9), torch.nan), "painting.jpg"), {}, "from nan to nan", ValueError),
        ((torch.zeros(3, 2, 400), "painting.jpg"), {}, "the photograph would be 453 x 2",
         ValueError),
        ((Image.new("RGB", (0, 5)), "painting.jpg"), {}, "has no pixels", ValueError),
        (("photo.png", "painting.jpg"), {"rato": 1}, "'rato': did you mean ratio", TypeError),
        (("photo.png", "painting.jpg"), {"cell": "x"}, "there is no argument 'cell'", TypeError),
        (("photo.png", "painting.jpg"), {"network.widht": 1}, "mean network.width", TypeError),
        (("photo.png", "painting.jpg"), {"ratio": -1}, "ratio=-1", ValueError),
        (("photo.png", "painting.jpg"), {"seed": "one"},
         "^seed='one': must be an integer$",
         ValueError),
        (("photo.png", "painting.jpg"), {"optimizer": "sgd"},
         "optimizer=sgd: must be one of adam, lbfgs, lbfgsb$", ValueError),
        (("photo.png", "painting.jpg"), {"quality": "fine"},
         "quality=fine: must be one of draft, good, best", ValueError),
        (("photo.png", "painting.jpg"), {"masks": "photo.png"}, "masks is no list", TypeError),
        (("photo.png", "painting.jpg"), {"masks": []}, "masks has 0 values", ValueError),
        (("photo.png", "painting.jpg"), {"init": 3}, "starting image is of type int", TypeError),
    ],
)  # fmt: skip
def test_bad_input_is_one_line_and_leaves_nothing(
    arguments: tuple[Any, ...], settings: dict[str, Any], line: str, kind: type, folder: Path
) -> None:
    before = sorted(folder.rglob("*"))
    with pytest.raises(nst.InputError, match=line) as error:
        nst.stylize(*arguments, **SMALL | settings)
    assert isinstance(error.value, kind)
    assert "\n" not in str(error.value)
    assert sorted(folder.rglob("*")) == before


@pytest.mark.usefixtures("folder")
def test_a_reconstruction_is_of_figure_1(capsys: pytest.CaptureFixture[str]) -> None:
    seen: dict[str, set[str]] = {}
    for of, layer in (("content", "conv4_1"), ("style", "conv3_1"), ("style", "conv2_2")):
        rows: list[dict[str, float]] = []
        nst.reconstruct("photo.png", layer, of, progress=rows.append, **SMALL)
        seen[f"{of} {layer}"] = {key for key in rows[0] if key.endswith("_weighted")}
    assert seen == {
        "content conv4_1": {"content_conv4_1_weighted"},
        "style conv3_1": {f"style_conv{k}_1_weighted" for k in (1, 2, 3)},
        "style conv2_2": {f"style_{k}_weighted" for k in ("conv1_1", "conv2_1", "conv2_2")},
    }
    assert capsys.readouterr() == ("", ""), "a library prints nothing"


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({"layer": "conv6_1"}, "no layer 'conv6_1' in VGG-19"),
        ({"of": "both"}, "of='both' is unknown"),
        ({"ratio": 1e-3}, "there is no argument 'ratio'"),
    ],
)
def test_a_reconstruction_of_nothing_is_refused(settings: dict[str, Any], line: str) -> None:
    with pytest.raises(nst.InputError, match=line):
        nst.reconstruct(Image.new("RGB", (40, 30)), **settings)


@pytest.mark.usefixtures("folder")
def test_a_caller_may_be_an_app_of_hydras_itself() -> None:
    with initialize_config_dir(str(CONFIGS), version_base="1.3"):
        own = GlobalHydra.instance().hydra
        with pytest.raises(CallError):
            nst.stylize("photo.png")
        nst.load_network("random", **{"network.width": 0.0625})
        assert GlobalHydra.instance().hydra is own


def test_every_public_name_is_there() -> None:
    assert all(getattr(nst, name).__doc__ for name in nst.__all__)
    assert set(nst.__all__) <= set(dir(nst))
    with pytest.raises(AttributeError, match="stylise"):
        _ = nst.stylise
