"""The structure that Figure 3 keeps, measured from its records."""

from pathlib import Path

import numpy as np
import pytest
from conftest import draw
from PIL import Image

from nst.errors import InputError
from nst.runs import records
from studies.measures.structure import sky_edges, structure_table


def write_cell(folder: Path, layer_set: str, ratio: float, seed: int) -> None:
    """A cell whose picture is the photograph (seed 1) or another one."""
    cell = folder / f"{layer_set}_{ratio}"
    kept = records.keep_input(cell, "photograph", draw(448, 336, seed=1))
    settings = {"layer_set": layer_set, "ratio": ratio, "loss_scaling": "relative", "size": 388}
    record = {"settings": settings, "inputs": {"content": {"title": "p", "image": kept}}}
    records.write_record(cell, draw(448, 336, seed), [{"evaluation": 1}], record)


def test_the_photograph_keeps_all_of_its_structure_and_another_picture_little(
    tmp_path: Path,
) -> None:
    write_cell(tmp_path, "a", 1e-2, seed=1)
    write_cell(tmp_path, "e", 1e-5, seed=2)
    frame = structure_table(tmp_path)
    assert frame["found"][0] == pytest.approx(1.0)
    assert abs(frame["found"][1]) < 0.5
    assert frame["published"].tolist() == [0.75, -0.01]


def test_a_folder_without_records_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="make fig3 PROFILE=paper"):
        structure_table(tmp_path)


def test_a_calm_sky_has_no_edges_and_a_hatched_one_has_only_where_the_photographs_is_smooth(
    tmp_path: Path,
) -> None:
    flat = np.full((168, 224, 3), 128, np.uint8)
    hatched, roofs = flat.copy(), flat.copy()
    hatched[:, ::8] = 255
    roofs[8:80, 100:, :] = np.where(np.arange(124) % 8 < 4, 0, 255)[None, :, None]
    files = {}
    for name, pixels in (("flat", flat), ("hatched", hatched), ("roofs", roofs)):
        files[name] = tmp_path / f"{name}.png"
        Image.fromarray(pixels).save(files[name])
    assert sky_edges(files["flat"], files["flat"]) == 0
    assert sky_edges(files["hatched"], files["flat"]) > 10
    assert sky_edges(files["flat"], files["flat"], printed=True) == 0
    assert (
        sky_edges(files["roofs"], files["roofs"]) < 1
    )  # what is there in the photograph is no sky


def test_a_jpeg_like_the_published_one_takes_the_edges_of_coloured_dots_and_leaves_lines(
    tmp_path: Path,
) -> None:
    flat = np.full((168, 224, 3), 128, np.uint8)
    dotted, lined = flat.copy(), flat.copy()
    dotted[::4, ::4] = (160, 110, 128)
    lined[:, ::16] = 255
    Image.fromarray(flat).save(calm := tmp_path / "flat.png")
    kept = {}
    for name, pixels in (("dotted", dotted), ("lined", lined)):
        Image.fromarray(pixels).save(file := tmp_path / f"{name}.png")
        kept[name] = sky_edges(file, calm, printed=True) / sky_edges(file, calm)
    assert kept["dotted"] < 0.5
    assert kept["lined"] == pytest.approx(1, abs=0.05)
