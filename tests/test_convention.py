"""What alpha/beta means does not change with the image's size, or with the scale of responses."""

import runpy
from pathlib import Path

import pandas as pd
import pytest
import torch

from nst.checkpoints import read_weights
from nst.images import load_image
from nst.vgg import MINIMUM_PIXELS, VGG19, Preprocessing
from nst.weights import ASSETS, Weights, normalize, random_weights, reference_files

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = runpy.run_path(str(ROOT / "scripts" / "convention.py"))
PREPROCESSING: Preprocessing = SCRIPT["PREPROCESSING"]
EMBEDDED = ASSETS / "embedded.safetensors"


def balances(weights: Weights, size: int) -> dict[tuple[str, str], float]:
    found: dict[tuple[str, str], float] = SCRIPT["balances"](
        VGG19(weights, PREPROCESSING, deepest="conv5_1"), size
    )
    return found


def embedded() -> Weights:
    if not EMBEDDED.is_file():
        pytest.skip(f"no weights at {EMBEDDED}")
    return read_weights(EMBEDDED)


@pytest.mark.parametrize("name", ["embedded", "random"])
def test_the_authors_balance_does_not_change_with_the_size_and_the_literal_one_does(
    name: str,
) -> None:
    weights = embedded() if name == "embedded" else random_weights(1 / 8)
    small, large = balances(weights, 96), balances(weights, 288)
    for at in ("noise", "photograph"):
        change = {
            kind: large[at, kind] / small[at, kind] for kind in ("authors", "literal")
        }  # nine times the positions
        assert 0.5 < change["authors"] < 2
        assert change["literal"] == pytest.approx(9 * change["authors"], rel=0.05)


def test_normalized_weights_do_not_depend_on_the_scale_of_their_filters() -> None:
    generator = torch.Generator().manual_seed(0)
    images = [torch.rand(1, 3, 64, 64, generator=generator) for _ in range(2)]
    weights = random_weights(1 / 16)
    other = SCRIPT["rescaled"](weights)
    first, second = (normalize(each, Preprocessing(), images) for each in (weights, other))
    for name, value in first.items():
        torch.testing.assert_close(second[name], value, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("seed", [0, 1])
def test_other_features_have_a_balance_of_the_same_order_once_normalized(seed: int) -> None:
    references = [load_image(path, 112, MINIMUM_PIXELS) for path in reference_files()]
    weights = normalize(random_weights(1 / 8, seed), PREPROCESSING, references)
    trained, drawn = balances(embedded(), 96), balances(weights, 96)
    for at in ("noise", "photograph"):
        assert 1 / 6 < drawn[at, "authors"] / trained[at, "authors"] < 6


@pytest.mark.parametrize("convention", ["authors", "literal"])
def test_without_normalization_the_balance_falls_with_the_square_of_the_responses(
    convention: str,
) -> None:
    weights = random_weights(1 / 8)
    plain, scaled = (balances(each, 64) for each in (weights, SCRIPT["scaled"](weights, 10.0)))
    for at in ("noise", "photograph"):
        assert scaled[at, convention] == pytest.approx(plain[at, convention] / 100, rel=1e-2)


def committed(convention: str) -> pd.DataFrame:
    """The committed table under one reading: weights and x, by sizes."""
    table = pd.read_csv(ROOT / "results" / "convention.csv")
    rows = table[table["convention"] == convention].set_index(["weights", "at"])
    return rows[["128 px", "256 px", "512 px"]]


def test_the_committed_table_shows_that_size_matters_to_the_literal_reading_alone() -> None:
    authors, literal = committed("authors"), committed("literal")
    change = authors["512 px"] / authors["128 px"]
    noise = change.xs("noise", level="at").filter(regex="normalized|drawn")
    assert len(noise) == 14
    assert noise.between(0.5, 2).all()
    assert change["embedded, normalized"].between(0.5, 2).all()
    positions = (literal["512 px"] / literal["128 px"]) / change
    assert positions.between(14, 18).all()  # 16 times as many


def test_the_committed_table_shows_what_normalization_makes_alike() -> None:
    authors = committed("authors")
    trained = authors.loc["embedded, normalized"]
    again = authors.loc["embedded, filters x 0.1 to 10, normalized"]
    before = authors.loc["embedded, filters x 0.1 to 10"]
    assert ((again / trained) - 1).abs().max().max() < 0.02
    assert (trained / before).min().min() > 4
    drawn = authors.filter(regex="random.*, normalized", axis=0)
    assert len(drawn) == 2 * 9
    for at in ("noise", "photograph"):
        ratio = drawn.xs(at, level="at") / trained.loc[at]
        assert ratio.min().min() > 1 / 6 and ratio.max().max() < 6
