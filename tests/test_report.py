"""The report of results: what is on the page, whole and the same for the same records."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from PIL import Image
from sweeping import DEPTHS, RATIOS, settings, write_cell, write_failure, write_sweep

from nst.errors import InputError
from nst.records import load
from nst.report import render, write
from nst.report.cells import differing, layers, natural, shared
from nst.report.curves import POINTS, curves
from nst.report.pictures import embed
from nst.report.planes import planes

ROOT = Path(__file__).parents[1]
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("sweep")
    write_sweep(root, ("Night",), seeds=2)
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
    assert page.count("data:image/webp;base64,") == 50 * 2 + 2  # pictures, courses, inputs


def test_the_page_asks_for_nothing_from_outside(page: str) -> None:
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


def test_a_page_that_cannot_be_made_leaves_what_was_there(few: Path) -> None:
    output = write(few, few / "report.html")
    before = output.read_bytes()
    (few / "a seed=1" / "image.png").write_bytes(b"no picture")
    with pytest.raises(InputError, match=r"image\.png cannot be read"):
        write(few, output)
    assert output.read_bytes() == before
    assert not list(few.glob(".*"))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["{empty}"], "no records in"),
        (["{empty}/missing"], "no records in"),
        (["results/demo/fig2", "--output", "{empty}"], "is a folder: name a file"),
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
    assert "failure.json cannot be read" in page
    assert "an old failure" not in page  # it was run again


def test_a_folder_of_failures_alone_still_has_its_page(tmp_path: Path) -> None:
    write_failure(tmp_path / "cell", "no file at photo.jpg", {"size": 224})
    page = render(tmp_path, tmp_path)
    assert "no file at photo.jpg" in page
    assert page_data(page)["cells"] == []


def test_cells_differ_in_what_their_settings_say_once(sweep: Path) -> None:
    frame = load(sweep)
    # No checksum or name beside a title, and nothing incidental.
    assert list(differing(frame)) == ["style_layers", "ratio", "alpha", "seed"]
    common = shared(frame)
    assert common["network.width"] == "0.5"
    assert common["style"] == "Night"
    assert "output" not in common


def test_two_files_of_one_title_are_told_apart(tmp_path: Path) -> None:
    for name, checksum in (("a", "1"), ("b", "2")):
        own = settings("Night", ["conv1_1"], 1e-3, 0)
        own["checksums"] = {"content": "c0", "style": checksum}
        write_cell(tmp_path / name, own, 0)
    assert list(differing(load(tmp_path))) == ["checksums.style"]


def test_a_plane_has_a_cell_for_each_place_and_a_hole_for_what_is_missing(tmp_path: Path) -> None:
    write_sweep(tmp_path, ("Night", "Storm"), seeds=2)
    gone = tmp_path / "images" / "style=Night,seed=0,depth=2,ratio=0.001"
    (gone / "record.json").unlink()
    frame = load(tmp_path)
    found = planes(frame, differing(frame))
    assert [plane["title"] for plane in found] == [
        "Pictures, Night, seed 0", "Pictures, Night, seed 1",
        "Pictures, Storm, seed 0", "Pictures, Storm, seed 1",
    ]  # fmt: skip
    for plane in found:
        assert plane["ratios"] == ["10⁻⁵", "10⁻⁴", "10⁻³", "10⁻²", "10⁻¹"]
        assert plane["layers"] == [layers(names) for names in DEPTHS]
        for i, row in enumerate(plane["cells"]):
            for j, number in enumerate(row):
                if number is not None:
                    assert frame["style_layers"][number] == DEPTHS[i]
                    assert frame["ratio"][number] == RATIOS[j]
    holes = [(k, i, j) for k, plane in enumerate(found) for i, row in enumerate(plane["cells"])
             for j, number in enumerate(row) if number is None]  # fmt: skip
    assert holes == [(0, 1, 2)]


def test_the_committed_figures_have_their_planes() -> None:
    frame = load(ROOT / "results" / "demo")
    found = {plane["title"]: plane for plane in planes(frame, differing(frame))}
    assert set(found) == {"Figure 1, content alone", "Figure 1, style alone", "Figure 3"}
    assert len(found["Figure 3"]["layers"]) == 5
    assert len(found["Figure 3"]["ratios"]) == 4
    assert found["Figure 1, content alone"]["deepest"][-1] == "conv5_1"


def test_curves_are_thinned_but_keep_their_ends(tmp_path: Path) -> None:
    lines = [f"{k},{1000 / k},0,{'nan' if k == 2 else 1}" for k in range(1, 501)]
    path = tmp_path / "losses.csv"
    path.write_text("\n".join(["evaluation,total,style,style_conv1_1_weighted", *lines]))
    found = curves(path)
    assert len(found["evaluations"]) <= POINTS
    assert found["evaluations"][0] == 1
    assert found["evaluations"][-1] == 500
    assert found["total"][-1] == 2.0
    assert found["style conv1_1"][1] is None
    assert "style" not in found  # zero throughout
    path.write_text("evaluation")
    assert curves(path) == {"evaluations": []}
    path.write_text("")
    with pytest.raises(InputError, match="not a table of losses"):
        curves(path)


def test_large_pictures_are_made_smaller_and_say_so(tmp_path: Path) -> None:
    Image.new("RGB", (200, 100)).save(tmp_path / "a.png")
    assert embed(tmp_path / "a.png", 200 * 100).whole
    smaller = embed(tmp_path / "a.png", 5000)
    assert (smaller.width, smaller.height, smaller.whole) == (100, 50, False)


def test_names_are_in_the_order_in_which_a_reader_counts() -> None:
    names = ["seed=10", "seed=9", "ratio=1e-05", "ratio=0.0001", "B"]
    assert sorted(names, key=natural) == ["B", "ratio=1e-05", "ratio=0.0001", "seed=9", "seed=10"]


def test_the_report_needs_no_torch() -> None:
    code = "import sys, nst.report; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
