"""Times side by side, and the machine that they were taken on."""

import platform
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import torch


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
