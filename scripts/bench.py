"""Measure how fast this machine synthesizes: python scripts/bench.py [--output results/bench]

1. An evaluation (loss and gradient): operations, share of the machine's measured peak, and the
   ratio to plain PyTorch code (float32, NCHW), all side by side.
2. A picture: the time until the objective is within 5 percent of what the paper's protocol (white
   noise, one size, 500 evaluations of torch's L-BFGS with strong Wolfe over pixels, plain code)
   reaches at its end, and the time that the protocol takes.
3. Memory: the peak of a process that makes a few evaluations, by size.
"""

import argparse
import functools
import math
import multiprocessing
import resource
import statistics
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import hydra
import pandas as pd
import torch
from hydra.core.config_store import ConfigStore
from omegaconf import OmegaConf
from torch import Tensor

from nst.bench.protocol import PlainNetwork, protocol
from nst.bench.speed import interleaved, machine, median_ratio, operations, peak, seconds
from nst.config import Config
from nst.files import write_files
from nst.inputs.sources import input_files, load_images
from nst.method.objective import Objective, loss_and_gradient
from nst.method.synthesis import Row
from nst.runs.device import choose_precision, prepare_process
from nst.runs.objectives import make_objective
from nst.runs.pipeline import make_start, run_levels

ConfigStore.instance().store(name="schema", node=Config)
CPU = torch.device("cpu")
WITHIN = 1.05
TRANSFER = "transfer 1e-3"
TASKS = {
    "content conv4_1": ("reconstruct=content", "depth=d"),
    "style conv1_1-conv5_1": ("reconstruct=style", "depth=e"),
    TRANSFER: ("reconstruct=both", "depth=transfer"),
}
WAYS = {
    "one size": ["schedule=single", "precision=auto", "evaluations=150"],
    "three sizes": ["schedule=pyramid", "precision=auto", "evaluations=300"],
}
NETWORKS = {"embedded": ("network=embedded",), "random": ("network=random",)}


def configured(network: str, size: int, *overrides: str) -> Config:
    """The demo's configuration with another network, size and task."""
    with hydra.initialize("../configs", version_base="1.3"):
        cfg = hydra.compose("config", [*NETWORKS[network], f"size={size}", *overrides])
    config: Config = OmegaConf.to_object(cfg)
    return config


def objectives(config: Config) -> tuple[dict[str, Objective], Tensor]:
    """The objective of a configuration, in plain code and in each precision; a start."""
    files = input_files(config)
    images = load_images(config, files)

    def ours(precision: str) -> Objective:
        return make_objective(config, files["network"], images, CPU, precision)

    plain = ours("float32")
    plain.network = PlainNetwork(plain)  # type: ignore[assignment]
    found = {"plain float32": plain, "float32": ours("float32")}
    if choose_precision("auto", CPU) == "bfloat16":
        found["bfloat16"] = ours("bfloat16")
    return found, make_start(config, images)


def plain_objective(network: str, size: int, task: str) -> tuple[Objective, Tensor]:
    """The objective of a task in plain code; a start."""
    found, start = objectives(configured(network, size, *TASKS[task]))
    return found["plain float32"], start


@functools.lru_cache(maxsize=1)
def plain_evaluation(network: str, size: int) -> Callable[[], float]:
    """What makes an evaluation of a transfer in plain code, and gives its seconds."""
    objective, start = plain_objective(network, size, TRANSFER)
    return seconds(lambda: loss_and_gradient(objective, start))


def time_plain(network: str, size: int) -> float:
    """The seconds of an evaluation in plain code."""
    return plain_evaluation(network, size)()


def run_protocol(network: str, size: int, task: str) -> tuple[list[float], list[float], float]:
    """The paper's protocol in plain code."""
    plain_evaluation.cache_clear()
    return protocol(*plain_objective(network, size, task))


def one_evaluation(plain: Executor, network: str, size: int, rounds: int) -> list[dict]:
    """Rows on the cost of one evaluation of a transfer."""
    found, x = objectives(configured(network, size, *TASKS[TRANSFER]))
    count = operations(found["float32"], x)
    peaks = {"peak float32": peak(torch.float32), "peak bfloat16": peak(torch.bfloat16)}
    runs = {name: seconds(lambda o=each: loss_and_gradient(o, x)) for name, each in found.items()}
    runs["plain, freed memory kept"] = runs.pop("plain float32")
    runs = {"plain": lambda: plain.submit(time_plain, network, size).result(), **runs}
    times = interleaved({**runs, **peaks}, rounds)
    rows = []
    for name in runs:
        spent = statistics.median(times[name])
        best = statistics.median(times["peak bfloat16" if name == "bfloat16" else "peak float32"])
        rows.append(
            {
                "what": "evaluation", "network": network, "size": size, "case": name,
                "seconds": spent, "GFLOP": count / 1e9, "GFLOP/s": count / spent / 1e9,
                "peak GFLOP/s": best / 1e9, "share of peak": count / spent / best,
                "times faster than plain": median_ratio(times["plain"], times[name]),
            }
        )  # fmt: skip
    return rows


