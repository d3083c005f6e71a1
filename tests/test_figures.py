"""Figures are drawn from records alone, and missing cells are reported."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nst.figures.page import Cells
from nst.runs import records

ROOT = Path(__file__).parent.parent
RATIOS = ("1e-05", "0.0001", "0.001", "0.01")
CELLS = {
    "fig1": [f"{kind}_{layer_set}" for kind in ("content", "style") for layer_set in "abcde"],
    "fig2": list("BCDEF"),
    "fig3": [f"{layer_set}_{ratio}" for layer_set in "abcde" for ratio in RATIOS],
}


def write_cell(folder: Path, figure: str, cell: str) -> None:
    inputs = {
        name: {"title": name, "image": records.keep_input(folder, name, Image.new("RGB", (48, 36)))}
        for name in ("content", "style")
    }
    settings: dict[str, Any] = {
        "profile": "demo",
        "figure": figure,
        "cell": cell,
        "size": 41,
        "seed": 7,
        "loss_scaling": "relative",
        "alpha": 1e-3,
        "beta": 1.0,
        "continuation": 10.0,
        "network": {"name": "embedded", "pooling": "average"},
        "optimizer": {"name": "lbfgsb"},
        "content": {"detail": [0.1, 0.2, 0.5, 0.5]},
        "checksums": {"network": "abcdef0123456789"},
    }
    record = {"settings": settings, "inputs": inputs, "evaluations": 123, "precision": "tf32"}
    losses = [{"evaluation": 1, "seconds": 0.1, "total": 1.0}]
    records.write_record(folder, Image.new("RGB", (48, 36), "teal"), losses, record)


@pytest.fixture
def results(tmp_path: Path) -> Path:
    for figure, cells in CELLS.items():
        for cell in cells:
            write_cell(tmp_path / "demo" / figure / cell, figure, cell)
    return tmp_path


def plot(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "scripts/plot.py", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_each_figure_is_png_and_pdf_with_text(results: Path) -> None:
    done = plot("--output", str(results))
    assert done.returncode == 0, done.stderr
    assert "missing" not in done.stdout
    for figure in CELLS:
        with Image.open(results / "demo" / f"{figure}.png") as picture:
            assert picture.width == int(180 / 25.4 * 150)
            assert picture.convert("RGB").getextrema() != ((255, 255),) * 3
        pdf = (results / "demo" / f"{figure}.pdf").read_bytes()
        assert b"/Type /Font" in pdf  # text is text, not outlines
        assert b"/Subtype /Image" in pdf
    assert not list((results / "demo").glob(".*"))


def test_a_caption_says_how_the_figure_was_made(results: Path) -> None:
    caption = Cells(records.load(results / "demo" / "fig3")).caption()
    made = "123 evaluations of lbfgsb, content 10 times at first, schedule single, seed 7, tf32"
    assert made in caption
    assert "VGG-19 embedded, weights sha256 abcdef01, average pooling" in caption


def test_a_caption_says_where_pink_noise_was_the_start(results: Path) -> None:
    frame = records.load(results / "demo" / "fig3")
    assert "noise" not in Cells(frame).caption()
    frame["noise.pink"] = [True] + [None] * (len(frame) - 1)
    assert "evaluations of lbfgsb, from white and pink noise, content" in Cells(frame).caption()
    frame["noise.pink"] = True
    assert "evaluations of lbfgsb, from pink noise, content" in Cells(frame).caption()


def test_a_caption_says_whether_cells_had_an_opening_or_no_continuation(results: Path) -> None:
    frame = records.load(results / "demo" / "fig3")
    frame["opening"] = [200] + [None] * (len(frame) - 1)
    assert ", content 10 times at first or after an opening, schedule" in Cells(frame).caption()
    frame["continuation"] = [None] + [10.0] * (len(frame) - 1)
    assert ", content 1-10 times at first or after an opening," in Cells(frame).caption()
    frame["continuation"] = None
    assert "content 1" not in Cells(frame).caption()


def test_a_missing_cell_is_listed_and_leaves_a_labelled_blank(results: Path) -> None:
    plot("fig3", "--output", str(results))
    whole = (results / "demo" / "fig3.png").read_bytes()
    (results / "demo" / "fig3" / "b_0.001" / "record.json").unlink()
    done = plot("fig3", "--output", str(results))
    assert done.returncode == 0, done.stderr
    assert "missing: b_0.001\n" in done.stdout
    assert done.stdout.count("missing: ") == 1
    assert (results / "demo" / "fig3.png").read_bytes() != whole


def test_the_same_records_give_the_same_bytes(results: Path) -> None:
    plot("fig2", "--output", str(results))
    first = [(results / "demo" / f"fig2.{kind}").read_bytes() for kind in ("png", "pdf")]
    plot("fig2", "--output", str(results))
    assert [(results / "demo" / f"fig2.{kind}").read_bytes() for kind in ("png", "pdf")] == first


def test_a_published_figure_is_a_small_webp_in_place_of_the_png(results: Path) -> None:
    plot("fig2", "--output", str(results))
    png = results / "demo" / "fig2.png"
    with Image.open(png) as picture:
        drawn = np.asarray(picture.convert("RGB"), float)
    plot("fig2", "--output", str(results), "--published")
    assert not png.exists()
    with Image.open(png.with_suffix(".webp")) as picture:
        assert np.abs(np.asarray(picture.convert("RGB"), float) - drawn).mean() < 2  # of 255


@pytest.mark.parametrize(
    ("arguments", "words"), [(["fig4"], "no figure 'fig4'"), (["fig1"], "make fig1 PROFILE=demo")]
)
def test_what_cannot_be_drawn_is_one_line(arguments: list[str], words: str, tmp_path: Path) -> None:
    done = plot(*arguments, "--output", str(tmp_path))
    assert done.returncode != 0
    assert words in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


def test_drawing_needs_no_torch() -> None:
    code = "import sys, nst.figures.fig1, nst.figures.page; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
