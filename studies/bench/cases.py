"""What `make bench` measures, case by case, as rows of its table.

1. An evaluation (loss and gradient): operations, share of the machine's measured peak, and the
   ratio to plain PyTorch code (float32, NCHW), all side by side.
2. A picture: the time until the objective is within 5 percent of what the paper's protocol (white
   noise, one size, 500 evaluations of torch's L-BFGS with strong Wolfe over pixels, plain code)
   reaches at its end, and the time that the protocol takes.
3. Memory: the peak of a process that makes a few evaluations, by size; on a GPU, of its tensors.

On a GPU, plain code uses torch's default TF32, ours the precision that a case is named after.
"""

import multiprocessing
import resource
import statistics
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any

import torch
from torch import Tensor

from nst.config import Config
from nst.inputs.loading import load_inputs, load_levels
from nst.inputs.sources import input_files, network_file
from nst.method.objective import Objective, loss_and_gradient
from nst.method.synthesis import Result, Row
from nst.runs.device import choose_precision, convolving, prepare_process
from nst.runs.objectives import make_objective
from nst.runs.overrides import compose, quote
from nst.runs.pipeline import make_init, run_levels
from studies.bench.protocol import PlainNetwork, protocol
from studies.bench.speed import interleaved, median_ratio, operations, peak, seconds

Rows = list[dict[str, Any]]
WITHIN = 1.05
PLAIN, KEPT = "plain", "plain, freed memory kept"
TRANSFER = "transfer 1e-3"
TASKS = {
    "content conv4_1": ("task=content", "layer_set=d"),
    "style conv1_1-conv5_1": ("task=style", "layer_set=e"),
    TRANSFER: ("task=transfer", "layer_set=transfer"),
}
WAYS = {
    "one size": ["schedule=single", "precision=auto", "evaluations=150"],
    "three sizes": ["schedule=pyramid", "precision=auto", "evaluations=300"],
}
NETWORKS = ("embedded", "random")


def process() -> ProcessPoolExecutor:
    """Return a separate process with the C library's default memory allocation."""
    return ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))


def configured(network: str, size: int, task: str, *overrides: str) -> Config:
    """Return the demo's configuration with another network (or Oxford's, in a file) and task."""
    chosen = [f"network={network}"]
    if network not in NETWORKS:
        chosen = ["network=oxford", f"network.path={quote(network)}"]
    return compose([*chosen, f"size={size}", *TASKS[task], *overrides])


def precisions(device: torch.device) -> list[str]:
    """Return the precisions that a device has instructions for."""
    fastest = choose_precision("auto", device)
    return ["float32", *{"float32": [], "tf32": ["tf32", "bfloat16"]}.get(fastest, [fastest])]


def ours(
    network: str, size: int, task: str, device: torch.device, precision: str = "float32"
) -> tuple[Objective, Tensor]:
    """Return the objective of a task in a precision, and its start."""
    config = configured(network, size, task)
    inputs = load_inputs(config, input_files(config))
    objective = make_objective(config, network_file(config), inputs, device, precision)
    return objective, make_init(config, inputs).to(device)


@lru_cache(maxsize=1)
def plain(network: str, size: int, task: str, device: torch.device) -> tuple[Objective, Tensor]:
    """Return the objective of a task in plain code, and its start."""
    objective, x = ours(network, size, task, device)
    objective.network = PlainNetwork(objective.network)  # type: ignore[assignment]
    return objective, x


def time_plain(network: str, size: int, device: torch.device) -> float:
    """Return the seconds of an evaluation of a transfer in plain code."""
    return seconds(partial(loss_and_gradient, *plain(network, size, TRANSFER, device)))()


def run(config: Config, device: torch.device) -> Result:
    """Synthesize the image of a configuration."""
    levels = load_levels(config, input_files(config))
    return run_levels(config, network_file(config), levels, device)


def run_protocol(
    network: str, size: int, task: str, device: torch.device
) -> tuple[list[Row], float]:
    """Run the paper's protocol in plain code."""
    return protocol(*plain(network, size, task, device))


def evaluate(objective: Objective, x: Tensor, precision: str) -> None:
    """Evaluate once."""
    with convolving(precision):
        loss_and_gradient(objective, x)


