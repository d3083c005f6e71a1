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
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from functools import lru_cache, partial
from typing import Any, NamedTuple

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
from studies.bench.speed import interleaved, operations, peak, seconds

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


class Case(NamedTuple):
    """What is computed: with one of `NETWORKS`, or a file of Oxford's weights; at a size in px."""

    network: str
    size: int
    device: torch.device
    task: str = TRANSFER

    def config(self, *overrides: str) -> Config:
        """Return the demo's configuration with the case's network, size and task."""
        network = [f"network={self.network}"]
        if self.network not in NETWORKS:
            network = ["network=oxford", f"network.path={quote(self.network)}"]
        return compose([*network, f"size={self.size}", *TASKS[self.task], *overrides])


def process() -> ProcessPoolExecutor:
    """Return a separate process with the C library's default memory allocation."""
    return ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))


def precisions(device: torch.device) -> list[str]:
    """Return the precisions that a device has instructions for."""
    fastest = choose_precision("auto", device)
    return ["float32", *{"float32": [], "tf32": ["tf32", "bfloat16"]}.get(fastest, [fastest])]


def ours(case: Case, precision: str = "float32") -> tuple[Objective, Tensor]:
    """Return the objective of a case in a precision, and its start."""
    config = case.config()
    inputs = load_inputs(config, input_files(config))
    objective = make_objective(config, network_file(config), inputs, case.device, precision)
    return objective, make_init(config, inputs).to(case.device)


@lru_cache(maxsize=1)
def plain(case: Case) -> tuple[Objective, Tensor]:
    """Return the objective of a case in plain code, and its start."""
    objective, x = ours(case)
    objective.network = PlainNetwork(objective.network)  # type: ignore[assignment]
    return objective, x


def in_plain_code(measure: Callable[..., Any], case: Case) -> Any:
    """Return what a function gives of the objective of a case in plain code, and its start."""
    return measure(*plain(case))


def run(config: Config, device: torch.device) -> Result:
    """Synthesize the image of a configuration."""
    config.trajectory = 0
    levels = load_levels(config, input_files(config))
    return run_levels(config, network_file(config), levels, device)


def evaluate(objective: Objective, x: Tensor, precision: str) -> None:
    """Evaluate once."""
    with convolving(precision):
        loss_and_gradient(objective, x)


def evaluation_rows(executor: Executor, case: Case, rounds: int = 7) -> Iterator[dict[str, Any]]:
    """Measure what one evaluation costs, beside plain code in another process."""
    reference, usable = plain(case), precisions(case.device)
    evaluation = partial(seconds, loss_and_gradient)
    count = operations(*reference)  # Winograd takes fewer
    runs: dict[str, Callable[[], float]] = {
        PLAIN: lambda: executor.submit(in_plain_code, evaluation, case).result(),
        KEPT: partial(seconds, evaluate, *reference, "float32"),
    }
    runs |= {name: partial(seconds, evaluate, *ours(case, name), name) for name in usable}
    peaks = {f"peak {name}": peak(name, case.device) for name in usable}
    times = interleaved(runs | peaks, rounds)
    used = {PLAIN: "tf32" if "tf32" in usable else "float32", KEPT: "float32"}  # torch's default
    for name in runs:
        spent, best = times[name].median(), times[f"peak {used.get(name, name)}"].median()
        yield {
            "what": "evaluation", "network": case.network, "size": case.size, "case": name,
            "seconds": spent, "GFLOP": count / 1e9, "GFLOP/s": count / spent / 1e9,
            "peak GFLOP/s": best / 1e9, "share of peak": count / spent / best,
            "times faster than plain": (times[PLAIN] / times[name]).median(),
        }  # fmt: skip


def picture_rows(executor: Executor, case: Case) -> Iterator[dict[str, Any]]:
    """Measure how long each way takes to reach the objective at which the protocol ends."""
    evaluated, picture = executor.submit(in_plain_code, protocol, case).result()
    exact, _ = ours(case)
    least, end = min(row["total"] for row in evaluated), evaluated[-1]["seconds"]
    goals = {"target": WITHIN * least}
    common = {"what": "picture", "network": case.network, "size": case.size, "task": case.task}
    yield common | {"case": "protocol"} | progress_row(evaluated, least, picture, goals)
    goals["its picture"] = WITHIN * picture
    for name, overrides in WAYS.items():
        config = case.config(*overrides)
        result = run(config, case.device)
        with torch.no_grad():
            final = exact(result.image).total.item()
        # Those at full size, the last of the levels: coarser ones have other objectives.
        levels = min(len(config.schedule.scales), int(result.losses[-1]["level"]))
        evaluated = [row for row in result.losses if row["level"] >= levels]
        row = progress_row(evaluated, final, final, goals)
        faster = {key: end / row[key] for key in row if key.startswith("seconds to ")}
        row |= {key.replace("seconds", "times faster", 1): faster[key] for key in faster}
        yield common | {"case": name} | row


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


def memory_row(case: Case, precision: str) -> dict[str, Any]:
    """Measure the peak memory of a process that makes a few evaluations."""
    with process() as own:
        gigabytes, spent = own.submit(few_evaluations, case, precision).result()
    return {
        "what": "memory", "network": case.network, "size": case.size, "case": precision,
        "seconds": spent, "GB": gigabytes, "microseconds a pixel": 1e6 * spent / case.size**2,
    }  # fmt: skip


def few_evaluations(case: Case, precision: str) -> tuple[float, float]:
    """Return the peak memory of process or GPU in GB, and the seconds of the fastest evaluation."""
    prepare_process(choose_precision(precision, case.device))
    config = case.config("schedule=single", f"precision={precision}")
    config.evaluations = 3 if case.size > 512 else 6
    clock = [row["seconds"] for row in run(config, case.device).losses]
    peak_bytes = 1000 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    if case.device.type == "cuda":
        peak_bytes = torch.cuda.max_memory_allocated()
    return peak_bytes / 1e9, min(b - a for a, b in zip(clock, clock[1:], strict=False))
