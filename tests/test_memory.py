"""Before a run: memory is estimated and checked."""

import json
import os
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import torch

from nst.config import Config, OptimizerConfig
from nst.errors import InputError
from nst.runs.device import (
    check_memory,
    memory_free,
    memory_needed,
    optimizer_bytes,
)
from nst.runs.pipeline import compute

CPU = torch.device("cpu")
ROOT = Path(__file__).resolve().parents[1]
# What a run takes beyond what the process had before it: the peak of the resident memory.
MEASURE = """
import json, sys
import torch
from nst.config import *
from nst.runs.pipeline import *

torch.set_num_threads(1)
given = json.loads(sys.argv[1])
kinds = {"content": PhotographConfig, "style": ImageConfig, "network": NetworkConfig,
         "optimizer": OptimizerConfig, "noise": NoiseConfig, "schedule": ScheduleConfig}
config = Config(**{k: kinds[k](**v) if k in kinds else v for k, v in given.items()})
compute(Config(**{**vars(config), "size": 32, "cell": "first"}))


def resident(name):  # not ru_maxrss, which a process inherits from the one that started it
    lines = open("/proc/self/status").read().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name))


before = resident("VmRSS")
compute(config)
print(resident("VmHWM") - before)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc to measure with")
@pytest.mark.parametrize(
    ("optimizer", "evaluations", "precision"),
    [("lbfgsb", 24, "float32"), ("lbfgs", 24, "float32"), ("lbfgs", 3, "bfloat16"),
     ("adam", 3, "float32")],
)  # fmt: skip
def test_the_estimate_is_within_a_factor_of_1_5_of_the_measured_peak(
    optimizer: str, evaluations: int, precision: str, config: Config
) -> None:
    network = replace(config.network, width=0.25)
    config = replace(config, network=network, size=384, evaluations=evaluations,
                     precision=precision,
                     optimizer=OptimizerConfig(optimizer, 20, 0.02, 0.1, 0.01))  # fmt: skip
    process = subprocess.run(
        [sys.executable, "-c", MEASURE, json.dumps(asdict(config))],
        env=os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    measured = int(process.stdout)
    print(f"{memory_needed(config) / 1e6:.0f} MB estimated, {measured / 1e6:.0f} MB measured")
    assert 1 / 1.5 < memory_needed(config) / measured < 1.5


@pytest.mark.parametrize(("optimizer", "precision", "size", "evaluations", "measured"), [
    ("lbfgs", "float32", 512, 25, 740e6), ("lbfgs", "tf32", 512, 25, 742e6),
    ("lbfgs", "tf32", 1024, 3, 2309e6), ("lbfgs", "bfloat16", 512, 3, 501e6),
    ("adam", "tf32", 512, 3, 587e6),
])  # fmt: skip
def test_the_estimate_for_a_gpu_is_near_what_an_h200_took(
    config: Config, optimizer: str, precision: str, size: int, evaluations: int, measured: float
) -> None:
    """Peaks of torch's allocator on an NVIDIA H200, by tests/cuda, at full width."""
    settings = replace(config.optimizer, name=optimizer, history=20)
    run = replace(config, optimizer=settings, precision=precision, size=size,
                  evaluations=evaluations, network=replace(config.network, width=1.0))  # fmt: skip
    assert 1 < memory_needed(run, "cuda") / measured < 2


def test_memory_grows_with_area_history_and_depth(config: Config) -> None:
    def need(**changes: object) -> int:
        return memory_needed(replace(config, **changes))  # type: ignore[arg-type]

    wide = replace(config.network, width=1.0)
    paper = replace(config, network=wide, size=512)
    assert 0.7e9 < memory_needed(paper) < 2e9
    assert memory_needed(replace(paper, size=1024)) > 3 * memory_needed(paper)
    long = OptimizerConfig("lbfgsb", 40, 1.0, 0.1, 0.01)
    assert need(optimizer=long, evaluations=100) > need(evaluations=100)
    assert need(optimizer=long, evaluations=10) == need(evaluations=10), "10 pairs at most"
    assert need(content_layers=["conv1_1"], style_layers=["conv1_1"]) < need()
    assert need(alpha=0.0) < need()


def test_the_history_of_lbfgsb_is_in_double_precision(config: Config) -> None:
    config = replace(config, evaluations=100)
    more = replace(config, optimizer=OptimizerConfig("lbfgsb", 21, 1.0, 0.1, 0.01))
    assert optimizer_bytes(more, 1000) - optimizer_bytes(config, 1000) == 2 * 8 * 1000
    more = replace(config, optimizer=OptimizerConfig("lbfgs", 21, 1.0, 0.1, 0.01))
    less = replace(config, optimizer=OptimizerConfig("lbfgs", 20, 1.0, 0.1, 0.01))
    assert optimizer_bytes(more, 1000) - optimizer_bytes(less, 1000) == 2 * 4 * 1000


def test_too_little_memory_is_one_line_with_the_remedies(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    for kind, free in (("cpu", 10**9), ("cpu", None), ("cuda", 10**6), ("cpu", 10**6)):
        # Patches ours, as no test can fill a machine's memory.
        monkeypatch.setattr("nst.runs.device.memory_free", lambda device, free=free: free)
        if free != 10**6:
            assert check_memory(config, torch.device(kind)) == ""
            continue
        with pytest.raises(InputError, match=rf"GB of memory, {kind} has 0\.0 GB") as error:
            check_memory(config, torch.device(kind))
        assert "a smaller size, or a smaller optimizer.history" in str(error.value)
        assert ("or device=cpu" in str(error.value)) == (kind == "cuda")


def test_a_run_that_does_not_fit_stops_before_anything_is_read_or_written(config: Config) -> None:
    missing = replace(config.content, path="/missing.png")
    with pytest.raises(InputError, match="set a smaller size"):
        compute(replace(config, size=40_000, content=missing))
    with pytest.raises(InputError, match="set a smaller max_side, or"):
        compute(replace(config, max_side=60_000))
    assert not Path(config.output).exists()


def test_a_large_run_reports_its_needs(config: Config) -> None:
    large = replace(config, size=1500)
    free = memory_free(CPU)
    if free is not None and free < memory_needed(large):
        pytest.skip("this machine has too little memory")
    assert memory_needed(large) > 1e9
    line = check_memory(large, CPU)
    assert line.startswith(f"the run needs about {memory_needed(large) / 1e9:.1f} GB of memory on")
