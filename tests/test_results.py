"""The committed results belong to the committed configs, network and images."""

import itertools
from dataclasses import asdict
from pathlib import Path

import pytest
from composing import cells

from nst.inputs import checksums, input_files
from nst.records import differences, load, read_record

pytestmark = pytest.mark.usefixtures("hydra_configs")
RESULTS = Path(__file__).resolve().parents[1] / "results" / "demo"
FIGURES = ("fig1", "fig2", "fig3")


@pytest.mark.parametrize("figure", FIGURES)
def test_each_cell_of_a_figure_has_the_record_that_its_configuration_asks_for(figure: str) -> None:
    expected = cells(figure, "profile=demo")
    for config in expected:
        record = read_record(RESULTS / figure / str(config.cell))
        assert record is not None, f"{figure}/{config.cell} is not committed"
        settings = asdict(config) | {"checksums": checksums(config, input_files(config))}
        assert differences(record, settings) == [], f"{figure}/{config.cell} is out of date"
    assert set(load(RESULTS / figure)["cell"]) == {config.cell for config in expected}


@pytest.mark.parametrize("figure", FIGURES)
def test_the_figures_are_committed_with_their_cells(figure: str) -> None:
    for path in (RESULTS / f"{figure}.png", RESULTS / f"{figure}.pdf"):
        assert path.stat().st_size > 10_000
    for folder in (RESULTS / figure).glob("*/record.json"):
        assert {p.name for p in folder.parent.iterdir()} == {
            "course.jpg",
            "image.png",
            "losses.csv",
            "record.json",
        }


def rising(values: list[float]) -> bool:
    return all(a < b for a, b in itertools.pairwise(values))


def test_figure_3_trades_content_for_style_along_the_rows() -> None:
    for depth, row in load(RESULTS / "fig3").groupby("depth"):
        row = row.sort_values("ratio")
        assert rising(list(-row["losses.content_conv4_2"])), "content comes nearer with the ratio"
        assert rising(list(row["losses.style"])), f"row {depth}: style goes away with the ratio"
