"""What alpha/beta means does not change with the image's size, or with the scale of responses."""

import runpy
from pathlib import Path

import pandas as pd
import pytest
import torch

from nst.checkpoints import read_weights
from nst.vgg import CONVOLUTIONS, VGG19, Preprocessing
from nst.weights import ASSETS, Weights, normalize, random_weights

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = runpy.run_path(str(ROOT / "scripts" / "convention.py"))
PREPROCESSING: Preprocessing = SCRIPT["PREPROCESSING"]
EMBEDDED = ASSETS / "embedded.safetensors"


def balances(weights: Weights, size: int) -> dict[tuple[str, str], float]:
    found: dict[tuple[str, str], float] = SCRIPT["balances"](
        VGG19(weights, PREPROCESSING, deepest="conv5_1"), size
    )
    return found


@pytest.mark.parametrize("name", ["embedded", "random"])
def test_the_authors_balance_does_not_change_with_the_size_and_the_literal_one_does(
    name: str,
) -> None:
    if name == "embedded" and not EMBEDDED.is_file():
        pytest.skip(f"no weights at {EMBEDDED}")
    weights = read_weights(EMBEDDED) if name == "embedded" else random_weights(1 / 8)
    small, large = balances(weights, 96), balances(weights, 288)
    for at in ("noise", "photograph"):
        change = {
            kind: large[at, kind] / small[at, kind] for kind in ("authors", "literal")
        }  # nine times the positions
        assert 0.5 < change["authors"] < 2
        assert change["literal"] == pytest.approx(9 * change["authors"], rel=0.05)


def rescaled(weights: Weights, generator: torch.Generator) -> Weights:
    """The same function with each filter's response multiplied by a factor of its own."""
    found, before = {}, torch.ones(3)
    for name in CONVOLUTIONS:
        W, b = weights[f"{name}.weight"], weights[f"{name}.bias"]
        factors = 10 ** (2 * torch.rand(len(b), generator=generator) - 1)
        found[f"{name}.weight"] = W * factors[:, None, None, None] / before[:, None, None]
        found[f"{name}.bias"] = b * factors
        before = factors
    return found


def test_normalized_weights_do_not_depend_on_the_scale_of_their_filters() -> None:
    generator = torch.Generator().manual_seed(0)
    images = [torch.rand(1, 3, 64, 64, generator=generator) for _ in range(2)]
    weights = {name: value.abs() for name, value in random_weights(1 / 16).items()}  # all respond
    other = rescaled(weights, generator)
    first, second = (normalize(each, Preprocessing(), images) for each in (weights, other))
    for name, value in first.items():
        torch.testing.assert_close(second[name], value, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("convention", ["authors", "literal"])
def test_without_normalization_the_balance_falls_with_the_square_of_the_responses(
    convention: str,
) -> None:
    weights = random_weights(1 / 8)
    plain, scaled = (balances(each, 64) for each in (weights, SCRIPT["scaled"](weights, 10.0)))
    for at in ("noise", "photograph"):
        assert scaled[at, convention] == pytest.approx(plain[at, convention] / 100, rel=1e-2)


def test_the_committed_table_shows_it_but_for_normalized_random_weights() -> None:
    table = pd.read_csv(ROOT / "results" / "convention.csv")
    holds = ~table["weights"].str.fullmatch("random.*, normalized")
    authors = table[holds & (table["convention"] == "authors")]
    literal = table[holds & (table["convention"] == "literal")]
    assert len(authors) == len(literal) == 10
    assert authors["range"].max() < 2
    assert literal["range"].min() > 10