def first(losses: list[float], target: float) -> int | None:
    """The index of the first loss that is not above a target."""
    return next((i for i, loss in enumerate(losses) if loss <= target), None)


def to_target(plain: Executor, network: str, size: int, task: str) -> list[dict]:
    """Rows on the time until the objective is where the protocol ends, by each way."""
    losses, clock, picture = plain.submit(run_protocol, network, size, task).result()
    exact = objectives(configured(network, size, *TASKS[task]))[0]["float32"]
    target = WITHIN * min(losses)
    at = first(losses, target) or 0
    common = {"what": "picture", "network": network, "size": size, "task": task}
    rows: list[dict] = [
        common
        | {"case": "protocol", "evaluations": len(losses), "seconds": clock[-1],
           "final": min(losses), "final of the picture": picture,
           "evaluations to target": at + 1, "seconds to target": clock[at]}
    ]  # fmt: skip
    for name, overrides in WAYS.items():
        config = configured(network, size, *TASKS[task], *overrides)
        result = run_levels(replace(config, course=0), input_files(config), CPU)
        with torch.no_grad():
            final = exact(result.image).total.item()
        rows.append(
            common
            | {"case": name}
            | course(full_size(result.losses, config), final, target, picture, clock)
        )
    return rows


def full_size(rows: list[Row], config: Config) -> list[Row]:
    """The evaluations at full size: those of a coarser level have another objective."""
    return [row for row in rows if row["level"] >= len(config.schedule.scales)]


def course(
    rows: list[Row], final: float, target: float, picture: float, clock: list[float]
) -> dict[str, object]:
    """When a run was within 5 percent of the protocol's end, and of its picture."""
    found: dict[str, object] = {"evaluations": rows[-1]["evaluation"], "final": final}
    found |= {"seconds": rows[-1]["seconds"], "final of the picture": final}
    for name, goal in (("target", target), ("its picture", WITHIN * picture)):
        at = first([row["total"] for row in rows], goal)
        if at is not None:
            spent = rows[at]["seconds"]
            found[f"evaluations to {name}"] = rows[at]["evaluation"]
            found[f"seconds to {name}"] = spent
            found[f"times faster to {name}"] = clock[-1] / spent
    return found


def memory(network: str, size: int, precision: str) -> dict[str, object]:
    """The peak memory of a process that makes a few evaluations."""
    command = [sys.executable, __file__, "--one", network, str(size), precision]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    resident, spent = float(printed[0]), float(printed[1])
    return {
        "what": "memory", "network": network, "size": size, "case": precision,
        "seconds": spent, "GB": resident, "microseconds a pixel": 1e6 * spent / size**2,
    }  # fmt: skip


def one(network: str, size: int, precision: str) -> None:
    """Print the peak memory in GB, and the seconds of the fastest of a few evaluations."""
    single = (*TASKS[TRANSFER], "schedule=single")
    config = configured(network, size, *single, f"precision={precision}")
    config.evaluations, config.course = 3 if size > 512 else 6, 0
    result = run_levels(config, input_files(config), CPU)
    clock = [row["seconds"] for row in result.losses]
    peak_kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(peak_kilobytes / 1e6, min(b - a for a, b in zip(clock, clock[1:], strict=False)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=Path("results/bench"))
    parser.add_argument("--networks", nargs="*", default=["embedded"], choices=NETWORKS)
    parser.add_argument("--sizes", nargs="*", type=int, default=[256])
    parser.add_argument("--memory", nargs="*", type=int, default=[256, 512, 1024, 2048])
    parser.add_argument("--tasks", nargs="*", default=list(TASKS), choices=TASKS)
    parser.add_argument("--name", default=machine())
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        one(options.one[0], int(options.one[1]), options.one[2])
        return
    rows: list[dict] = []

    def keep(found: list[dict]) -> None:
        rows.extend(found)
        for row in found:
            print(", ".join(f"{key} {_short(value)}" for key, value in row.items()), flush=True)
        frame = pd.DataFrame(rows).to_csv(index=False, float_format="%.4g")
        write_files(options.output, {f"{options.name}.csv": frame.encode()})

    # Plain code has a process of its own, with memory as the C library hands it out by itself.
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as plain:
        prepare_process()
        for network in options.networks:
            for size in options.sizes:
                keep(one_evaluation(plain, network, size, rounds=7))
            for size in options.memory:
                keep([memory(network, size, p) for p in ("float32", "auto")])
            for size in options.sizes:
                for task in options.tasks:
                    keep(to_target(plain, network, size, task))


def _short(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) and math.isfinite(value) else str(value)


if __name__ == "__main__":
    main()
