"""Distilling a student: deterministic, resumable, and exact where it can be."""

import os
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from composing import hydra_initialized
from hydra import compose
from hydra.core.config_store import ConfigStore
from omegaconf import OmegaConf
from PIL import Image
from safetensors.torch import load_file, save_file

from nst.errors import InputError
from nst.inputs.weights import Weights, read_weights
from nst.method.vgg import CONVOLUTIONS, VGG19, random_weights
from nst.runs.checkpoint import Checkpoint
from studies.training.learning import learn
from studies.training.pictures import KINDS, find_photographs, make_picture
from studies.training.student import (
    PREPROCESSING,
    TrainingConfig,
    choose_filters,
    fit,
    least_squares,
    relative_errors,
)

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def teacher() -> Weights:
    """Biases are not zero, or a student without would do."""
    weights = random_weights(1 / 16, seed=1)
    rng = torch.Generator().manual_seed(2)
    for name in CONVOLUTIONS:
        weights[f"{name}.bias"] = torch.randn(weights[f"{name}.bias"].shape, generator=rng)
    return weights


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory, teacher: Weights) -> TrainingConfig:
    """15 s at most: 41 small photographs, half of a narrow teacher's filters."""
    folder, rng = tmp_path_factory.mktemp("training"), np.random.default_rng(0)
    for k in range(41):
        path = folder / "photographs" / f"class{k % 2}" / f"{k:02}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        coarse = Image.fromarray(rng.integers(0, 255, (9, 9, 3), dtype=np.uint8))
        coarse.resize((80, 70), Image.Resampling.BICUBIC).save(path)
    save_file(teacher, folder / "teacher.safetensors")
    ConfigStore.instance().store(name="train_schema", node=TrainingConfig)
    settings = [f"teacher={folder / 'teacher.safetensors'}", f"data={folder / 'photographs'}"]
    settings += ["widths=[0.5,0.5,0.5,0.5,0.5,0.25]", "report_every=50"]
    settings += ["pixels=64", "fitted=12", "positions=64", "steps=6", "measured=2"]
    with hydra_initialized():
        found = OmegaConf.to_object(compose("train", settings))
    assert isinstance(found, TrainingConfig)
    return found


