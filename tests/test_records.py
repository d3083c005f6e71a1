"""Records: complete or absent, compared setting by setting, one row each in the frame."""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from command import largest_file
from PIL import Image

from nst.errors import BrokenError, InputError
from nst.files import check_folder
from nst.runs.records import (
    differences,
    keep_input,
    load,
    read_record,
    write_record,
)

SETTINGS = {
    "ratio": 1e-3,
    "seed": 0,
    "content_layers": ["conv4_2"],
    "content": {"name": "astronaut", "path": None, "source": "skimage:astronaut.png"},
    "network": {"name": "random", "width": 0.125, "url": None},
    "output": "results",
    "overwrite": False,
    "device": "auto",
    "checksums": {"content": "abc"},
}
LOSSES = [{"evaluation": 1, "total": 2.5}, {"evaluation": 2, "total": 1 / 3}]
FILES = ("image.png", "losses.csv", "record.json")


def picture(seed: int, side: int = 4) -> Image.Image:
    pixels = np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8)
    return Image.fromarray(pixels)


def record(**changes: Any) -> dict[str, Any]:
    return {
        "settings": SETTINGS | changes,
        "losses": LOSSES[-1],
        "seconds": 1.5,
        "evaluations": 2,
        "device": "cpu",
    }


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_a_record_is_its_three_files(tmp_path: Path) -> None:
    write_record(tmp_path / "a" / "b", picture(0), LOSSES, record())
    folder = tmp_path / "a" / "b"
    assert set(contents(folder)) == set(FILES)
    np.testing.assert_array_equal(np.asarray(Image.open(folder / "image.png")), picture(0))
    assert pd.read_csv(folder / "losses.csv").to_dict("records") == LOSSES
    assert read_record(folder) == {"schema": 3, **record()}


def test_the_same_run_leaves_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_record(tmp_path / name, picture(0), LOSSES, record())
    assert contents(tmp_path / "a") == contents(tmp_path / "b")


@pytest.mark.parametrize("failure", ["picture", "losses", "record", "disk"])
def test_a_write_that_fails_half_way_leaves_the_old_files_and_no_others(
    failure: str, tmp_path: Path
) -> None:
    write_record(tmp_path, picture(0), LOSSES, record())
    before = contents(tmp_path)
    new: dict[str, Any] = {"picture": picture(1), "losses": LOSSES, "record": record(seed=1)}
    limit = 10**6
    if failure == "disk":
        new["losses"], limit = LOSSES * 1000, 5000  # the image is written before, and is small
    else:
        new[failure] = {
            "picture": Image.new("F", (4, 4)),  # a PNG cannot hold it
            "losses": (row for row in [{"total": 1}, 1 / 2]),  # not rows
            "record": record(seed=object()),  # not JSON
        }[failure]
    with pytest.raises((OSError, TypeError, AttributeError)), largest_file(limit):
        write_record(tmp_path, new["picture"], new["losses"], new["record"])
    assert contents(tmp_path) == before


def test_a_record_never_stands_beside_an_image_of_another_run(tmp_path: Path) -> None:
    write_record(tmp_path, picture(0), LOSSES, record())
    (tmp_path / "losses.csv").unlink()
    (tmp_path / "losses.csv" / "in the way").mkdir(parents=True)  # after the image is replaced
    with pytest.raises(OSError, match="losses"):
        write_record(tmp_path, picture(1), LOSSES, record(seed=1))
    assert read_record(tmp_path) is None
    assert set(contents(tmp_path)) == {"image.png"}


def test_a_record_is_replaced_as_a_whole(tmp_path: Path) -> None:
    write_record(tmp_path, picture(0), LOSSES, record())
    write_record(tmp_path, picture(1), LOSSES[:1], record(seed=1))
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "image.png")), picture(1))
    assert len(pd.read_csv(tmp_path / "losses.csv")) == 1
    assert differences(read_record(tmp_path) or {}, SETTINGS | {"seed": 1}) == []


