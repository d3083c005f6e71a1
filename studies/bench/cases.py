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
from torch.backends import cudnn

from nst.config import Config
from nst.inputs.sources import input_files, load_images
from nst.method.objective import Objective, loss_and_gradient
from nst.method.synthesis import Row
from nst.runs.device import choose_precision, prepare_process
from nst.runs.objectives import make_objective
from nst.runs.overrides import compose, quote
from nst.runs.pipeline import make_init, run_levels
from studies.bench.protocol import PlainNetwork, protocol
from studies.bench.speed import interleaved, median_ratio, operations, peak, seconds

Rows = list[dict[str, Any]]
WITHIN = 1.05
PLAIN = "plain"
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


def configured(network: str, size: int, *overrides: str) -> Config:
    """Return the demo's configuration with another network (or Oxford's, in a file) and task."""
    chosen = [f"network={network}"]
    if network not in NETWORKS:
        chosen = ["network=oxford", f"network.path={quote(network)}"]
    return compose([*chosen, f"size={size}", *overrides])


def precisions(device: torch.device) -> list[str]:
    """Return the precisions that a device has instructions for."""
    fastest = choose_precision("auto", device)
    return ["float32", *{"float32": [], "tf32": ["tf32", "bfloat16"]}.get(fastest, [fastest])]


def objectives(config: Config, device: torch.device) -> tuple[dict[str, Objective], Tensor]:
    """Return a configuration's objective, in plain code and in each precision, and its start."""
    files = input_files(config)
    images = load_images(config, files)

    def ours(precision: str) -> Objective:
        return make_objective(config, files["network"], images, device, precision)

    plain = ours("float32")
    plain.network = PlainNetwork(plain)  # type: ignore[assignment]
    made = {PLAIN: plain} | {precision: ours(precision) for precision in precisions(device)}
    return made, make_init(config, images).to(device)


@lru_cache(maxsize=1)
def plain_evaluation(network: str, size: int, device: torch.device) -> Callable[[], float]:
    """Return a function that evaluates a transfer in plain code, and gives its seconds."""
    made, init = objectives(configured(network, size, *TASKS[TRANSFER]), device)
    return seconds(partial(loss_and_gradient, made[PLAIN], init))


def time_plain(network: str, size: int, device: torch.device) -> float:
    """Return the seconds of an evaluation in plain code."""
    return plain_evaluation(network, size, device)()


def run_protocol(
    network: str, size: int, task: str, device: torch.device
) -> tuple[list[float], list[float], float]:
    """Run the paper's protocol in plain code."""
    plain_evaluation.cache_clear()
    made, init = objectives(configured(network, size, *TASKS[task]), device)
    return protocol(made[PLAIN], init)


def evaluate(objective: Objective, x: Tensor, precision: str, fastest: bool) -> None:
    """Evaluate once; with `fastest`, let cuDNN measure its algorithms the first time."""
    prepare_process(precision)
    cudnn.benchmark, cudnn.deterministic = fastest, not fastest
    loss_and_gradient(objective, x)
    cudnn.benchmark = False


def evaluations(made: dict[str, Objective], x: Tensor) -> dict[str, tuple[str, partial[None]]]:
    """Return each case of an evaluation: its precision, and a function that evaluates."""
    cases = {"plain, freed memory kept": ("float32", partial(evaluate, made[PLAIN], x))}
    cases |= {name: (name, partial(evaluate, made[name], x)) for name in made if name != PLAIN}
    found = {}
    for name, (precision, run) in cases.items():
        found[name] = precision, partial(run, precision, False)
        if x.device.type == "cuda":
            found[f"{name}, cuDNN's choice measured"] = precision, partial(run, precision, True)
    return found


