"""From a command line to the plan of its cells, before Hydra computes them."""

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from importlib.util import find_spec

import hydra
import torch
from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.conf import HydraConf
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.types import RunMode
from omegaconf import OmegaConf, open_dict

from nst.config import Config
from nst.errors import InputError
from nst.files import CONFIGS
from nst.runs.device import GIGABYTE, choose_device, memory_free, memory_needed
from nst.runs.overrides import in_plain_words, initialized, is_sweep, settle
from nst.runs.pipeline import cell_folder
from nst.runs.progress import Plan

MANY = 200  # cells; composing more of them twice takes too long
HERE = ("basic", "joblib")  # launchers whose cells this machine computes
AUTO = "launcher=auto"  # as many cells at once as suit the machine (docs/speed.md)
OWN = 1.0 * GIGABYTE  # of a process: Python, torch, workspaces


def one_grid_each(arguments: list[str]) -> list[list[str]]:
    """Return one command for each figure of ``figure=fig1,fig2``, and for each of its grids."""
    chosen = [a for a in arguments if a.startswith("figure=")]
    if not (chosen and is_sweep(arguments)):
        return [arguments]
    names = chosen[-1].removeprefix("figure=").split(",")
    flag, *others = [a for a in arguments if a not in chosen]
    return [[flag, *grid, *others, f"figure={name}"] for name in names for grid in grids(name)]


def grids(figure: str) -> list[list[str]]:
    """Return the overrides of each grid of a figure; if it names none, one grid without any."""
    path = CONFIGS / "figure" / f"{figure}.yaml"
    found = OmegaConf.select(OmegaConf.load(path), "grids") if path.is_file() else None
    return [[f"{key}={value}" for key, value in grid.items()] for grid in found or [{}]]


def prepare(commands: Sequence[list[str]]) -> tuple[Plan | None, list[list[str]]]:
    """Return the plan of commands, and the commands as Hydra knows them.

    ``launcher=auto`` becomes joblib's, with as many processes as suit the machine, unless another
    argument says how cells are launched.
    """
    auto = any(AUTO in arguments for arguments in commands)
    known = [[a for a in arguments if a != AUTO] for arguments in commands]
    plan = make_plan(known)
    if plan and auto and not any("launcher" in a for arguments in known for a in arguments):
        plan.workers = at_once(plan)
        own = ["launcher=joblib", f"hydra.launcher.n_jobs={plan.workers}"]
        known = [arguments + own if plan.workers > 1 else arguments for arguments in known]
    return plan, known


def at_once(plan: Plan) -> int:
    """Return how many of a plan's cells to compute at once: 1 on a GPU or without joblib."""
    todo = [config for folder, config in plan.cells.items() if not plan.is_done(folder)]
    if not todo or find_spec("hydra_plugins.hydra_joblib_launcher") is None:
        return 1
    if any(choose_device(config.device).type != "cpu" for config in todo):
        return 1
    free, cores = memory_free(torch.device("cpu")), torch.get_num_threads()
    need = OWN + max(memory_needed(replace(c, size=c.max_side or c.size)) for c in todo)
    return max(1, min(cores, len(todo), cores if free is None else int(free / need)))


def make_plan(commands: Sequence[list[str]]) -> Plan | None:
    """Return the plan of sweeps that this machine computes; None for a single run.

    None also if Hydra will refuse a sweep, or is only asked to show something. For more than `MANY`
    cells, the plan has only their number.
    """
    plan = Plan(count=0)
    flags = [a for arguments in commands for a in arguments[1:] if a.startswith("-")]
    if flags or not all(map(is_sweep, commands)):
        return None
    try:
        with in_plain_words(), initialized():
            for arguments in commands:
                add_sweep(plan, arguments)
    except InputError:
        return None
    if plan.count > MANY:
        plan.cells.clear()
    return plan if plan.count else None


def add_sweep(plan: Plan, arguments: list[str]) -> None:
    """Add the cells of a sweep to a plan, unless its launcher sends them to other machines."""
    settings, sweep = grid(arguments[1:])
    if settings.runtime.choices["hydra/launcher"] not in HERE:
        return
    jobs = settings.launcher.get("n_jobs", 1)
    plan.workers = jobs if jobs and jobs > 0 else max(1, os.cpu_count() or 1)
    plan.count += len(sweep)
    for config in compose_all(sweep if plan.count <= MANY else []):
        plan.cells.setdefault(cell_folder(config), config)


def grid(arguments: list[str]) -> tuple[HydraConf, list[list[str]]]:
    """Return Hydra's settings for a sweep, and the overrides of each of its cells."""
    parser = OverridesParser.create(config_loader=GlobalHydra.instance().config_loader())
    typed = parser.parse_overrides(arguments)
    fixed = [override.input_line or "" for override in typed if not override.is_sweep_override()]
    settings = hydra.compose("config", fixed, return_hydra_config=True).hydra
    params = [f"{key}={value}" for key, value in (settings.sweeper.params or {}).items()]
    [cells] = BasicSweeper.split_arguments([*parser.parse_overrides(params), *typed], None)
    return settings, cells


def compose_all(sweep: Sequence[list[str]]) -> Iterator[Config]:
    """Compose cells as Hydra will, without those that are refused."""
    known = HydraConfig.instance().cfg
    try:
        for number, overrides in enumerate(sweep):
            with suppress(InputError), in_plain_words():
                cfg = hydra.compose("config", overrides, return_hydra_config=True)
                with open_dict(cfg):
                    cfg.hydra.mode, cfg.hydra.job.num = RunMode.MULTIRUN, number
                    HydraConfig.instance().set_config(cfg)
                    del cfg["hydra"]
                yield settle(cfg, HydraConfig.get())
    finally:
        HydraConfig.instance().cfg = known
