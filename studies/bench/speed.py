"""What an evaluation costs: operations, the machine's peak, and times side by side."""

import platform
import re
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from nst.method.objective import Objective

MATRIX = 2048  # side of the matrices of which the peak is measured


def operations(objective: Objective, x: Tensor) -> int:
    """Count the multiplications and additions of an evaluation of plain convolutions at x.

    Forward, and once more back to the image; weights have no gradients.
    """
    x = x.detach().requires_grad_()
    with FlopCounterMode(display=False) as counter:
        objective(x).total.sum().backward()
    return counter.get_total_flops()


def peak(dtype: torch.dtype) -> Callable[[], float]:
    """Return a function that multiplies two square matrices, and gives operations per second."""
    a, b = (torch.rand(MATRIX, MATRIX).to(dtype) for _ in range(2))

    def measure() -> float:
        begin = time.perf_counter()
        a @ b
        return 2 * MATRIX**3 / (time.perf_counter() - begin)

    return measure


def seconds(function: Callable[[], object]) -> Callable[[], float]:
    """Return a function that runs another once, and gives its wall-clock seconds."""

    def measure() -> float:
        begin = time.perf_counter()
        function()
        return time.perf_counter() - begin

    return measure


def interleaved(measures: dict[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """Take each measure once a round, after a warm-up round: all meet the same noise."""
    found: dict[str, list[float]] = {name: [] for name in measures}
    for counts in range(rounds + 1):
        for name, measure in measures.items():
            value = measure()
            if counts:
                found[name].append(value)
    return found


def median_ratio(a: list[float], b: list[float]) -> float:
    """Return the median over rounds of a / b, pair by pair."""
    return statistics.median(x / y for x, y in zip(a, b, strict=True))


def machine() -> str:
    """Return the processor's name and torch's number of threads, as the name of a file."""
    model = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next(line.split(":")[1] for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    words = re.sub(r"\((R|TM)\)|[^\w.-]", " ", model).split()
    return "_".join([*words, f"{torch.get_num_threads()}_threads"]).lower()
