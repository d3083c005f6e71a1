"""The losses that the authors published for one image, with the weights that they used.

Oxford weights as they are (not normalized), Neckarfront in the style of The Starry Night at an
area of 512^2, from the photograph, after 500 iterations of L-BFGS; style weights 1e3 / N^2 a
layer, content weight 1. Source: the notebooks of https://github.com/leongatys/NeuralImageSynthesis
"""

import os
from pathlib import Path

import pytest
import torch

from nst.checkpoints import read_weights
from nst.images import load_image
from nst.losses import content_factor, style_factor
from nst.objective import Losses, Objective
from nst.pipeline import choose_device
from nst.vgg import VGG19, Preprocessing

DATA = Path(__file__).resolve().parents[1] / "data"
STYLE = {"conv1_1": 539.9, "conv2_1": 2173.6, "conv3_1": 3653.8, "conv4_1": 53720.3,
         "conv5_1": 3715.6}  # fmt: skip
CONTENT, TOTAL = 286966.9, 350770.1
OXFORD = Preprocessing(255.0, (103.939, 116.779, 123.68), bgr=True)


def weights_path() -> Path:
    """The Oxford weights, or the reason why there are none."""
    kept = sorted((DATA / "weights").glob("vgg19-d01eb7cb*"))
    path = Path(os.environ.get("NST_OXFORD") or (kept[0] if kept else DATA / "weights"))
    if not path.is_file():
        pytest.skip(f"no Oxford weights in {DATA / 'weights'}: set NST_OXFORD=FILE")
    for name in ("tubingen", "starry_night"):
        if not (DATA / f"{name}.jpg").is_file():
            pytest.skip(f"no {name}.jpg in {DATA}: make images")
    return path


def terms(objective: Objective, losses: Losses) -> dict[str, torch.Tensor]:
    """The authors' loss, term by term, from Eqs (1) and (4)."""
    N, M = objective.size(objective.get_buffer("P_conv4_2"))
    found = {"content": content_factor("authors", N, M) * losses.raw["content_conv4_2"].sum()}
    for name in STYLE:
        filters = objective.get_buffer(f"A_{name}").shape[-1]
        E = losses.raw[f"style_{name}"].sum()
        found[name] = 1e3 / filters**2 * style_factor("authors") * E
    return found


@pytest.mark.golden
def test_the_authors_losses_are_reached() -> None:
    device = choose_device("auto")
    network = VGG19(read_weights(weights_path()), OXFORD, deepest="conv5_1").to(device)
    photograph, artwork = (
        load_image(DATA / f"{name}.jpg", 512, 16).to(device)
        for name in ("tubingen", "starry_night")
    )
    objective = Objective(
        network, photograph, artwork, 1.0, 1.0, ["conv4_2"], list(STYLE), "literal"
    )
    x = (255 * photograph).requires_grad_()  # the first step depends on units
    optimizer = torch.optim.LBFGS([x], max_iter=500, tolerance_grad=0, tolerance_change=0)

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        total = torch.stack(list(terms(objective, objective(x / 255)).values())).sum()
        total.backward()
        return total

    optimizer.step(closure)
    with torch.no_grad():
        found = {name: v.item() for name, v in terms(objective, objective(x / 255)).items()}
    assert sum(found.values()) == pytest.approx(TOTAL, rel=0.1)
    assert found["content"] == pytest.approx(CONTENT, rel=0.1)
    for name, value in STYLE.items():
        assert found[name] == pytest.approx(value, rel=0.5), name
