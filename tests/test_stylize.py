"""The plain command: files as they are named, the format that is asked for, one line on errors."""

import json
import os
import sys
from pathlib import Path

import pytest
from command import contents, inputs
from PIL import Image

from nst.cli import stylize
from nst.errors import InputError, one_line
from nst.runs.stylizing import encoded

SMALL = ("network=random", "network.width=0.0625", "schedule=single", "--size", "32")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    here = inputs(tmp_path / "here")
    monkeypatch.chdir(here)
    return here


def run(*arguments: str, monkeypatch: pytest.MonkeyPatch, evaluations: int = 2) -> int:
    settings = [*arguments, *SMALL, f"evaluations={evaluations}"]
    monkeypatch.setattr(sys, "argv", ["stylize.py", *settings])
    return stylize.main()


def names(folder: Path) -> list[str]:
    """The pictures of a folder, without the numbers that tell them apart."""
    given = {"photo", "elongated", "truncated", "empty", "text", "line"}
    return sorted(p.stem.partition("-")[0] for p in folder.glob("*.png") if p.stem not in given)


@pytest.mark.parametrize("name", ["café.jpg", "写真.jpg", "Vincent's (1).jpg", "a=b.jpg",
                                  "[1889] & x.jpg", "seed=3.jpg", "${x}.jpg",
                                  "~x.jpg"])  # fmt: skip
def test_any_name_is_a_file(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "photo.png").rename(folder / name)
    (folder / "painting.jpg").rename(folder / f"of {name}")
    assert run(name, f"of {name}", "-o", "out.png", monkeypatch=monkeypatch) == 0
    with Image.open("out.png") as picture:
        assert min(picture.size) > 20
    record = json.loads(Path("out.png_record/picture/record.json").read_text(encoding="utf-8"))
    assert Path(record["settings"]["content"]["path"]).name == name


@pytest.mark.parametrize(("suffix", "form"), [("png", "PNG"), ("JPG", "JPEG"), ("webp", "WEBP"),
                                              ("tif", "TIFF")])  # fmt: skip