def test_a_killed_training_goes_on_to_the_same_bytes(
    config: TrainingConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    often = partial(replace, config, checkpoint_every=1e-9, report_every=4)
    expected = learn(often(output=str(tmp_path / "whole"))).read_bytes()
    killed = often(output=str(tmp_path / "killed"))
    offer, left = Checkpoint.offer, [1] * 5

    def offer_then_die(self: Checkpoint, state: object) -> None:
        offer(self, state)  # type: ignore[arg-type]
        left.pop()
        if not left:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        # Patches our checkpoint to press Ctrl-C after it is offered.
        patched.setattr(Checkpoint, "offer", offer_then_die)
        with pytest.raises(KeyboardInterrupt):
            learn(killed)
    assert [path.name for path in (tmp_path / "killed").iterdir()] == ["checkpoint.pt"]
    monkeypatch.setattr("studies.training.learning.fit", None)  # not needed a second time
    assert learn(killed).read_bytes() == expected
    names = {"training.csv", "training.png", "weights.safetensors"}
    assert {path.name for path in (tmp_path / "killed").iterdir()} == names
    for name in names:
        there = [(tmp_path / folder / name).read_bytes() for folder in ("whole", "killed")]
        assert there[0] == there[1]


def test_the_student_is_narrower_and_its_errors_fall(
    config: TrainingConfig, teacher: Weights, tmp_path: Path
) -> None:
    config = replace(config, fitted=1, steps=60, report_every=30)
    path = learn(replace(config, output=str(tmp_path)))
    assert all(load_file(path)[f"{name}.weight"].dtype == torch.int8 for name in CONVOLUTIONS)
    student = read_weights(path)
    for name in CONVOLUTIONS:
        share = 4 if name > "conv5_1" else 2
        assert share * len(student[f"{name}.bias"]) == len(teacher[f"{name}.bias"])
    rows = np.genfromtxt(tmp_path / "training.csv", delimiter=",", names=True)
    assert rows["step"].tolist() == [0, 30, 60]
    assert rows["loss"][2] < rows["loss"][1]
    assert rows["conv4_1"][2] < 0.7 * rows["conv4_1"][0]


def test_duplicates_are_never_both_chosen() -> None:
    responses = torch.rand(4, 500, generator=torch.Generator().manual_seed(0))
    twice = torch.cat([responses, 3 * responses])
    chosen = choose_filters(twice @ twice.T, 4)
    assert sorted(k % 4 for k in chosen) == [0, 1, 2, 3]
    assert choose_filters(torch.zeros(3, 3), 2) == [0, 1]


def test_a_student_of_full_width_is_the_teacher(config: TrainingConfig, teacher: Weights) -> None:
    config = replace(config, widths=[1.0] * 6, ridge=1e-9, rounds=0, positions=1000)
    files, _ = find_photographs(Path(config.data))
    noise = partial(make_picture, files, {"white": 0.5, "noisy": 0.5}, 64, 0)
    student = fit(teacher, [noise(i) for i in range(24)], config)
    for name in CONVOLUTIONS:
        assert student.chosen[name] == list(range(len(teacher[f"{name}.bias"])))
    errors = relative_errors(student, VGG19(teacher, PREPROCESSING), [noise(100)])
    assert max(errors.values()) < 0.01


def test_what_lies_below_zero_does_not_matter_to_the_rounds() -> None:
    rng = torch.Generator().manual_seed(0)
    X = torch.cat([torch.randn(2000, 3, generator=rng), torch.ones(2000, 1)], 1)
    exact = X @ torch.tensor([[1.0], [-2.0], [0.5], [0.1]])
    Y = torch.where(exact < 0, exact * exact.abs(), exact)  # nothing linear below

    def error(rounds: int) -> float:
        found = (X @ least_squares(X, Y, 1e-9, rounds)).relu()
        return float((found - Y.relu()).norm() / Y.relu().norm())

    assert error(20) < 0.2 * error(0)


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_depends_on_seed_and_index_alone(config: TrainingConfig, kind: str) -> None:
    files, _ = find_photographs(Path(config.data))
    make = partial(make_picture, files, {kind: 1.0}, 48)
    first = make(0, 3)
    assert torch.equal(first, make(0, 3))
    assert not torch.equal(first, make(0, 4))
    assert not torch.equal(first, make(1, 3))
    assert first.shape == (1, 3, 48, 48) and first.dtype == torch.float32
    assert first.min() >= 0 and first.max() <= 1


def test_held_out_names_are_never_learned_from(config: TrainingConfig, tmp_path: Path) -> None:
    learned, held_out = find_photographs(Path(config.data))
    assert [path.name for path in held_out] == ["00.png", "20.png", "40.png"]
    assert len(learned) == 38 and not set(learned) & set(held_out)
    for name in ("a/1.jpg", "a/2.JPG", "b/c/1.jpg", "b/c/3.txt"):  # one photograph, cut twice
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert find_photographs(tmp_path)[0] == [tmp_path / "a/2.JPG"]


def train(*overrides: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "scripts/train.py", *overrides]
    env = os.environ | {"OMP_NUM_THREADS": "1"}
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)


def test_the_command_names_what_is_missing_in_one_line(tmp_path: Path) -> None:
    result = train(f"data={tmp_path}", f"output={tmp_path / 'out'}")
    assert result.returncode != 0 and result.stderr.count("\n") == 1
    assert "teacher" in result.stderr


def test_useless_inputs_are_refused_before_anything_is_written(
    config: TrainingConfig, tmp_path: Path
) -> None:
    config = replace(config, output=str(tmp_path / "out"))
    bad = tmp_path / "bad.safetensors"
    bad.write_bytes(b"no weights")
    for change, named in (
        ({"teacher": str(tmp_path / "none.pth")}, "teacher="),
        ({"teacher": str(bad)}, "bad.safetensors"),
        ({"data": str(tmp_path)}, "data="),
        ({"kinds": {"cubist": 1.0}}, "cubist"),
        ({"widths": [0.5]}, "widths="),
    ):
        with pytest.raises(InputError, match=named) as error:
            learn(replace(config, **change))
        assert "\n" not in str(error.value)
    assert not (tmp_path / "out").exists()
