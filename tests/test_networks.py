"""What scripts/measure.py reports on a network: finite numbers; a teacher matches itself."""

import math
from pathlib import Path

import pytest
from safetensors.torch import save_file

from nst.errors import InputError
from nst.files import ASSETS
from nst.inputs.weightfiles import read_weights
from studies.measures.networks import network_row, teacher_row

EMBEDDED = ASSETS / "embedded.safetensors"
SETTINGS = ["size=32", "evaluations=6", "precision=float32"]


def test_a_network_has_one_row_of_finite_numbers() -> None:
    row = network_row("embedded", SETTINGS)
    assert row.pop("network") == "embedded"
    assert row.pop("schedule")
    assert all(math.isfinite(value) for value in row.values())
    assert row["content_a_psnr"] > row["content_e_psnr"], "deeper responses say less of pixels"


def test_the_gradients_of_a_teacher_are_its_own(tmp_path: Path) -> None:
    teacher = tmp_path / "teacher.safetensors"  # without the notes of a student
    save_file(dict(read_weights(EMBEDDED)), teacher)
    same = teacher_row(f"oxford={teacher}", SETTINGS, teacher, tmp_path)
    other = teacher_row("random", SETTINGS, teacher, tmp_path)
    assert same["cosine_5"] == pytest.approx(1)
    assert abs(other["cosine_5"]) < 0.8


def test_a_student_is_compared_on_photographs_alone(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no photographs in"):
        teacher_row("embedded", SETTINGS, EMBEDDED, tmp_path)