def evaluation_rows(
    executor: Executor, network: str, size: int, device: torch.device, rounds: int
) -> Rows:
    """Measure what one evaluation of a transfer costs, beside plain code in another process."""
    reference = plain(network, size, TRANSFER, device)
    count = operations(*reference)  # Winograd takes fewer
    usable = precisions(device)
    runs: dict[str, Callable[[], float]] = {
        PLAIN: lambda: executor.submit(time_plain, network, size, device).result(),
        KEPT: seconds(partial(evaluate, *reference, "float32")),
    }
    for name in usable:
        case = ours(network, size, TRANSFER, device, name)
        runs[name] = seconds(partial(evaluate, *case, name))
    peaks = {f"peak {name}": peak(name, device) for name in usable}
    times = interleaved(runs | peaks, rounds)
    used = {PLAIN: "tf32" if "tf32" in usable else "float32", KEPT: "float32"}  # torch's default
    rows = []
    for name in runs:
        spent = statistics.median(times[name])
        best = statistics.median(times[f"peak {used.get(name, name)}"])
        rows.append(
            {
                "what": "evaluation", "network": network, "size": size, "case": name,
                "seconds": spent, "GFLOP": count / 1e9, "GFLOP/s": count / spent / 1e9,
                "peak GFLOP/s": best / 1e9, "share of peak": count / spent / best,
                "times faster than plain": median_ratio(times[PLAIN], times[name]),
            }
        )  # fmt: skip
    return rows


def picture_rows(
    executor: Executor, network: str, size: int, task: str, device: torch.device
) -> Rows:
    """Measure how long each case takes to reach the objective at which the protocol ends."""
    evaluated, picture = executor.submit(run_protocol, network, size, task, device).result()
    exact, _ = ours(network, size, task, device)
    least, end = min(row["total"] for row in evaluated), evaluated[-1]["seconds"]
    goals = {"target": WITHIN * least}
    common = {"what": "picture", "network": network, "size": size, "task": task}
    rows = [common | {"case": "protocol"} | progress_row(evaluated, least, picture, goals)]
    goals["its picture"] = WITHIN * picture
    for name, overrides in WAYS.items():
        config = replace(configured(network, size, task, *overrides), trajectory=0)
        result = run(config, device)
        with torch.no_grad():
            final = exact(result.image).total.item()
        # Those at full size, the last of the levels: coarser ones have other objectives.
        levels = min(len(config.schedule.scales), int(result.losses[-1]["level"]))
        evaluated = [row for row in result.losses if row["level"] >= levels]
        row = progress_row(evaluated, final, final, goals)
        faster = {key: end / row[key] for key in row if key.startswith("seconds to ")}
        row |= {key.replace("seconds", "times faster", 1): faster[key] for key in faster}
        rows.append(common | {"case": name} | row)
    return rows


def progress_row(
    rows: list[Row], final: float, picture: float, goals: dict[str, float]
) -> dict[str, Any]:
    """Return how far a run got, and when it reached each goal."""
    row: dict[str, Any] = {"evaluations": rows[-1]["evaluation"], "seconds": rows[-1]["seconds"]}
    row |= {"final": final, "final of the picture": picture}
    for name, goal in goals.items():
        if reached := next((each for each in rows if each["total"] <= goal), None):
            row[f"evaluations to {name}"] = reached["evaluation"]
            row[f"seconds to {name}"] = reached["seconds"]
    return row


def memory_row(network: str, size: int, precision: str, device: torch.device) -> dict[str, Any]:
    """Measure the peak memory of a process that makes a few evaluations."""
    with process() as own:
        gigabytes, spent = own.submit(few_evaluations, network, size, precision, device).result()
    return {
        "what": "memory", "network": network, "size": size, "case": precision,
        "seconds": spent, "GB": gigabytes, "microseconds a pixel": 1e6 * spent / size**2,
    }  # fmt: skip


def few_evaluations(
    network: str, size: int, precision: str, device: torch.device
) -> tuple[float, float]:
    """Return the peak memory of process or GPU in GB, and the seconds of the fastest evaluation."""
    prepare_process(choose_precision(precision, device))
    config = configured(network, size, TRANSFER, "schedule=single", f"precision={precision}")
    config.evaluations, config.trajectory = 3 if size > 512 else 6, 0
    clock = [row["seconds"] for row in run(config, device).losses]
    peak_bytes = 1000 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    if device.type == "cuda":
        peak_bytes = torch.cuda.max_memory_allocated()
    return peak_bytes / 1e9, min(b - a for a, b in zip(clock, clock[1:], strict=False))