def test_a_name_that_is_no_utf_8_does_not_break_the_table_of_the_others(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.jpg")
    record = {"settings": {"content": {"path": name}}, "inputs": {"content": {"title": name}}}
    write_record(tmp_path / "cell", Image.new("RGB", (4, 4)), [{"evaluation": 1}], record)
    frame = load(tmp_path)
    assert frame["content.path"].tolist() == ["caf?.jpg"]
    frame.to_csv(tmp_path / "cells.csv")


def test_no_record_is_none(tmp_path: Path) -> None:
    assert read_record(tmp_path) is None
    assert read_record(tmp_path / "missing") is None


@pytest.mark.parametrize(
    ("text", "remedy"),
    [(text, "its command computes the cell again") for text in ("", "{", '{"schema": 3}')]
    + [
        (text, "delete .* and run again")
        for text in ("[]", "null", '{"settings": {}}', '{"schema": 1, "settings": {}}')
    ],
)
def test_a_file_that_is_not_a_record_is_an_input_error_with_the_remedy(
    text: str, remedy: str, tmp_path: Path
) -> None:
    (tmp_path / "record.json").write_text(text)
    with pytest.raises(InputError, match=rf"record\.json (is|holds) .*: {remedy}"):
        read_record(tmp_path)
    assert set(load(tmp_path).attrs["broken"]) == {tmp_path}
    with pytest.raises(InputError, match=remedy):
        load(tmp_path, whole=True)


def test_bytes_that_are_no_text_are_an_input_error(tmp_path: Path) -> None:
    (tmp_path / "record.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BrokenError, match="is not a record"):
        read_record(tmp_path)


def test_equal_settings_have_no_differences_after_a_round_trip(tmp_path: Path) -> None:
    write_record(tmp_path, picture(0), LOSSES, record())
    assert differences(read_record(tmp_path) or {}, SETTINGS) == []


def test_differences_name_the_setting_and_both_values() -> None:
    changed = SETTINGS | {
        "ratio": 0.1,
        "content_layers": ["conv1_1"],
        "network": {**SETTINGS["network"], "width": 1.0},  # type: ignore[dict-item]
    }
    assert differences(record(), changed) == [
        "ratio: 0.001 -> 0.1",
        "content_layers: ['conv4_2'] -> ['conv1_1']",
        "network.width: 0.125 -> 1.0",
    ]


def test_a_setting_that_one_of_them_lacks_is_a_difference() -> None:
    without = {key: value for key, value in SETTINGS.items() if key != "seed"}
    assert differences(record(), without) == ["seed: 0 -> None"]
    assert differences({"settings": without}, SETTINGS) == ["seed: None -> 0"]


def test_where_files_lie_does_not_matter_but_what_they_hold_does() -> None:
    elsewhere = SETTINGS | {
        "content": {"name": "astronaut", "path": "/mine.png", "source": "nst:other"},
        "output": "elsewhere",
        "overwrite": True,
        "device": "cuda",
    }
    assert differences(record(), elsewhere) == []
    other = SETTINGS | {"checksums": {"content": "def"}}
    assert differences(record(), other) == ["checksums.content: abc -> def"]


def test_inputs_are_kept_once_beside_the_cells_and_named_by_their_pixels(tmp_path: Path) -> None:
    first = keep_input(tmp_path / "a", "content", picture(0))
    path = (tmp_path / "a" / first).resolve()
    np.testing.assert_array_equal(np.asarray(Image.open(path)), picture(0))
    before = path.stat().st_mtime_ns
    assert keep_input(tmp_path / "b", "content", picture(0)) == first
    assert path.stat().st_mtime_ns == before
    assert list((tmp_path / "inputs").iterdir()) == [path]
    assert keep_input(tmp_path / "b", "content", picture(1)) != first
    wide, tall = (Image.new("RGB", size) for size in ((2, 8), (8, 2)))
    assert keep_input(tmp_path, "content", wide) != keep_input(tmp_path, "content", tall)


def test_load_gives_one_row_a_run_under_dotted_names(tmp_path: Path) -> None:
    for name, ratio in (("x/a", 0.1), ("x/b", 0.2), ("y", 0.3)):
        write_record(tmp_path / name, picture(0), LOSSES, record(ratio=ratio))
    (tmp_path / "incomplete").mkdir()
    (tmp_path / "incomplete" / "image.png").write_bytes(b"")
    frame = load(tmp_path)
    assert frame["ratio"].tolist() == [0.1, 0.2, 0.3]
    assert frame["losses.total"].tolist() == [1 / 3] * 3
    assert frame["network.width"].tolist() == [0.125] * 3
    assert frame["content_layers"].tolist() == [["conv4_2"]] * 3
    assert frame["evaluations_spent"].tolist() == [2] * 3
    assert frame["device"].tolist() == ["cpu"] * 3  # what computed, not what was asked for
    assert set(frame.attrs["settings"]) >= {"ratio", "network.width", "device"}
    assert not {"seconds", "losses.total", "folder"} & set(frame.attrs["settings"])
    assert frame["folder"].tolist() == [tmp_path / name for name in ("x/a", "x/b", "y")]
    for row in frame.itertuples():
        assert row.image.is_file()
        assert row.losses.is_file()


def test_load_of_nothing_is_an_empty_frame(tmp_path: Path) -> None:
    assert load(tmp_path).empty
    assert load(tmp_path / "missing").empty


def test_a_folder_below_a_file_is_refused_before_anything_is_computed(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    check_folder(tmp_path / "new" / "cell")
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]
    with pytest.raises(InputError, match=r"file: set output=FOLDER"):
        check_folder(tmp_path / "file" / "demo" / "cell")


def test_a_record_is_plain_json(tmp_path: Path) -> None:
    write_record(tmp_path, picture(0), LOSSES, record())
    assert json.loads((tmp_path / "record.json").read_text())["settings"] == SETTINGS
