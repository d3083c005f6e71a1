"""Training: deterministic, resumable, and its result is the network that was trained."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from hydra import compose
from hydra.core.config_store import ConfigStore
from omegaconf import OmegaConf
from PIL import Image
from safetensors.torch import load_file

from nst.config import TrainingConfig
from nst.method.vgg import CONVOLUTIONS, VGG19
from nst.training.batches import load_photographs, make_batch
from nst.training.network import TrainingVGG, fold
from nst.training.readouts import ORIENTATIONS, on_grid, oriented_energies

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two classes of three pictures each."""
    folder, rng = tmp_path_factory.mktemp("photographs"), np.random.default_rng(0)
    for k in range(6):
        path = folder / f"class{k % 2}" / f"{k}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(rng.integers(0, 255, (40, 50, 3), dtype=np.uint8)).save(path)
    return folder


def train(data: Path, output: Path, *overrides: str) -> subprocess.CompletedProcess[str]:
    settings = ["width=0.0625", "batch=4", "large_batch=2", "pixels=32", "large_pixels=64"]
    command = [sys.executable, "scripts/train.py", f"data={data}", f"output={output}", "warmup=2"]
    return subprocess.run(
        [*command, *settings, *overrides],
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "2"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_run_is_deterministic_and_an_interrupted_one_ends_with_the_same_bytes(
    photographs: Path, tmp_path: Path
) -> None:
    whole = train(photographs, tmp_path / "whole", "steps=6", "checkpoint_every=4")
    assert whole.returncode == 0, whole.stderr
    expected = (tmp_path / "whole" / "weights.safetensors").read_bytes()
    # Go on from the checkpoint of step 4, as after a crash at step 5.
    (tmp_path / "whole" / "weights.safetensors").unlink()
    assert train(photographs, tmp_path / "whole", "steps=6").returncode == 0
    assert (tmp_path / "whole" / "weights.safetensors").read_bytes() == expected
    assert train(photographs, tmp_path / "again", "steps=6").returncode == 0
    assert (tmp_path / "again" / "weights.safetensors").read_bytes() == expected
    weights = load_file(tmp_path / "again" / "weights.safetensors")
    assert {key.split(".")[0] for key in weights} == set(CONVOLUTIONS)
    assert all(w.dtype == torch.float16 and w.isfinite().all() for w in weights.values())


def test_a_folder_without_photographs_is_one_line(tmp_path: Path) -> None:
    result = train(tmp_path, tmp_path / "out", "steps=1")
    assert result.returncode != 0
    assert result.stderr.count("\n") == 1
    assert "data=" in result.stderr
    assert not (tmp_path / "out").exists()


def test_folding_leaves_the_function_unchanged() -> None:
    torch.manual_seed(0)
    net = TrainingVGG(1 / 16, 2, 2, ["conv2_1", "conv5_1"])
    with torch.no_grad():
        for norm in net.norms.values():
            norm.running_mean.uniform_(-1, 1)
            norm.running_var.uniform_(0.5, 2)
            norm.weight.uniform_(0.5, 2)
            norm.bias.uniform_(-1, 1)
    net.eval()
    x = torch.rand(1, 3, 32, 32)
    _, expected = net(x)
    responses = VGG19(fold(net))(x, ["conv2_1", "conv5_1"])
    for name, response in responses.items():
        torch.testing.assert_close(response, expected[name], rtol=1e-4, atol=1e-5)


@pytest.mark.usefixtures("hydra_configs")
def test_a_batch_depends_on_seed_and_step_alone(photographs: Path) -> None:
    ConfigStore.instance().store(name="train_schema", node=TrainingConfig)
    config = OmegaConf.to_object(compose("train", ["batch=4", "pixels=32"]))
    assert isinstance(config, TrainingConfig)
    loaded = load_photographs(photographs)
    first, other, again = (make_batch(loaded, config, step) for step in (3, 4, 3))
    assert torch.equal(first[0], again[0])
    assert not torch.equal(first[0], other[0])
    assert first[0].shape == (4, 3, 32, 32)
    assert first[0].min() >= 0
    assert first[0].max() <= 1


def test_energies_tell_orientation_and_scale() -> None:
    y, x = torch.meshgrid(torch.arange(64.0), torch.arange(64.0), indexing="ij")
    waves = [torch.sin(2 * torch.pi * x / 3.5), torch.sin(2 * torch.pi * y / 7.0)]
    energies = oriented_energies(torch.stack(waves)[:, None].expand(2, 3, 64, 64), 2)
    means = torch.stack([e[:, :ORIENTATIONS].mean((2, 3)) for e in energies], 1)  # image, octave, k
    assert means[0].flatten().argmax() == 0  # fine octave, along x
    assert means[1].flatten().argmax() == ORIENTATIONS + ORIENTATIONS // 2  # coarse, along y


def test_energies_on_a_grid_are_standardized() -> None:
    target = on_grid(oriented_energies(torch.rand(2, 3, 32, 32), 2), 2)
    assert target.shape == (2, 6 * ORIENTATIONS, 8, 8)
    torch.testing.assert_close(target.mean((0, 2, 3)), torch.zeros(36), atol=1e-4, rtol=0)
