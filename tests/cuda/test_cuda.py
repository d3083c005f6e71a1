"""On a GPU all is as on the CPU: losses, resuming, memory, several processes. make test-cuda."""

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import torch
from command import PATIENCE, SCRIPT, SMALL, inputs, run, started

from nst.config import Config, OptimizerConfig
from nst.errors import InputError
from nst.inputs.loading import load_levels
from nst.inputs.sources import input_files, network_file
from nst.method.objective import Objective, loss_and_gradient
from nst.method.synthesis import Result
from nst.method.vgg import VGG19, Preprocessing, random_weights
from nst.runs.checkpoint import NAME
from nst.runs.device import choose_precision, memory_needed, prepare_process, response_type
from nst.runs.pipeline import compute, run_levels
from nst.runs.progress import ImageProgress

# NST_TEST_DEVICE=cpu rehearses what needs no GPU by itself.
DEVICE = torch.device(os.environ.get("NST_TEST_DEVICE", "cuda"))
CPU = torch.device("cpu")
pytestmark = pytest.mark.skipif(
    DEVICE.type == "cuda" and not torch.cuda.is_available(), reason="needs a GPU of NVIDIA's"
)
gpu = pytest.mark.skipif(DEVICE.type != "cuda", reason="about a GPU")
STYLE = ["conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1"]
# Relative error of loss and gradient beside the CPU's float32: besides rounding, a response near 0
# is cut off in one and not in the other.
TOLERANCE = {"float32": (1e-4, 3e-3), "tf32": (5e-3, 0.1), "bfloat16": (0.03, 0.4)}
PRECISIONS = [pytest.param(name, marks=gpu if name == "tf32" else ()) for name in TOLERANCE]
OPTIMIZERS = {
    "lbfgs": OptimizerConfig("lbfgs", 20, 1.0, 0.1, 0.01),
    "lbfgsb": OptimizerConfig("lbfgsb", 20, 0.0, 0.05),
    "adam": OptimizerConfig("adam", learning_rate=0.02),
}


@pytest.fixture(autouse=True)
def prepared() -> Iterator[None]:
    """A process as the commands set it up for float32."""
    prepare_process("float32")
    yield
    prepare_process("float32")


@pytest.fixture
def small(config: Config) -> Config:
    network = replace(config.network, width=0.25)
    return replace(config, network=network, size=64, style_layers=STYLE, device=str(DEVICE))


def folder_of(config: Config) -> Path:
    return Path(config.output) / "demo" / "images" / str(config.cell)


@pytest.mark.parametrize("loss_scaling", ["literal", "relative"])
@pytest.mark.parametrize("precision", PRECISIONS)
def test_loss_and_gradient_are_the_cpus(precision: str, loss_scaling: str) -> None:
    weights = random_weights(1 / 2, seed=1)
    images = torch.rand(3, 1, 3, 72, 100, generator=torch.Generator().manual_seed(0))

    def evaluate(device: torch.device, precision: str) -> tuple[float, torch.Tensor]:
        prepare_process(precision)
        network = VGG19(weights, Preprocessing(mean=(0.4, 0.5, 0.6), bgr=True), deepest="conv5_1")
        network = network.to(device, response_type(precision))
        photograph, artwork, x = images.to(device)
        layers = (["conv4_2"], STYLE)
        objective = Objective(network, photograph, artwork, 1.0, 1.0, *layers, loss_scaling)
        losses, gradient = loss_and_gradient(objective, x)
        return losses.total.item(), gradient.cpu()

    loss, gradient = evaluate(DEVICE, precision)
    expected, exact = evaluate(CPU, "float32")
    errors = abs(loss / expected - 1), ((gradient - exact).norm() / exact.norm()).item()
    print(f"{precision} {loss_scaling}: loss {errors[0]:.1e}, gradient {errors[1]:.1e}")
    assert errors[0] <= TOLERANCE[precision][0]
    assert errors[1] <= TOLERANCE[precision][1]


def synthesized(config: Config, device: torch.device) -> Result:
    levels = load_levels(config, input_files(config))
    return run_levels(config, network_file(config), levels, device)


@pytest.mark.parametrize("loss_scaling", ["literal", "relative"])
@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_run_has_the_losses_of_the_cpus(
    optimizer: str, precision: str, loss_scaling: str, small: Config
) -> None:
    def totals(device: torch.device, precision: str) -> torch.Tensor:
        prepare_process(precision)
        config = replace(small, loss_scaling=loss_scaling, optimizer=OPTIMIZERS[optimizer],
                         evaluations=4, precision=precision)  # fmt: skip
        result = synthesized(config, device)
        assert result.image.device.type == device.type
        assert result.evaluations == 4
        return torch.tensor([row["total"] for row in result.losses], dtype=torch.float64)

    found, expected = totals(DEVICE, precision), totals(CPU, "float32")
    errors = (found / expected - 1).abs()
    print(f"{optimizer} {precision} {loss_scaling}: {errors.tolist()}")
    assert found.min() < found[0], "it does not descend"
    # Rounded, a line search may soon go another way.
    assert errors[: None if precision == "float32" else 1].max() <= TOLERANCE[precision][0]


