"""Scripts given unusable input: one line, for every script and every kind of input."""

from collections.abc import Callable
from pathlib import Path

import pytest
from command import SCRIPT, inputs, run
from sweeping import DEPTHS, settings, write_cell

from nst.errors import InputError
from nst.script import run_script

# What each script is given, in a folder with images but without results, and what it must name.
BAD = {
    ("plot.py", "fig1", "--output", "photo.png"): "no records in photo.png/demo/fig1",
    ("collect.py", "photo.png"): "no cells in photo.png",
    ("collect.py", "x" * 300): "no cells in xxx",
    ("collect.py", "outputs", "--output", "photo.png/x.csv"): "name another file with --output",
    ("collect.py", "outputs", "--output", "pipe"): "pipe exists but cannot be written: name",
    ("collect.py", "outputs", "--output", "folder"): "folder is a folder: name another file with",
    ("report.py", "photo.png"): "no records in photo.png",
    ("report.py", "outputs", "--output", "folder"): "folder is a folder: name another file",
    ("claims.py", "--output", "photo.png"): "no records in photo.png/demo/claims",
    ("claims.py", "--draw"): "no table at outputs/demo/claims.csv",
    ("publish.py", "demo", "--source", "photo.png"): "no records in photo.png/demo",
    ("fetch.py", "tubingen", "--data", "photo.png"): "photo.png",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return inputs(tmp_path / "cli")


@pytest.mark.parametrize(("arguments", "named"), BAD.items(), ids=lambda value: value[0])
def test_a_bad_argument_is_one_line(arguments: tuple[str, ...], named: str, folder: Path) -> None:
    script, *others = arguments
    if "outputs" in others:
        write_cell(folder / "outputs" / "cell", settings("Night", DEPTHS[0], 1e-3, 0), 1)
    ran = run(folder, *others, script=SCRIPT.with_name(script))
    assert ran.code == 1
    (line,) = ran.err
    assert line.startswith("error: ")
    assert named in line


@pytest.mark.parametrize("script", ["collect.py", "report.py"])
def test_an_output_that_is_a_link_stays_and_its_target_is_written(
    script: str, folder: Path
) -> None:
    write_cell(folder / "outputs" / "cell", settings("Night", DEPTHS[0], 1e-3, 0), 1)
    (folder / "link").symlink_to("folder/target")
    ran = run(folder, "outputs", "--output", "link", script=SCRIPT.with_name(script))
    assert ran.code == 0, ran.err
    assert (folder / "link").is_symlink()
    assert (folder / "folder" / "target").stat().st_size > 100
    assert not list((folder / "folder").glob(".*"))


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"\xff\x00"])
def test_a_table_other_than_of_claims_is_one_line(content: bytes, folder: Path) -> None:
    (folder / "outputs" / "demo").mkdir(parents=True)
    (folder / "outputs" / "demo" / "claims.csv").write_bytes(content)
    ran = run(folder, "--draw", script=SCRIPT.with_name("claims.py"))
    assert ran.err == [
        "error: outputs/demo/claims.csv is no table of claims: make it again without --draw"
    ]


@pytest.mark.parametrize("content", ["[]", "{", '{"schema": 3}', '{"schema": 3, "settings": [1]}'])
def test_a_broken_record_is_named_and_the_others_are_collected(
    content: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_cell(folder / "outputs" / "whole", settings("Night", DEPTHS[0], 1e-3, 0), 1)
    (folder / "outputs" / "broken").mkdir()
    (folder / "outputs" / "broken" / "record.json").write_text(content)
    ran = run(folder, "outputs", script=SCRIPT.with_name("collect.py"))
    assert ran.code == 1
    assert "broken/record.json" in capsys.readouterr().out
    for script in ("report.py", "collect.py"):
        assert "Traceback" not in "".join(
            run(folder, "outputs", script=SCRIPT.with_name(script)).err
        )


@pytest.mark.parametrize("damage", [Path.unlink, lambda path: path.write_bytes(b"x")])
def test_a_picture_that_is_gone_or_damaged_is_one_line(
    damage: Callable[[Path], object], folder: Path
) -> None:
    own = settings("Night", DEPTHS[0], 1e-3, 0) | {"figure": "fig2", "cell": "B"}
    write_cell(folder / "outputs" / "demo" / "fig2" / "B", own, 1)
    damage(folder / "outputs" / "demo" / "fig2" / "B" / "image.png")
    for script, *others in (("plot.py", "fig2"), ("publish.py", "demo")):
        ran = run(folder, *others, script=SCRIPT.with_name(script))
        assert ran.code == 1
        assert len(ran.err) == 1 and "image.png" in ran.err[0], ran.err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InputError("two\nlines"), "error: two lines"),
        (PermissionError(13, "Permission denied", "x"), "error: [Errno 13] Permission denied: 'x'"),
        (KeyboardInterrupt(), 130),
    ],
)
def test_what_a_user_is_meant_to_read_ends_a_script(
    error: BaseException, code: object, capsys: pytest.CaptureFixture[str]
) -> None:
    def main() -> None:
        print("caf\udce9")
        raise error

    with pytest.raises(SystemExit) as end:
        run_script(main)
    assert end.value.code == code
