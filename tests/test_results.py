"""The committed results belong to the committed configs, network and images."""

import itertools
import re
from dataclasses import asdict
from pathlib import Path

import pytest
from composing import cells

from nst.config import Config
from nst.inputs.sources import checksums, input_files
from nst.runs.records import differences, load, read_record

pytestmark = pytest.mark.usefixtures("hydra_configs")
RESULTS = Path(__file__).resolve().parents[1] / "results"
each = pytest.mark.parametrize(
    ("profile", "figure"), [*itertools.product(("paper", "demo"), ("fig1", "fig2", "fig3"))]
)


def expected_checksums(config: Config) -> dict[str, str]:
    """Those of the files at hand; of what is downloaded, those that the configuration states.

    The paper's weights are published with what was at hand: see the README.
    """
    if config.profile == "demo":
        return checksums(input_files(config))
    images = {"content": config.content} | ({"style": config.style} if config.beta else {})
    return {name: str(image.sha256) for name, image in images.items()}


@each
def test_each_cell_has_the_record_that_its_configuration_asks_for(
    profile: str, figure: str
) -> None:
    expected = cells(figure, f"profile={profile}")
    folder = RESULTS / profile / figure
    for config in expected:
        record = read_record(folder / str(config.cell))
        assert record is not None, f"{figure}/{config.cell} is not committed"
        if profile == "paper":
            assert record["settings"]["checksums"].pop("network").startswith("d736dee4")
        settings = asdict(config) | {"checksums": expected_checksums(config)}
        assert differences(record, settings) == [], f"{figure}/{config.cell} is out of date"
        assert not record["commit"].endswith("-dirty")
    assert set(load(folder)["cell"]) == {config.cell for config in expected}


@each
def test_the_figures_are_committed_with_their_cells(profile: str, figure: str) -> None:
    drawn = [RESULTS / profile / f"{figure}{suffix}" for suffix in (".png", ".webp")]
    (committed,) = [path for path in drawn if path.exists()]
    assert committed.stat().st_size > 10_000
    for path in (RESULTS / profile / figure).glob("*/record.json"):
        names = {p.name for p in path.parent.iterdir()}
        assert names == {"trajectory.jpg", "image.webp", "losses.csv", "record.json"}


def test_every_file_that_a_page_shows_or_names_is_there() -> None:
    root = RESULTS.parent
    for page in (root / "README.md", *sorted((root / "docs").glob("*.md"))):
        text = page.read_text(encoding="utf-8")
        linked = re.findall(r"\]\((?!https?:|#)([^)#]+)", text)
        named = re.findall(r"\b(?:results/(?:demo|paper)|nst/assets)/[\w./-]*\w", text)
        paths = [page.parent / name for name in linked] + [root / name for name in named]
        assert [path for path in paths if not path.exists()] == [], page.name


def test_no_photograph_or_artwork_of_others_is_committed() -> None:
    assert not list((RESULTS / "paper").rglob("inputs"))


def rising(values: list[float]) -> bool:
    return all(a < b for a, b in itertools.pairwise(values))


def test_figure_3_trades_content_for_style_along_the_rows() -> None:
    for layer_set, row in load(RESULTS / "demo" / "fig3").groupby("layer_set"):
        row = row.sort_values("ratio")
        assert rising(list(-row["losses.content_conv4_2"])), "content comes nearer with the ratio"
        assert rising(list(row["losses.style"])), f"row {layer_set}: style goes away with the ratio"
