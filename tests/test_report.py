"""The report of results: what is on the page, whole and the same for the same records."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from command import largest_file
from sweeping import settings, write_cell, write_failure, write_sweep

from nst.runs.records import load
from studies.report import render, write

ROOT = Path(__file__).parents[1]
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("sweep")
    write_sweep(root, ("Night",), seeds=1)
    return root


@pytest.fixture(scope="module")
def page(sweep: Path) -> str:
    return render(sweep, sweep)


@pytest.fixture
def few(tmp_path: Path) -> Path:
    """Three cells."""
    for seed in range(3):
        own = settings("Night", ["conv1_1"], 1e-3, seed)
        write_cell(tmp_path / "few" / f"a seed={seed}", own, seed)
    return tmp_path / "few"


def page_data(page: str, name: str = "data") -> Any:
    found = re.search(rf'<script type="application/json" id="{name}">(.*?)</script>', page, re.S)
    assert found
    return json.loads(found[1])


def report(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "scripts/report.py", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_page_has_every_cell_with_its_picture_losses_and_curves(sweep: Path, page: str) -> None:
    data, lines = page_data(page), page_data(page, "curves")
    frame = load(sweep)
    assert {cell["name"] for cell in data["cells"]} == {
        folder.relative_to(sweep).as_posix() for folder in frame["folder"]
    }
    for number, cell in enumerate(data["cells"]):
        row = frame[frame["folder"] == sweep / cell["name"]].iloc[0]
        assert cell["losses"]["total"] == pytest.approx(row["losses.total"])
        assert cell["device"] == "cpu"  # the one that computed; the setting is "auto"
        assert cell["evaluations"] == 12
        assert lines[number]["evaluations"] == list(range(1, 13))
        assert lines[number]["total"][-1] == pytest.approx(row["losses.total"], rel=1e-3)
        assert {"content", "style", "gradient", "style conv1_1"} <= set(lines[number])
        assert f'id="cell-{number}"' in page
    assert page.count("data:image/webp;base64,") == 25 * 2 + 2  # pictures, trajectories, inputs


def test_the_page_requests_nothing_from_outside(page: str) -> None:
    addresses = re.findall(r"""(?:src|href|action|data|poster)=["']?([^"'\s>]+)""", page)
    assert addresses
    assert all(address.startswith(("data:", "#")) for address in addresses)
    assert "url(" not in page
    assert "default-src 'none'" in page


def test_titles_are_text_and_never_markup(tmp_path: Path) -> None:
    own = settings(HOSTILE, ["conv1_1"], 1e-3, 0) | {"figure": HOSTILE, "profile": HOSTILE}
    write_cell(tmp_path / "cell", own, 0)
    write_cell(tmp_path / "<b>other", own | {"seed": 1}, 1)
    write_failure(tmp_path / "failed", HOSTILE, own | {"seed": 2})
    page = render(tmp_path, tmp_path)
    assert "alert(1)" in page
    assert HOSTILE not in page
    assert "<b>other" not in page
    assert page.lower().count("<script") == page.lower().count("</script>") == 5


def test_the_same_records_give_the_same_bytes_wherever_the_page_lies(
    few: Path, tmp_path: Path
) -> None:
    first = write(few, tmp_path / "a.html").read_bytes()
    assert write(few, tmp_path / "b.html").read_bytes() == first
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.html", "b.html", "few"]


def test_links_lead_from_the_page_to_the_original_pictures(few: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    for beside in (few, tmp_path / "elsewhere"):
        for cell in page_data(render(few, beside))["cells"]:
            assert " " not in cell["original"]
            assert (beside / unquote(cell["original"])).is_file()


@pytest.mark.parametrize("file", ["image.png", "trajectory.jpg", "losses.csv", "record.json"])
def test_a_broken_cell_is_shown_as_broken_and_the_others_as_they_are(few: Path, file: str) -> None:
    broken = few / "a seed=1" / file
    content = broken.read_bytes()
    for damage in (content[: len(content) // 2], b"", None):
        broken.unlink() if damage is None else broken.write_bytes(damage)
        page = render(few, few)
        assert [cell["name"] for cell in page_data(page)["cells"]] == ["a seed=0", "a seed=2"]
        said = f"broken: {broken} is "
        assert (said in page) == (file != "record.json" or damage is not None)


def test_a_page_that_cannot_be_made_leaves_what_was_there(few: Path) -> None:
    output = write(few, few / "report.html")
    before = output.read_bytes()
    with largest_file(len(before) // 2), pytest.raises(OSError, match="File too large"):
        write(few, output)
    assert output.read_bytes() == before
    assert not list(few.glob(".*"))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["{empty}"], "no records in"),
        (["{empty}/missing"], "no records in"),
        (["results/demo/fig2", "--output", "{empty}"], "is a folder: name another file"),
        (["results/demo/fig2", "--output", "Makefile/report.html"], "cannot be written"),
    ],
)
def test_what_cannot_be_done_is_one_line(arguments: list[str], words: str, tmp_path: Path) -> None:
    done = report(*(argument.format(empty=tmp_path) for argument in arguments))
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_the_command_writes_the_page_of_the_committed_results(tmp_path: Path) -> None:
    output = tmp_path / "new" / "page.html"
    done = report("results/demo/fig2", "--output", str(output))
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{output}\n"
    data = page_data(output.read_text())
    assert [cell["name"] for cell in data["cells"]] == ["B", "C", "D", "E", "F"]
    assert [cell["caption"].split(" · ")[0] for cell in data["cells"]] == [
        "Storm", "Night", "Bands", "Facets", "Composition"
    ]  # fmt: skip


def test_failures_are_listed_with_their_errors_and_what_was_special(few: Path) -> None:
    own = settings("Night", ["conv1_1"], 1e-3, 0)
    write_failure(few / "large", "out of memory: lower size", own | {"size": 4096})
    write_failure(few / "a seed=0", "an old failure", own)
    (few / "broken").mkdir()
    (few / "broken" / "failure.json").write_text("{")
    page = render(few, few)
    assert "2 failed." in page
    assert "out of memory: lower size" in page
    assert "size=4096" in page
    assert "ratio=0.001" not in page  # all have it
    assert "failure.json is not a record" in page
    assert "an old failure" not in page  # it was run again


def test_a_folder_of_failures_alone_still_has_its_page(tmp_path: Path) -> None:
    write_failure(tmp_path / "a", "no file at photo.jpg", {"size": 224, "seed": 8})
    write_failure(tmp_path / "b", "out of memory", {"size": 224, "seed": 9})
    page = render(tmp_path, tmp_path)
    assert "seed=9" in page
    assert "size=224" not in page  # both have it
    assert "no file at photo.jpg" in page
    assert page_data(page)["cells"] == []


def test_the_report_needs_no_torch() -> None:
    code = "import sys, studies.report; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
