"""The painted artworks: deterministic, the same at every size, and equal to the committed files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studies.painting import HEIGHTS, PAINTINGS

ARTWORKS = Path(__file__).resolve().parents[1] / "nst" / "assets" / "artworks"
NAMES = sorted(PAINTINGS)
SMALL = 96


def difference(a: np.ndarray, b: np.ndarray) -> float:
    """Mean absolute difference in grey levels of 255."""
    return float(np.abs(a.astype(float) - b.astype(float)).mean())


def committed(name: str) -> np.ndarray:
    return np.asarray(Image.open(ARTWORKS / f"{name}.jpg").convert("RGB"))


@pytest.fixture(scope="module")
def small() -> dict[str, np.ndarray]:
    return {name: PAINTINGS[name](SMALL) for name in NAMES}


@pytest.fixture(scope="module")
def full() -> dict[str, np.ndarray]:
    return {name: PAINTINGS[name](HEIGHTS[name]) for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_one_seed_gives_one_picture(name: str, small: dict[str, np.ndarray]) -> None:
    assert small[name].dtype == np.uint8
    assert small[name].shape[0] == SMALL and small[name].shape[2] == 3
    np.testing.assert_array_equal(PAINTINGS[name](SMALL, seed=0), small[name])


@pytest.mark.parametrize("name", NAMES)
def test_another_seed_gives_another_picture(name: str, small: dict[str, np.ndarray]) -> None:
    assert difference(PAINTINGS[name](SMALL, seed=1), small[name]) > 15


@pytest.mark.parametrize("name", NAMES)
def test_the_picture_is_the_same_at_every_height(
    name: str, small: dict[str, np.ndarray], full: dict[str, np.ndarray]
) -> None:
    direct = small[name]
    large = Image.fromarray(full[name])
    reduced = np.asarray(large.resize(direct.shape[1::-1], Image.Resampling.BOX))
    unrelated = difference(reduced[:, ::-1], direct)  # the same colours elsewhere
    assert difference(reduced, direct) < 0.25 * unrelated


@pytest.mark.parametrize("name", NAMES)
def test_the_committed_file_is_what_the_code_paints(name: str, full: dict[str, np.ndarray]) -> None:
    file = committed(name)
    assert file.shape[0] == HEIGHTS[name]
    assert difference(full[name], file) < 7  # of which a JPEG takes 2 to 6


@pytest.mark.parametrize("name", NAMES)
def test_the_committed_file_is_small_but_large_enough(name: str) -> None:
    assert (ARTWORKS / f"{name}.jpg").stat().st_size < 300_000
    assert min(committed(name).shape[:2]) >= 512