def test_the_suffix_is_the_format(
    suffix: str, form: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("photo.png", "painting.jpg", "-o", f"x.{suffix}", monkeypatch=monkeypatch)
    with Image.open(folder / f"x.{suffix}") as picture:
        assert picture.format == form


def test_repeating_computes_nothing_and_other_settings_overwrite(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = folder / "kept" / "picture" / "record.json"
    command = ("photo.png", "painting.jpg", "-o", "out.png", "--record", "kept")
    run(*command, monkeypatch=monkeypatch)
    first, before = record.read_bytes(), (folder / "out.png").read_bytes()
    run(*command, monkeypatch=monkeypatch)
    assert record.read_bytes() == first
    run(*command, monkeypatch=monkeypatch, evaluations=3)
    assert json.loads(record.read_text())["evaluations"] == 3
    assert (folder / "out.png").read_bytes() != before


def test_a_folder_of_photographs_is_painted_and_a_bad_one_stops_no_other(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    photos = folder / "photos"
    photos.mkdir()
    (folder / "photo.png").rename(photos / "b.png")
    (photos / "a.jpg").write_text("no picture")
    (photos / "notes.txt").write_text("not asked for")
    assert run("photos", "painting.jpg", "-o", "painted", monkeypatch=monkeypatch) == 1
    said = capsys.readouterr().err
    assert "[1/2] error: cannot read photos/a.jpg" in said
    assert "[2/2] painted/b.png" in said
    assert [path.name for path in (folder / "painted").glob("*.png")] == ["b.png"]


def test_a_painting_that_cannot_be_read_is_refused_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "photos").mkdir()
    for name in "ab":
        Image.new("RGB", (40, 40)).save(folder / "photos" / f"{name}.png")
    with pytest.raises(InputError, match=r"cannot read text\.png"):
        run("photos", "text.png", "-o", "painted", monkeypatch=monkeypatch)
    assert not (folder / "painted").exists()


def test_several_paintings_are_blended(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "other, one.jpg").write_bytes((folder / "painting.jpg").read_bytes())
    command = ("photo.png", "painting.jpg", "other, one.jpg", "style_blend=[2,1]", "-o", "out.png")
    run(*command, monkeypatch=monkeypatch)
    record = json.loads((folder / "out.png_record" / "picture" / "record.json").read_text())
    assert record["settings"]["styles"] == ["painting.jpg", "other, one.jpg"]
    assert record["settings"]["style_blend"] == [2, 1]


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("nowhere.jpg", "painting.jpg"), "no file at nowhere.jpg"),
        (("photo.png", "nowhere.jpg"), "no file at nowhere.jpg"),
        (("photo.png", "seed=1"), "no painting is named"),
        (("photo.png", "painting.jpg", "-o", "out.gif"), "suffixes"),
        (("photo.png", "painting.jpg", "-o", "."), "is a folder"),
        (("photo.png", "painting.jpg", "-o", "photo.png/out.png"), "name another file with -o"),
        (("photo.png", "painting.jpg", "-o", "x.png", "--record", "text.png"), "-o or --record"),
        (("https://example.org/photo.jpg", "painting.jpg"), "https://example.org/photo.jpg is an"),
        (("photo.png", "https://x/a=b.jpg"), "https://x/a=b.jpg is an address: download it"),
        (("photo.png", "folder"), "folder is a folder: name a file in it"),
        (("*.jpg", "painting.jpg"), "no file at *.jpg"),
        (("photo.png", "painting.jpg", "sizes=3"), "there is no setting 'sizes'"),
        (("photo.png", "painting.jpg", "--ratio", "-1"), "ratio=-1"),
        (("photo.png", "painting.jpg", "-o", "./photo.png"), "one of the images to paint from"),
        (("photo.png", "painting.jpg", "-o", "painting.jpg"), "one of the images to paint from"),
        ((".", "painting.jpg", "-o", "."), "is the folder of the photographs"),
        (("~no-such-user/photo.png", "painting.jpg"), "no file at ~no-such-user/photo.png"),
        (("photo.png", "painting.jpg", "cell=x"), "cell is decided by"),
        (("photo.png", "painting.jpg", "content.path=x.jpg"), "content.path is decided by"),
        (("photo.png", "painting.jpg", "figure=fig1"), "figure is decided by"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_bad_input_is_one_line_before_anything_is_written(
    arguments: tuple[str, ...], line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = sorted(Path().iterdir())
    with pytest.raises((InputError, OSError)) as error:
        run(*arguments, monkeypatch=monkeypatch)
    said = one_line(error.value)
    assert line in said
    assert "\n" not in said
    assert sorted(Path().iterdir()) == before


def test_photographs_of_one_stem_have_a_picture_each_and_none_is_replaced(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    photos = folder / "photos"
    photos.mkdir()
    for name, source in (("a.png", "photo.png"), ("A.jpg", "painting.jpg"), ("c.png", "photo.png")):
        (photos / name).write_bytes((folder / source).read_bytes())
    for name in ("._a.png", "d.heic", "e.pdf"):  # hidden, no picture yet, no picture
        (photos / name).write_bytes(b"....ftypheic")
    before = {path.name: path.read_bytes() for path in photos.iterdir()}
    assert run("photos", "painting.jpg", "-o", "painted", monkeypatch=monkeypatch) == 1
    assert "[4/4] error: cannot read photos/d.heic" in capsys.readouterr().err
    assert names(folder / "painted") == ["A", "a", "c"]
    assert {path.name: path.read_bytes() for path in photos.iterdir()} == before


def test_ctrl_c_says_where_the_best_picture_so_far_is(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(self: object, row: dict[str, float]) -> None:
        if row["evaluation"] == 2:
            raise KeyboardInterrupt

    # Patches our progress to press Ctrl-C at one evaluation.
    monkeypatch.setattr("nst.runs.progress.ImageProgress.__call__", stop)
    with pytest.raises(KeyboardInterrupt) as stopped:
        run("photo.png", "painting.jpg", "-o", "out.png", monkeypatch=monkeypatch)
    way, _, path = str(stopped.value).partition("; the best picture so far is ")
    assert way == "to begin this picture again"
    with Image.open(path) as picture:
        assert min(picture.size) > 20
    assert not (folder / "out.png").exists()


def test_a_name_that_was_not_given_replaces_no_other_picture(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, turn in (("one", 0), ("two", 180)):
        (folder / name).mkdir()
        with Image.open("photo.png") as photo:
            photo.rotate(turn).save(folder / name / "a.png")
        (folder / name / "a.jpg").write_bytes((folder / "painting.jpg").read_bytes())
    first = ("one/a.png", "painting.jpg")
    commands = [first, ("two/a.png", "painting.jpg"), (*first, "seed=1")]
    commands += [(name, "photo.png", "-o", "painted") for name in ("one", "two")]
    count = []
    for command in commands:
        run(*command, monkeypatch=monkeypatch)
        count.append(len(list(folder.rglob("image.png"))))
    assert count == [1, 2, 3, 5, 6], "a.jpg of both folders is one picture"
    assert names(folder) == ["a_painting"] * 3
    assert names(folder / "painted") == ["a"] * 3
    before = contents(folder)
    for command in commands:
        run(*command, monkeypatch=monkeypatch)
    assert contents(folder) == before
    (folder / "painted" / "a.png").write_bytes(b"edited")
    run(*commands[3], monkeypatch=monkeypatch)
    assert (folder / "painted" / "a.png").read_bytes() == b"edited"
    run(*first, "seed=2", "-o", "a_painting.png", monkeypatch=monkeypatch)
    assert contents(folder)["a_painting.png"] != before["a_painting.png"], "where it was given"


def test_a_name_that_was_not_given_keeps_other_files_and_other_checkpoints(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "photo_painting.png").write_bytes(b"not ours")
    command = ("photo.png", "painting.jpg")
    run(*command, monkeypatch=monkeypatch)
    assert (folder / "photo_painting.png").read_bytes() == b"not ours"
    assert len(list(folder.glob("photo_painting-*.png"))) == 1

    def stop(self: object, row: dict[str, float]) -> None:
        if row["evaluation"] == 4:
            raise KeyboardInterrupt

    def interrupted() -> None:
        with pytest.raises(KeyboardInterrupt):
            run(*reversed(command), "checkpoint_every=1e-9", monkeypatch=monkeypatch, evaluations=6)

    with monkeypatch.context() as patch:
        patch.setattr("nst.runs.progress.ImageProgress.__call__", stop)
        interrupted()
    (checkpoint,) = folder.glob("painting_photo.png_record/picture/checkpoint.pt")
    before = checkpoint.read_bytes()
    run(*reversed(command), "seed=1", monkeypatch=monkeypatch)
    assert checkpoint.read_bytes() == before
    assert not Path("painting_photo.png").exists()
    run(*reversed(command), monkeypatch=monkeypatch, evaluations=6)
    assert Path("painting_photo.png").exists()
    assert not checkpoint.exists()


def test_default_names_are_short_and_have_all_paintings(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = folder / f"{'写' * 70}.jpg"
    other.write_bytes((folder / "painting.jpg").read_bytes())
    (folder / "b.jpg").write_bytes((folder / "painting.jpg").read_bytes())
    run("photo.png", "painting.jpg", "b.jpg", monkeypatch=monkeypatch)
    assert Path("photo_painting+b.png").is_file()
    run(other.name, "painting.jpg", "b.jpg", monkeypatch=monkeypatch)
    (made,) = folder.glob("写*.png")
    assert len(os.fsencode(made.name)) <= 170


def test_pictures_of_two_formats_have_a_record_each(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, evaluations in (("c.png", 1), (".c.jpg", 2)):
        run(
            "photo.png",
            "painting.jpg",
            "-o",
            name,
            monkeypatch=monkeypatch,
            evaluations=evaluations,
        )
        assert (folder / f"{name}_record" / "picture" / "record.json").is_file()


def test_long_names_are_written_or_refused_before_anything_is_computed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photos = folder / "photos"
    photos.mkdir()
    (folder / "photo.png").rename(photos / f"{'x' * 224}.png")
    assert run("photos", "painting.jpg", "-o", "painted", monkeypatch=monkeypatch) == 0
    (photo,) = photos.iterdir()
    for length in (250, 260):
        with pytest.raises(OSError, match="File name too long") as error:
            run(str(photo), "painting.jpg", "-o", f"{'x' * length}.png", monkeypatch=monkeypatch)
        assert one_line(error.value).endswith(": choose a shorter name")
    assert {path.name for path in photos.parent.iterdir() if "xxx" in path.name} == set()
    long = f"{'x' * 236}.png"
    assert run(str(photo), "painting.jpg", "-o", long, monkeypatch=monkeypatch) == 0
    assert Path(long).is_file()


def test_a_link_stays_and_its_target_is_written(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "sub").mkdir()
    (folder / "link.png").symlink_to("sub/target.png")
    run("photo.png", "painting.jpg", "-o", "link.png", monkeypatch=monkeypatch)
    assert (folder / "link.png").is_symlink()
    with Image.open(folder / "sub" / "target.png") as picture:
        assert min(picture.size) > 20


def test_a_picture_too_wide_for_its_format_is_one_line(tmp_path: Path) -> None:
    Image.new("RGB", (20_000, 1)).save(tmp_path / "image.png")
    with pytest.raises(InputError, match=r"image.png cannot be saved as WEBP .*: use .png"):
        encoded(tmp_path / "image.png", tmp_path / "out.webp")


def test_names_that_begin_with_a_dash_follow_two(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "photo.png").rename(folder / "-dash.png")
    (folder / "painting.jpg").rename(folder / "--size.jpg")
    monkeypatch.setattr(
        sys, "argv", ["stylize.py", "--size", "32", "--", "-dash.png", "--size.jpg", *SMALL[:3]]
    )
    assert stylize.main() == 0
    assert (folder / "-dash_--size.png").is_file()


def test_photographs_that_a_pattern_made_paintings_are_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "b.jpg").write_bytes((folder / "painting.jpg").read_bytes())
    for others, said in ((["b.jpg", "painting.jpg"], True), (["b.jpg"], False)):
        run("photo.png", *others, "-o", "out.png", monkeypatch=monkeypatch)
        line = f"one photograph, photo.png, in the style of {len(others)} paintings, the first one"
        assert (line in capsys.readouterr().err) is said
