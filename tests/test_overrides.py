"""Names and paths on the command line are taken as they are typed."""

import os
import subprocess
from pathlib import Path

import pytest
from command import SMALL, inputs, run
from hydra.core.override_parser.overrides_parser import OverridesParser

from nst.runs.overrides import as_typed
from nst.runs.records import read_record

ROOT = Path(__file__).resolve().parents[1]
NAMES = (
    "café.jpg", "写真.jpg", "Vincent's.jpg", "photo (1).jpg", "a=b.jpg", "a&b.jpg", "[1889].jpg",
    "~/x.jpg", "a,b.jpg", "{x}.jpg", "x#y.jpg", "a  b.jpg", "1e3", "2024_05_01", "true", "007",
    r"C:\a b\c.jpg", "x\\", r"\'x", 'say "hi".jpg', "plain.jpg", "glob(x).jpg",
    "a:b.jpg", "%41.jpg",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("key", ["content.path", "cell", "output"])
def test_a_name_is_what_was_typed(key: str, name: str) -> None:
    override = OverridesParser.create().parse_override(as_typed(f"{key}={name}", sweep=False))
    assert override.key_or_group == key
    assert override.value() == (os.path.expanduser(name) if key == "output" else name)
    assert isinstance(override.value(), str)


@pytest.mark.parametrize(
    "argument",
    ["seed=1e3", "ratio=1e-3", "content_layers=[conv4_2]", "cell=null", "-m",
     "cell='1e3'", "styles=['a,b.jpg',c.jpg]"],
)  # fmt: skip
def test_what_is_no_name_or_quoted_already_stays_as_it_is(argument: str) -> None:
    assert as_typed(argument, sweep=False) == argument


def test_a_reference_beside_odd_letters_stays_a_reference() -> None:
    for name in ("café (1)_${seed}", "caf\udce9_${seed}"):
        assert as_typed(f"cell={name}", sweep=True) == f"cell='{name}'"


def test_in_a_sweep_commas_part_paths() -> None:
    assert as_typed("init_path=a.jpg,b (2).jpg", sweep=True) == "init_path='a.jpg','b (2).jpg'"
    assert as_typed("styles=a.jpg,b (2).jpg", sweep=True) == "styles=['a.jpg'],['b (2).jpg']"


def test_a_home_is_never_a_folder_of_that_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert as_typed("output=~/out", sweep=False) == f"output='{tmp_path}/out'"
    assert as_typed("data=~", sweep=False) == f"data='{tmp_path}'"
    assert as_typed("output=~nobody-here/x", sweep=False) == "output='~nobody-here/x'"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return inputs(tmp_path / "cli")


def test_a_photograph_of_an_ordinary_name_is_painted(folder: Path) -> None:
    os.rename(folder / "photo.png", folder / "Vincent's photo (1).png")
    arguments = ["content.path=Vincent's photo (1).png", "cell=1e3", "output=2024_05_01"]
    ran = run(folder, *SMALL, *arguments)
    assert ran.code == 0, ran.err
    record = read_record(folder / "2024_05_01" / "demo" / "images" / "1e3")
    assert record is not None
    assert record["settings"]["content"]["path"] == "Vincent's photo (1).png"


@pytest.mark.parametrize(
    ("output", "folder"),
    [("'my out'", "my out"), ("~/out", f"{Path.home()}/out"), ("'~x'", "~x"), ("a=b", "a=b")],
)
def test_make_takes_an_output_as_the_shell_reads_it(output: str, folder: str) -> None:
    command = ["make", "--no-print-directory", "-n", "collect", f"ARGS=seed=0,1 output={output}"]
    script = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    line = script.splitlines()[-1].replace(".venv/bin/python scripts/collect.py", "echo")
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=True)
    assert done.stdout == f"{folder}\n"
