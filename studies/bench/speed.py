"""What an evaluation costs: operations, the machine's peak, and times side by side."""

import platform
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from nst.method.objective import Objective
from nst.runs.device import response_type

MATRIX = {"cpu": 2048, "cuda": 8192}  # side of the matrices of which the peak is measured


def operations(objective: Objective, x: Tensor) -> int:
    """Count the multiplications and additions of an evaluation of plain convolutions at x.

    Forward, and once more back to the image; weights have no gradients.
    """
    x = x.detach().requires_grad_()
    with FlopCounterMode(display=False) as counter:
        objective(x).total.sum().backward()
    return counter.get_total_flops()


def peak(precision: str, device: torch.device) -> Callable[[], float]:
    """Return a function that multiplies two square matrices, and gives operations per second."""
    side, dtype = MATRIX[device.type], response_type(precision)
    a, b = (torch.rand(side, side, device=device).to(dtype) for _ in range(2))

    def measure() -> float:
        torch.backends.cuda.matmul.allow_tf32 = precision == "tf32"
        spent = seconds(torch.matmul, a, b)
        torch.backends.cuda.matmul.allow_tf32 = False
        return 2 * side**3 / spent

    return measure


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


def machine(device: torch.device) -> str:
    """Return the GPU's name, or the processor's and torch's threads, as the name of a file."""
    if device.type == "cuda":
        return re.sub(r"\W+", "_", torch.cuda.get_device_name(device)).lower()
    known = Path("/proc/cpuinfo")
    said = re.search(r"model name\s*: (.+)", known.read_text("utf-8") if known.exists() else "")
    model = said[1] if said else platform.processor() or platform.machine()
    words = re.sub(r"\((R|TM)\)|[^\w.-]", " ", model).split()
    return "_".join([*words, f"{torch.get_num_threads()}_threads"]).lower()
