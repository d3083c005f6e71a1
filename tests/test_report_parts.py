"""The parts of a report: differing settings, grids of cells, curves and pictures."""

from pathlib import Path

import pytest
from PIL import Image
from sweeping import DEPTHS, RATIOS, settings, write_cell, write_sweep

from nst.runs.records import load
from studies.report.cells import differing, natural, planes, shared, text
from studies.report.page import POINTS, curves
from studies.report.pictures import embed

ROOT = Path(__file__).parents[1]


def test_cells_differ_in_what_their_settings_say_once(tmp_path: Path) -> None:
    write_sweep(tmp_path, ("Night",), seeds=2)
    frame = load(tmp_path)
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
    gone = tmp_path / "images" / "style=Night,seed=0,layers=2,ratio=0.001"
    (gone / "record.json").unlink()
    frame = load(tmp_path)
    found = planes(frame, differing(frame))
    assert [plane["title"] for plane in found] == [
        "Pictures, Night, seed 0", "Pictures, Night, seed 1",
        "Pictures, Storm, seed 0", "Pictures, Storm, seed 1",
    ]  # fmt: skip
    for plane in found:
        assert plane["ratios"] == ["10⁻⁵", "10⁻⁴", "10⁻³", "10⁻²", "10⁻¹"]
        assert plane["layers"] == [text(names) for names in DEPTHS]
        for i, row in enumerate(plane["cells"]):
            for j, number in enumerate(row):
                if number is not None:
                    assert frame["style_layers"][number] == DEPTHS[i]
                    assert frame["ratio"][number] == RATIOS[j]
    holes = [(k, i, j) for k, plane in enumerate(found) for i, row in enumerate(plane["cells"])
             for j, number in enumerate(row) if number is None]  # fmt: skip
    assert holes == [(0, 1, 2)]


@pytest.mark.parametrize("profile", ["demo", "paper"])
def test_the_committed_figures_have_their_planes(profile: str) -> None:
    frame = load(ROOT / "results" / profile)
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


def test_large_pictures_are_made_smaller_and_say_so(tmp_path: Path) -> None:
    Image.new("RGB", (200, 100)).save(tmp_path / "a.png")
    assert embed(tmp_path / "a.png", 200 * 100)["whole"]
    smaller = embed(tmp_path / "a.png", 5000)
    assert (smaller["width"], smaller["height"], smaller["whole"]) == (100, 50, False)


def test_names_are_in_the_order_in_which_a_reader_counts() -> None:
    names = ["seed=10", "seed=9", "ratio=1e-05", "ratio=0.0001", "B"]
    assert sorted(names, key=natural) == ["B", "ratio=1e-05", "ratio=0.0001", "seed=9", "seed=10"]