def evaluation_rows(
    plain: Executor, network: str, size: int, device: torch.device, rounds: int
) -> Rows:
    """Measure what one evaluation of a transfer costs."""
    made, x = objectives(configured(network, size, *TASKS[TRANSFER]), device)
    count = operations(made[PLAIN], x)  # Winograd takes fewer
    peaks = {f"peak {each}": peak(each, device) for each in precisions(device)}
    ours = evaluations(made, x)
    runs = {PLAIN: lambda: plain.submit(time_plain, network, size, device).result()}
    runs |= {name: seconds(run) for name, (_, run) in ours.items()}
    times = interleaved({**runs, **peaks}, rounds)
    rows = []
    for name in runs:
        spent = statistics.median(times[name])
        default = "tf32" if "tf32" in made else "float32"  # of torch, for convolutions
        best = statistics.median(times[f"peak {ours[name][0] if name in ours else default}"])
        rows.append(
            {
                "what": "evaluation", "network": network, "size": size, "case": name,
                "seconds": spent, "GFLOP": count / 1e9, "GFLOP/s": count / spent / 1e9,
                "peak GFLOP/s": best / 1e9, "share of peak": count / spent / best,
                "times faster than plain": median_ratio(times["plain"], times[name]),
            }
        )  # fmt: skip
    return rows


def picture_rows(plain: Executor, network: str, size: int, task: str, device: torch.device) -> Rows:
    """Measure how long each case takes to reach the objective at which the protocol ends."""
    losses, clock, picture = plain.submit(run_protocol, network, size, task, device).result()
    exact = objectives(configured(network, size, *TASKS[task]), device)[0]["float32"]
    target = WITHIN * min(losses)
    reached = first(losses, target) or 0
    common = {"what": "picture", "network": network, "size": size, "task": task}
    rows: Rows = [
        common
        | {"case": "protocol", "evaluations": len(losses), "seconds": clock[-1],
           "final": min(losses), "final of the picture": picture,
           "evaluations to target": reached + 1, "seconds to target": clock[reached]}
    ]  # fmt: skip
    for name, overrides in WAYS.items():
        config = configured(network, size, *TASKS[task], *overrides)
        prepare_process(choose_precision(config.precision, device))
        result = run_levels(replace(config, trajectory=0), input_files(config), device)
        prepare_process("float32")
        with torch.no_grad():
            final = exact(result.image).total.item()
        evaluated = full_size(result.losses, config)
        row = progress_row(evaluated, final, {"target": target, "its picture": WITHIN * picture})
        for key in [key for key in row if key.startswith("seconds to ")]:
            row[key.replace("seconds", "times faster", 1)] = clock[-1] / row[key]
        rows.append(common | {"case": name} | row)
    return rows


def first(losses: list[float], target: float) -> int | None:
    """Return the index of the first loss that is not above a target."""
    return next((i for i, loss in enumerate(losses) if loss <= target), None)


def full_size(rows: list[Row], config: Config) -> list[Row]:
    """Return the evaluations at full size: those of a coarser level have another objective.

    Levels that are too small for the network were left out.
    """
    levels = min(len(config.schedule.scales), int(rows[-1]["level"]))
    return [row for row in rows if row["level"] >= levels]


def progress_row(rows: list[Row], final: float, goals: dict[str, float]) -> dict[str, Any]:
    """Return how far a run got, and when it reached each goal."""
    row: dict[str, Any] = {"evaluations": rows[-1]["evaluation"], "final": final}
    row |= {"seconds": rows[-1]["seconds"], "final of the picture": final}
    for name, goal in goals.items():
        if (index := first([each["total"] for each in rows], goal)) is not None:
            row[f"evaluations to {name}"] = rows[index]["evaluation"]
            row[f"seconds to {name}"] = rows[index]["seconds"]
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
    single = (*TASKS[TRANSFER], "schedule=single")
    config = configured(network, size, *single, f"precision={precision}")
    config.evaluations, config.trajectory = 3 if size > 512 else 6, 0
    clock = [row["seconds"] for row in run_levels(config, input_files(config), device).losses]
    peak_bytes = 1000 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    if device.type == "cuda":
        peak_bytes = torch.cuda.max_memory_allocated()
    return peak_bytes / 1e9, min(b - a for a, b in zip(clock, clock[1:], strict=False))
