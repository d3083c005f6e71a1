"""From a command line to the plan of its cells, before Hydra composes and computes them."""

import os
from collections.abc import Iterator, Sequence

import hydra
from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.conf import HydraConf
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import HydraException
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf, open_dict
from omegaconf.errors import OmegaConfBaseException

from nst.config import Config
from nst.errors import InputError
from nst.files import CONFIGS
from nst.runs.overrides import SWEEP, settle
from nst.runs.pipeline import cell_folder
from nst.runs.plan import Plan

MANY = 200  # cells: to compose more of them twice takes too long
HERE = ("basic", "joblib")  # launchers whose cells this machine computes
REFUSED = (HydraException, OmegaConfBaseException, InputError)


def one_grid_each(arguments: list[str]) -> list[list[str]]:
    """Return a command for each figure of figure=fig1,fig2, and for each grid of a figure."""
    chosen = [a for a in arguments if a.startswith("figure=")]
    if not (chosen and is_sweep(arguments)):
        return [arguments]
    names = chosen[-1].removeprefix("figure=").split(",")
    flag, *others = [a for a in arguments if a not in chosen]
    return [[flag, *grid, *others, f"figure={name}"] for name in names for grid in grids(name)]


def grids(figure: str) -> list[list[str]]:
    """Return the overrides of each grid of a figure; one without any, if it names none."""
    path = CONFIGS / "figure" / f"{figure}.yaml"
    found = OmegaConf.select(OmegaConf.load(path), "grids") if path.is_file() else None
    return [[f"{key}={value}" for key, value in grid.items()] for grid in found or [{}]]


def is_sweep(arguments: list[str]) -> bool:
    """Tell whether a command has several cells; `for_hydra` puts its -m first."""
    return bool(arguments) and arguments[0] in SWEEP


def make_plan(commands: Sequence[list[str]]) -> Plan | None:
    """Return the plan of sweeps that this machine computes; None for a single run.

    None also if a sweep is refused, or Hydra shall only show something: that is for Hydra to say.
    Of too many cells, only the number is known.
    """
    plan = Plan(count=0)
    flags = [a for arguments in commands for a in arguments[1:] if a.startswith("-")]
    if flags or not all(map(is_sweep, commands)):
        return None
    try:
        for arguments in commands:
            add_sweep(plan, arguments)
    except REFUSED:
        return None
    finally:
        GlobalHydra.instance().clear()
    if plan.count > MANY:
        plan.cells.clear()
    return plan if plan.count else None


def add_sweep(plan: Plan, arguments: list[str]) -> None:
    """Add the cells of a sweep to a plan, unless its launcher gives them to other machines."""
    GlobalHydra.instance().clear()
    with hydra.initialize_config_dir(str(CONFIGS), version_base="1.3"):
        settings, sweep = grid(arguments[1:])
        if settings.runtime.choices["hydra/launcher"] not in HERE:
            return
        plan.count, plan.workers = plan.count + len(sweep), workers(settings)
        for config in compose_all(sweep if plan.count <= MANY else []):
            plan.cells.setdefault(cell_folder(config), config)


def grid(arguments: list[str]) -> tuple[HydraConf, list[list[str]]]:
    """Return a sweep's own settings, and the overrides of each cell, as Hydra makes them."""
    parser = OverridesParser.create(config_loader=GlobalHydra.instance().config_loader())
    typed = parser.parse_overrides(arguments)
    fixed = [override.input_line or "" for override in typed if not override.is_sweep_override()]
    settings = hydra.compose("config", fixed, return_hydra_config=True).hydra
    params = [f"{key}={value}" for key, value in (settings.sweeper.params or {}).items()]
    [cells] = BasicSweeper.split_arguments([*parser.parse_overrides(params), *typed], None)
    return settings, cells


def compose_all(sweep: Sequence[Sequence[str]]) -> Iterator[Config]:
    """Compose cells as Hydra will, but those that are refused."""
    loader = GlobalHydra.instance().config_loader()
    known = HydraConfig.instance().cfg
    try:
        for number, overrides in enumerate(sweep):
            try:
                cfg = loader.load_configuration("config", list(overrides), RunMode.MULTIRUN)
                yield settle_cell(cfg, number)
            except REFUSED:
                continue
    finally:
        HydraConfig.instance().cfg = known


def settle_cell(cfg: DictConfig, number: int) -> Config:
    """Return the configuration of a cell of a sweep."""
    with open_dict(cfg):
        cfg.hydra.mode, cfg.hydra.job.num = RunMode.MULTIRUN, number
        HydraConfig.instance().set_config(cfg)
        del cfg["hydra"]
    return settle(cfg, HydraConfig.get())


def workers(settings: HydraConf) -> int:
    """Return how many cells a launcher computes at once."""
    jobs = settings.launcher.get("n_jobs", 1)
    return int(jobs) if jobs and jobs > 0 else max(1, os.cpu_count() or 1)
