"""How many cells of a command this machine computes at once, where it says ``launcher=auto``.

One cell on each core is faster than one cell on all of them (docs/speed.md).
"""

from collections.abc import Sequence
from dataclasses import replace
from importlib.util import find_spec

import torch

from nst.config import Config
from nst.runs.device import choose_device
from nst.runs.plan import Plan
from nst.runs.preflight import GIGABYTE, memory_free, memory_needed

AUTO = "launcher=auto"
OWN = 1.0 * GIGABYTE  # bytes of a process: Python, torch, work spaces


def without_auto(arguments: list[str]) -> list[str]:
    """Return a command as Hydra knows it."""
    return [argument for argument in arguments if argument != AUTO]


def is_auto(commands: Sequence[list[str]]) -> bool:
    """Tell whether it is left to the machine how many cells are computed at once."""
    chosen = [a for command in commands for a in without_auto(command) if "launcher" in a]
    return any(AUTO in command for command in commands) and not chosen


def at_once(plan: Plan) -> int:
    """Return how many of a plan's cells to compute at once; 1 on a GPU, or without joblib."""
    todo = [config for folder, config in plan.cells.items() if not plan.is_done(folder)]
    if not todo or find_spec("hydra_plugins.hydra_joblib_launcher") is None:
        return 1
    if any(choose_device(config.device).type != "cpu" for config in todo):
        return 1
    free, cores = memory_free(torch.device("cpu")), torch.get_num_threads()
    fit = cores if free is None else int(free / (max(map(need, todo)) + OWN))
    return max(1, min(cores, len(todo), fit))


def need(config: Config) -> int:
    """Return the bytes that a cell takes."""
    return memory_needed(replace(config, size=config.max_side or config.size))


def with_launcher(arguments: list[str], workers: int) -> list[str]:
    """Return a command whose cells are computed so many at once."""
    if workers == 1:
        return arguments
    return [*arguments, "launcher=joblib", f"hydra.launcher.n_jobs={workers}"]