def test_a_record_names_the_precision_that_was_in_force(tmp_path: Path) -> None:
    """Wide layers, for which cuDNN has TF32; all cells in one process, and each order of two."""
    names = ["auto", "float32", "bfloat16", *(["tf32"] if DEVICE.type == "cuda" else [])]
    folder, first = inputs(tmp_path / "folder"), {}
    for order in (names, names[::-1]):
        ran = run(folder, "-m", *SMALL, "network.width=0.5", "size=96", "evaluations=1",
                  f"device={DEVICE}", f"precision={','.join(order)}", "cell=${precision}",
                  "overwrite=true")  # fmt: skip
        assert ran.code == 0, ran.err
        for name in order:
            cell = folder / "outputs/demo/images" / name
            loss = pd.read_csv(cell / "losses.csv")["total"][0]
            assert first.setdefault(name, loss) == loss, f"{name} depends on what ran before it"
            record = json.loads((cell / "record.json").read_bytes())
            assert record["precision"] == choose_precision(name, DEVICE)
    print(first)
    assert first["auto"] == first[choose_precision("auto", DEVICE)]
    assert first["bfloat16"] != first["float32"]
    if "tf32" in first:
        assert 1e-7 < abs(first["tf32"] / first["float32"] - 1) < TOLERANCE["tf32"][0]


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_run_that_was_stopped_ends_with_the_bytes_of_one_that_was_not(
    optimizer: str, small: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = replace(small, optimizer=OPTIMIZERS[optimizer], evaluations=30, checkpoint_every=1e-9)
    whole, halved = replace(small, cell="whole"), replace(small, cell="halved")
    compute(whole)
    seen: list[object] = []

    def stop(self: ImageProgress, row: dict[str, float]) -> None:
        seen.append(row)
        if len(seen) == 17:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(ImageProgress, "__call__", stop)
        with pytest.raises(KeyboardInterrupt):
            compute(halved)
        keeps = optimizer != "lbfgsb"  # scipy's begins again
        assert (folder_of(halved) / NAME).exists() == keeps
        compute(halved)
    assert len(seen) < 17 + 30 if keeps else len(seen) == 17 + 30
    tables = [pd.read_csv(folder_of(c) / "losses.csv").drop(columns="seconds")
              for c in (whole, halved)]  # fmt: skip
    pd.testing.assert_frame_equal(*tables, check_exact=True)
    pictures = [(folder_of(config) / "image.png").read_bytes() for config in (whole, halved)]
    assert pictures[0] == pictures[1]


@gpu
@pytest.mark.parametrize(("optimizer", "precision", "size", "evaluations"), [
    ("lbfgs", "float32", 512, 25), ("lbfgs", "tf32", 512, 25), ("lbfgs", "tf32", 1024, 3),
    ("lbfgs", "bfloat16", 512, 3), ("lbfgsb", "tf32", 512, 3), ("adam", "tf32", 512, 3),
])  # fmt: skip
def test_the_estimate_of_memory_is_within_a_factor_of_2_of_the_peak(
    optimizer: str, precision: str, size: int, evaluations: int, small: Config
) -> None:
    prepare_process(precision)
    config = replace(small, network=replace(small.network, width=1.0), size=size,
                     optimizer=OPTIMIZERS[optimizer], evaluations=evaluations,
                     precision=precision)  # fmt: skip
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.memory_allocated()
    synthesized(config, DEVICE)
    measured = torch.cuda.max_memory_allocated() - before
    needed = memory_needed(config, "cuda")
    print(f"{optimizer} {precision} {size}: {needed / 1e6:.0f} MB estimated, "
          f"{measured / 1e6:.0f} MB measured, {needed / measured:.2f}")  # fmt: skip
    assert 0.5 < needed / measured < 2


@gpu
def test_memory_that_runs_out_is_one_line_with_the_remedy_and_the_next_run_goes_on(
    small: Config,
) -> None:
    large = replace(small, network=replace(small.network, width=1.0), size=1024, cell="large")
    torch.cuda.empty_cache()
    limit = torch.cuda.memory_reserved() + 200 * 2**20
    whole = torch.cuda.get_device_properties(DEVICE).total_memory
    torch.cuda.set_per_process_memory_fraction(limit / whole)
    try:
        with pytest.raises(InputError, match=r"out of memory: set a smaller size.*device=cpu"):
            compute(large)
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
    assert not (folder_of(large) / "record.json").exists()
    compute(small)
    with pytest.raises(InputError, match=r"GB free: set a smaller size.*device=cpu"):
        compute(replace(small, size=24_000, cell="larger"))


def test_two_processes_share_a_gpu_and_give_the_bytes_of_one(tmp_path: Path) -> None:
    one, two = inputs(tmp_path / "one"), inputs(tmp_path / "two")
    sweep = ("-m", *SMALL, "size=48", "evaluations=40", f"device={DEVICE}", "cell=${seed}")
    with (
        started(SCRIPT, *sweep, "seed=0,1,2,3", cwd=two) as first,
        started(SCRIPT, *sweep, "seed=3,2,1,0", cwd=two) as second,
    ):
        assert run(one, *sweep, "seed=0,1,2,3").code == 0
        for process in (first, second):
            _, err = process.communicate(timeout=PATIENCE)
            assert process.returncode == 0, err
    for seed in range(4):
        file = Path("outputs/demo/images") / str(seed) / "image.png"
        assert (one / file).read_bytes() == (two / file).read_bytes()
