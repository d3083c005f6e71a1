"""How many cells are computed at once, where it is left to the machine."""

from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch

from nst.config import Config
from nst.runs.device import GIGABYTE, memory_free, memory_needed
from nst.runs.planning import at_once, prepare
from nst.runs.progress import Plan

joblib = pytest.mark.skipif(not find_spec("joblib"), reason="needs the extra: make joblib")


def plan_of(config: Config, tmp_path: Path, cells: int) -> Plan:
    return Plan({tmp_path / str(i): replace(config, cell=str(i)) for i in range(cells)}, cells)


@pytest.fixture
def four_threads() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(4)
    yield
    torch.set_num_threads(threads)


@joblib
@pytest.mark.usefixtures("four_threads")
def test_as_many_cells_as_threads_are_computed_at_once_and_no_more_than_there_are(
    config: Config, tmp_path: Path
) -> None:
    assert at_once(plan_of(config, tmp_path, 3)) == 3
    assert at_once(plan_of(config, tmp_path, 9)) == 4
    assert at_once(plan_of(config, tmp_path, 0)) == 1


@joblib
@pytest.mark.usefixtures("four_threads")
def test_memory_decides_where_there_is_too_little_for_all_cores(
    config: Config, tmp_path: Path
) -> None:
    free = memory_free(torch.device("cpu"))
    if free is None:
        pytest.skip("nothing tells how much memory is free")
    size = 64
    while memory_needed(large := replace(config, size=size)) + GIGABYTE < free / 1.5:
        size += 64
    assert at_once(plan_of(large, tmp_path, 4)) == 1


@joblib
@pytest.mark.usefixtures("four_threads")
def test_a_launcher_or_a_number_of_cells_of_ones_own_is_kept() -> None:
    auto = ["-m", "launcher=auto", "device=cpu", "seed=0,1"]
    own = ["-m", "device=cpu", "seed=0,1"]
    assert prepare([auto])[1] == [[*own, "launcher=joblib", "hydra.launcher.n_jobs=2"]]
    assert prepare([own])[1] == [own]
    for more in ("launcher=basic", "hydra.launcher.n_jobs=3"):
        assert prepare([[*auto, more]])[1] == [[*own, more]]
