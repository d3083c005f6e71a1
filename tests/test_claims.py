"""The paper's claims, measured on cells of a small random network."""

import subprocess
import sys
from math import prod
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from command import run
from composing import CONFIGS
from omegaconf import OmegaConf

from nst.errors import InputError
from nst.runs.planning import one_grid_each
from studies.claims.measures import largest_step, reach
from studies.claims.measuring import CLAIMS, load_cells
from studies.claims.verdicts import FAILS, HOLDS, PARTLY

ROOT = Path(__file__).parent.parent
SMALL = ("network=random", "network.width=0.0625", "size=32",
         "schedule=single",
         "evaluations=4", "device=cpu", "seed=0,1")  # fmt: skip


def test_cells_of_different_sizes_are_not_mixed() -> None:
    frame = pd.DataFrame({"size": [64, 224], "evaluations": 1, "checksums.network": "a",
                          "checksums.content": "b"})  # fmt: skip
    with pytest.raises(InputError, match="size 64 and 224"):
        load_cells(frame, "cpu")


def test_each_grid_has_its_cells_for_three_seeds() -> None:
    axes = OmegaConf.load(CONFIGS / "figure" / "claims.yaml").hydra.sweeper.params
    assert axes == {"seed": "0,1,2"}
    grids = [command[1:-1] for command in one_grid_each(["-m", "figure=claims"])]
    values = [[axis.partition("=")[2].split(",") for axis in grid] for grid in grids]
    assert [3 * prod(map(len, grid)) for grid in values] == [30, 12, 15, 6]


def test_the_reach_of_a_gradient_is_the_share_of_pixels_with_half_of_it() -> None:
    gradient = torch.zeros(1, 3, 4, 5)
    gradient[0, :, 1, 1] = 2.0
    assert reach(gradient) == 1 / 20
    gradient[0, :, 2, :] = 2.0
    assert reach(gradient) == 3 / 20  # six pixels alike


def test_the_largest_step_is_a_share_of_the_whole_way() -> None:
    values = pd.DataFrame([[0.0, 1.0, 4.0], [5.0, 3.0, 1.0]])
    assert largest_step(values).tolist() == [0.75, 0.5]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with small cells of every grid, for two seeds."""
    folder = tmp_path_factory.mktemp("claims")
    ran = run(folder, "-m", "figure=claims", *SMALL)
    assert ran.code == 0, ran.err
    return folder


def claims(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "scripts" / "claims.py"), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_records_become_a_table_of_every_claim_and_a_figure(folder: Path) -> None:
    done = claims(folder)
    assert done.returncode == 0, done.stderr
    demo = folder / "outputs" / "demo"
    # Of 20 + 8 + 10 + 4 cells, the two with all layers at 1e-4 are in three grids, computed once.
    assert len(list(demo.glob("claims/*/record.json"))) == 38
    frame = pd.read_csv(demo / "claims.csv")
    assert set(frame["claim"]) == set(CLAIMS)
    assert set(frame["verdict"]) <= {HOLDS, PARTLY, FAILS}
    assert np.isfinite(frame["mean"]).all()
    assert frame["seeds"].isin([2, 3]).all()
    assert {path.name for path in demo.iterdir()} == {"claims", "claims.csv", "claims.pdf",
                                                      "claims.png"}  # fmt: skip
    before = {path: path.read_bytes() for path in demo.glob("claims.*")}
    assert claims(folder, "--draw").returncode == 0
    assert {path: path.read_bytes() for path in demo.glob("claims.*")} == before


def test_without_cells_one_line_says_what_to_do(tmp_path: Path) -> None:
    for arguments in ((), ("--draw",)):
        done = claims(tmp_path, *arguments)
        assert done.returncode == 1
        assert len(done.stderr.splitlines()) == 1
        assert "make claims" in done.stderr
    assert not list(tmp_path.iterdir())


def test_drawing_needs_no_torch() -> None:
    code = "import sys, studies.claims.figure; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
