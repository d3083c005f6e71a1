"""Controls of images: colours, the artwork's scale, the longest side, pictures on the way."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nst.config import Config
from nst.errors import InputError
from nst.inputs.loading import load_inputs
from nst.inputs.sources import input_files
from nst.runs.device import memory_needed
from nst.runs.pipeline import compute
from nst.runs.recording import FOLDER, SO_FAR
from nst.runs.replay import Replay


def folder(config: Config) -> Path:
    return Path(config.output) / config.profile / config.figure / str(config.cell)


def picture(config: Config) -> np.ndarray:
    with Image.open(folder(config) / "image.png") as image:
        return np.asarray(image, dtype=np.float64)


def test_a_style_scale_of_one_changes_no_byte_and_two_doubles_the_artworks_sides(
    config: Config,
) -> None:
    same, large = replace(config, style_scale=1.0), replace(config, style_scale=2.0)
    plain, whole, double = (load_inputs(c, input_files(c)) for c in (config, same, large))
    assert whole.artworks[0].image.equal(plain.artworks[0].image)
    assert double.photograph.equal(plain.photograph)
    sides = [2 * side for side in plain.artworks[0].image.shape[2:]]
    assert list(double.artworks[0].image.shape[2:]) == pytest.approx(sides, abs=1)


@pytest.mark.parametrize("max_side", [32, 41, 100])
def test_the_longest_side_is_what_is_asked_for(max_side: int, config: Config) -> None:
    config = replace(config, max_side=max_side)
    assert max(load_inputs(config, input_files(config)).shape) == max_side


def test_luminance_keeps_the_photographs_chroma(config: Config) -> None:
    config = replace(config, colours="luminance", evaluations=4)
    compute(config)
    original = load_inputs(replace(config, colours=None), input_files(config)).photograph
    photograph = 255 * original[0].permute(1, 2, 0).numpy()
    chroma = [x - (x @ [0.299, 0.587, 0.114])[..., None] for x in (picture(config), photograph)]
    assert np.abs(chroma[0] - chroma[1]).max() <= 1.0  # rounding of each channel, and of their sum
    assert np.abs(picture(config) - photograph).max() > 10


@pytest.mark.parametrize("colours", ["match", "luminance"])
def test_inputs_are_kept_as_the_network_saw_them_not_as_another_run_did(
    colours: str, config: Config, picture_file: Callable[..., Path]
) -> None:
    config = replace(config, colours=colours)
    compute(config)
    photograph = replace(config.content, path=str(picture_file("other.png", seed=7)))
    other = replace(config, cell="other", content=photograph)
    compute(other)
    for each in (config, other):
        seen, cell = load_inputs(each, input_files(each)), Replay(folder(each))
        assert cell.artwork.equal(seen.artworks[0].image)
        assert cell.photograph.equal(seen.photograph)


def test_pictures_on_the_way_have_the_whole_size(config: Config) -> None:
    config = replace(config, evaluations=6, save_every=2)
    config.schedule.scales, config.schedule.shares = [0.7, 1.0], [0.5, 0.5]
    compute(config)
    found = sorted((folder(config) / FOLDER).iterdir())
    assert [path.stem for path in found] == ["00002", "00004", "00006"]
    for path in found:
        with Image.open(path) as image:
            assert image.size == picture(config).shape[1::-1]


def test_ctrl_c_leaves_the_best_picture_so_far_until_the_run_is_complete(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = replace(config, evaluations=6)

    def stop(self: object, row: dict[str, float]) -> None:
        if row["evaluation"] == 4:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        # Patches our progress to press Ctrl-C at one evaluation.
        patch.setattr("nst.runs.progress.ImageProgress.__call__", stop)
        with pytest.raises(KeyboardInterrupt):
            compute(config)
    assert (folder(config) / SO_FAR).exists()
    compute(config)
    assert not (folder(config) / SO_FAR).exists()


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"colours": "sepia"}, "colours=sepia: must be one of match, luminance"),
        ({"style_scale": 0.0}, "style_scale=0.0"),
        ({"style_scale": float("nan")}, "style_scale=nan"),
        ({"max_side": 0}, "max_side=0: must be 1 or more"),
        ({"save_every": -1}, "save_every=-1: must be 1 or more"),
        ({"max_side": 8}, "at max_side=8"),
    ],
)
def test_invalid_values_are_refused(changes: dict[str, object], line: str, config: Config) -> None:
    with pytest.raises(InputError) as error:
        compute(replace(config, **changes))  # type: ignore[arg-type]
    assert line in str(error.value)
    assert not folder(config).exists()


@pytest.mark.parametrize("changes", [{"max_side": 100_000}, {"style_scale": 20.0, "size": 20_000}])
def test_what_memory_cannot_hold_is_refused_before_it_is_loaded(
    changes: dict[str, float], config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Patches ours: nothing may be loaded, and memory is short.
    monkeypatch.setattr("nst.runs.pipeline.load_levels", lambda *_: pytest.fail("was loaded"))
    monkeypatch.setattr("nst.runs.device.memory_free", lambda device: 10**9)
    with pytest.raises(InputError, match=r"needs .* [GM]B"):
        compute(replace(config, **changes))
    assert not folder(config).exists()


def test_an_artwork_that_is_larger_than_the_picture_counts(config: Config) -> None:
    config = replace(config, size=512)
    one, eight, sixteen = (memory_needed(replace(config, style_scale=k)) for k in (1.0, 8.0, 16.0))
    assert one == memory_needed(config) < eight
    assert sixteen / eight == pytest.approx(4, rel=0.05)  # as its area


def test_what_a_run_does_not_write_it_removes_of_its_own_kinds_of_file_only(
    config: Config,
) -> None:
    config = replace(config, evaluations=10, trajectory=16, save_every=2)
    compute(config)
    cell, mine = folder(config), ("notes.txt", "00002_edited.png")
    for name in mine:
        (cell / FOLDER / name).write_text("mine")
    for name in (SO_FAR, "checkpoint.pt"):
        (cell / name).write_text("stale")
    compute(replace(config, seed=1, save_every=5, overwrite=True))
    found = sorted(path.name for path in (cell / FOLDER).iterdir())
    assert found == ["00002_edited.png", "00005.png", "00010.png", "notes.txt"]
    assert (cell / "trajectory.jpg").exists()
    for name in mine:
        (cell / FOLDER / name).unlink()
    compute(replace(config, seed=2, save_every=None, trajectory=0, overwrite=True))
    left = {path.name for path in cell.iterdir()}
    assert left == {"image.png", "losses.csv", "record.json"}
