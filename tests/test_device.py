"""Each way of computing gives the loss and gradient of plain float64 code, within its precision."""

from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from nst.config import Config
from nst.errors import InputError
from nst.inputs.weights import ASSETS, Weights, read_weights
from nst.method.objective import Objective
from nst.method.vgg import LAYERS, VGG19, Preprocessing
from nst.runs.device import (
    choose_precision,
    convolving,
    cpu_has_bfloat16,
    response_type,
)
from nst.runs.objectives import make_objective
from nst.runs.pipeline import compute
from nst.runs.records import read_record

CONTENT, STYLE = "conv4_2", ["conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1"]
PREPROCESSING = Preprocessing(255.0, (103.939, 116.779, 123.68), bgr=True)
ALPHA, BETA = 1.0, 1.0  # about as much of either
# Relative error of loss and gradient: a response of bfloat16 has 8 bits, and 13 layers add up.
TOLERANCE = {"float32": (1e-5, 1e-4), "bfloat16": (0.01, 0.03)}


def plain_responses(weights: Weights, x: Tensor, on: dict[str, Tensor]) -> dict[str, Tensor]:
    """F^l of all layers in float64, written without the package's network.

    `on` says which responses are not cut off at 0, where there is such a layer: one within rounding
    of 0 is on in float32 and off in float64, and such a gate alone changes gradients by 5e-4.
    """
    mean = torch.tensor(PREPROCESSING.mean, dtype=torch.float64).view(1, 3, 1, 1)
    x, responses = 255 * x.flip(1) - mean, {}
    for name in LAYERS[: LAYERS.index("conv5_1") + 1]:
        if name.startswith("pool"):
            x = F.avg_pool2d(x, 2, ceil_mode=True)
        else:
            W, b = weights[f"{name}.weight"].double(), weights[f"{name}.bias"].double()
            x = F.conv2d(x, W, b, padding=1)
            x = x * on[name] if name in on else F.relu(x)
        responses[name] = x
    return responses


def plain_loss(
    weights: Weights, x: Tensor, photograph: Tensor, artwork: Tensor, on: dict[str, Tensor]
) -> Tensor:
    """Eq. (7) as printed; `on` as in `plain_responses`, of x."""
    of_x = plain_responses(weights, x.double(), on)
    of_photograph, of_artwork = (
        plain_responses(weights, image.double(), {}) for image in (photograph, artwork)
    )
    loss = ALPHA / 2 * (of_x[CONTENT] - of_photograph[CONTENT]).square().sum()
    for name in STYLE:
        G, A = (
            torch.einsum("nihw,njhw->ij", r[name], r[name]) / r[name][0, 0].numel()
            for r in (of_x, of_artwork)
        )
        loss = loss + BETA / 4 * (G - A).square().mean() / len(STYLE)
    return loss


@pytest.fixture(scope="module")
def embedded() -> Weights:
    return read_weights(ASSETS / "embedded.safetensors")


@pytest.mark.parametrize("precision", TOLERANCE)
@pytest.mark.parametrize("seed", range(3))
def test_loss_and_gradient_are_those_of_plain_float64_code(
    precision: str, seed: int, embedded: Weights
) -> None:
    generator = torch.Generator().manual_seed(seed)
    photograph, artwork, x = (
        F.interpolate(torch.rand(1, 3, 12, 12, generator=generator), (h, w), mode="bicubic")
        for h, w in ((48, 64), (56, 48), (48, 64))
    )
    network = VGG19(embedded, PREPROCESSING, deepest="conv5_1").to(response_type(precision))
    objective = Objective(network, photograph, artwork, ALPHA, BETA, [CONTENT], STYLE)
    found, expected = x.clone().requires_grad_(), x.double().requires_grad_()
    loss = objective(found).total
    on = {name: F > 0 for name, F in network(x, network.layers).items()}
    reference = plain_loss(embedded, expected, photograph, artwork, on)
    (gradient,) = torch.autograd.grad(loss.sum(), found)
    (exact,) = torch.autograd.grad(reference, expected)
    assert loss.dtype == gradient.dtype == torch.float32
    loss_error, gradient_error = TOLERANCE[precision]
    assert loss.item() == pytest.approx(reference.item(), rel=loss_error)
    assert (gradient - exact).norm() <= gradient_error * exact.norm()


def test_returned_responses_are_float32(embedded: Weights) -> None:
    network = VGG19(embedded, deepest="conv2_1").to(torch.bfloat16)
    assert network(torch.rand(1, 3, 16, 16), ["conv2_1"])["conv2_1"].dtype == torch.float32


def test_auto_takes_bfloat16_where_the_processor_has_it() -> None:
    cpu = torch.device("cpu")
    assert choose_precision("auto", cpu) == ("bfloat16" if cpu_has_bfloat16() else "float32")
    assert choose_precision("float32", cpu) == "float32"


def test_the_record_says_which_precision_auto_was(config: Config) -> None:
    config.precision = "auto"
    compute(config)
    record = read_record(Path(config.output) / "demo" / "images" / str(config.cell))
    assert record is not None
    assert record["precision"] == choose_precision("auto", torch.device("cpu"))
    assert record["settings"]["precision"] == "auto"


def test_tf32_is_allowed_only_while_it_is_the_precision() -> None:
    before = torch.backends.cudnn.allow_tf32
    for precision in ("tf32", "float32", "bfloat16"):
        with convolving(precision):
            assert torch.backends.cudnn.allow_tf32 == (precision == "tf32")
        assert torch.backends.cudnn.allow_tf32 == before


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
def test_on_a_gpu_auto_computes_in_what_the_record_says(config: Config) -> None:
    losses = {}
    for precision in ("auto", "float32", "tf32"):
        config.precision, config.device, config.cell = precision, "cuda", precision
        compute(config)
        record = read_record(Path(config.output) / "demo" / "images" / precision)
        assert record is not None
        expected = choose_precision("auto", torch.device("cuda"))
        assert record["precision"] == (expected if precision == "auto" else precision)
        losses[precision] = record["losses"]["total"]
    assert losses["auto"] == losses[choose_precision("auto", torch.device("cuda"))]
    assert losses["tf32"] != losses["float32"]


def test_both_precisions_of_a_run_that_bfloat16_did_not_finish_are_recorded(config: Config) -> None:
    config.precision, config.evaluations = "bfloat16", 60
    config.optimizer.name, config.tolerance = "lbfgs", None
    compute(config)
    record = read_record(Path(config.output) / "demo" / "images" / str(config.cell))
    assert record is not None
    levels = 1 + (record["losses"]["level"] == 2)
    assert record["precision"] == ", ".join(["bfloat16", "float32"][:levels])


def test_no_objective_is_made_for_a_level_without_budget(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []

    def make(*arguments: object) -> Objective:
        made.append(arguments[-1])
        return make_objective(*arguments)  # type: ignore[arg-type]

    # Patches ours, to count the objectives that are made.
    monkeypatch.setattr("nst.runs.pipeline.make_objective", make)
    config.precision = "bfloat16"
    compute(config)
    assert made == ["bfloat16"]


def test_tf32_on_a_processor_is_refused(config: Config) -> None:
    config.precision = "tf32"
    with pytest.raises(InputError, match="precision=tf32 needs a recent GPU, not cpu"):
        compute(config)
