"""What `make bench` measures, case by case, as rows of its table.

1. An evaluation (loss and gradient), side by side with plain PyTorch code (float32, NCHW), which
   has a process of its own.
2. A picture: the time until the objective is within 5 percent of what the paper's protocol (white
   noise, one size, 500 evaluations of torch's L-BFGS with strong Wolfe over pixels, plain code)
   reaches at its end, and the time that the protocol takes.

On a GPU, plain code uses torch's default TF32, ours the precision that a case is named after.
"""

import platform
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import torch
import torch.nn.functional as F
from torch import Tensor

from nst.config import Config
from nst.inputs.loading import load_inputs, load_levels
from nst.inputs.sources import input_files, network_file
from nst.method.objective import Objective, loss_and_gradient
from nst.method.synthesis import Row
from nst.method.vgg import VGG19
from nst.runs.device import choose_precision, convolving
from nst.runs.objectives import make_init, make_objective
from nst.runs.overrides import compose, quote
from nst.runs.pipeline import run_levels

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
PROTOCOL = 500  # evaluations


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


def of_plain_code(measure: Callable[..., Any], case: Case) -> Any:
    """Return what a function gives of the objective of a case in plain code, and its start."""
    return measure(*plain(case))


@lru_cache(maxsize=1)
def plain(case: Case) -> tuple[Objective, Tensor]:
    """Return the objective of a case in plain code, and its start."""
    objective, x = ours(case)
    objective.network = PlainNetwork(objective.network)  # type: ignore[assignment]
    return objective, x


def seconds(function: Callable[..., object], *arguments: Any) -> float:
    """Run a function once; return its wall-clock seconds, those of a GPU's queued work included."""
    wait = torch.cuda.synchronize if torch.cuda.is_initialized() else lambda: None
    wait()
    begin = time.perf_counter()
    function(*arguments)
    wait()
    return time.perf_counter() - begin


def interleaved(measures: dict[str, Callable[[], float]], rounds: int) -> pd.DataFrame:
    """Take each measure once per round, after a warm-up round, so that all see the same noise.

    Returns a row per round, a column per measure.
    """
    found = [{name: measure() for name, measure in measures.items()} for _ in range(rounds + 1)]
    return pd.DataFrame(found[1:])


def evaluate(objective: Objective, x: Tensor, precision: str) -> None:
    """Evaluate once."""
    with convolving(precision):
        loss_and_gradient(objective, x)


def evaluation_rows(executor: Executor, case: Case, rounds: int = 7) -> Iterator[dict[str, Any]]:
    """Measure what one evaluation costs, beside plain code in another process."""
    evaluation = partial(seconds, loss_and_gradient)
    runs = {PLAIN: lambda: executor.submit(of_plain_code, evaluation, case).result()}
    for name in precisions(case.device):
        runs[name] = partial(seconds, evaluate, *ours(case, name), name)
    times = interleaved(runs, rounds)
    for name in runs:
        yield {
            "what": "evaluation", "network": case.network, "size": case.size, "case": name,
            "seconds": times[name].median(),
            "times faster than plain": (times[PLAIN] / times[name]).median(),
        }  # fmt: skip


def picture_rows(executor: Executor, case: Case) -> Iterator[dict[str, Any]]:
    """Measure how long each way takes to reach the objective at which the protocol ends."""
    evaluated, picture = executor.submit(of_plain_code, protocol, case).result()
    exact, _ = ours(case)
    least, end = min(row["total"] for row in evaluated), evaluated[-1]["seconds"]
    goals = {"target": WITHIN * least}
    common = {"what": "picture", "network": case.network, "size": case.size, "task": case.task}
    yield common | {"case": "protocol"} | progress_row(evaluated, least, picture, goals)
    goals["its picture"] = WITHIN * picture
    for name, overrides in WAYS.items():
        config = case.config("trajectory=0", *overrides)
        levels = load_levels(config, input_files(config))
        result = run_levels(config, network_file(config), levels, case.device)
        with torch.no_grad():
            final = exact(result.image).total.item()
        # Those at full size, the last of the levels: coarser ones have other objectives.
        last = min(len(config.schedule.scales), int(result.losses[-1]["level"]))
        evaluated = [row for row in result.losses if row["level"] >= last]
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


def machine(device: torch.device) -> str:
    """Return the GPU's name, or the processor's and torch's threads, as the name of a file."""
    if device.type == "cuda":
        return re.sub(r"\W+", "_", torch.cuda.get_device_name(device)).lower()
    known = Path("/proc/cpuinfo")
    said = re.search(r"model name\s*: (.+)", known.read_text("utf-8") if known.exists() else "")
    model = said[1] if said else platform.processor() or platform.machine()
    words = re.sub(r"\((R|TM)\)|[^\w.-]", " ", model).split()
    return "_".join([*words, f"{torch.get_num_threads()}_threads"]).lower()


class PlainNetwork(torch.nn.Module):
    """A network of ours, layer by layer in float32, NCHW."""

    def __init__(self, ours: VGG19) -> None:
        super().__init__()
        self.ours = ours.float().to(memory_format=torch.contiguous_format)

    def forward(self, x: Tensor, layers: list[str]) -> dict[str, Tensor]:
        x, responses = self.ours.preprocessing(x), {}
        for name in self.ours.layers:
            if name.startswith("pool"):
                x = F.avg_pool2d(x, 2, ceil_mode=True)  # as Caffe does
            else:
                W, b = (self.ours.get_buffer(f"{name}_{part}") for part in ("weight", "bias"))
                x = F.relu(F.conv2d(x, W, b, padding=1))
            if name in layers:
                responses[name] = x
        return responses


def protocol(objective: Objective, start: Tensor) -> tuple[list[Row], float]:
    """Synthesize from a start (1, 3, H, W); return a row per evaluation and the picture's loss.

    Pixels are not bounded; the picture is the last image with its pixels clipped.
    """
    x = start.clone().requires_grad_()
    optimizer = torch.optim.LBFGS(
        [x], max_iter=PROTOCOL, max_eval=PROTOCOL, tolerance_grad=0, tolerance_change=0,
        line_search_fn="strong_wolfe", history_size=100,
    )  # fmt: skip
    rows: list[Row] = []
    begin = time.perf_counter()

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = objective(x).total.sum()
        loss.backward()
        row = {"evaluation": len(rows) + 1, "total": loss.item()}
        rows.append(row | {"seconds": time.perf_counter() - begin})
        return loss

    optimizer.step(closure)
    with torch.no_grad():
        picture = objective(x.clamp(0, 1)).total.item()
    return rows, picture
