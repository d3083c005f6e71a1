"""From overrides as typed to configurations, and a folder name for each cell.

Names and paths are taken literally, whatever they mean in Hydra's grammar: ``cell=1e3`` is a name,
not a number, and ``content.path=photo (1).jpg`` is a file.
"""

import difflib
import os.path
import re
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

import hydra
from hydra.conf import HydraConf
from hydra.core.config_store import ConfigStore
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.types import Quote, QuotedString
from hydra.errors import HydraException, OverrideParseException
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from nst.checks import check_config
from nst.config import PATHS, Config, Schema, setting_names
from nst.errors import InputError
from nst.files import CONFIGS, data_folder, shortened
from nst.runs.progress import worker_number
from nst.runs.records import FILES, INCIDENTAL

TEXTS = (*PATHS, "styles", "output", "data", "cell")
SWEEP = ("-m", "--multirun")
NOISE = re.compile(r" *(full_key:|See https:|Config search path|To append to).*")  # of messages
MERGING = "Error merging override "
KINDS = {  # by OmegaConf's words for a value of another type
    "converted to Integer": "must be an integer",
    "converted to Float": "must be a number",
    "not a valid bool": "must be true or false",
    "not a ListConfig": "must be a list",
    "not Optional": "must not be null",
    "not a subclass": "is a group: set one of its parts, as GROUP.NAME=VALUE",
}


RESOLVERS: dict[str, Any] = {  # what a configuration may ask for, as ${either:...}
    "worker": worker_number,
    "data_folder": data_folder,
    "either": lambda condition, then, otherwise: then if condition else otherwise,
    "if_less": lambda value, limit, then, otherwise: then if value < limit else otherwise,
}
TABLES = {each.name for each in fields(Schema)} - {each.name for each in fields(Config)}
ConfigStore.instance().store(name="nst_schema", node=Schema)
for name, resolver in RESOLVERS.items():
    OmegaConf.register_new_resolver(name, resolver, replace=True)


def for_hydra(arguments: list[str]) -> list[str]:
    """Return a command's arguments for Hydra: -m first, names and paths quoted."""
    ordered = sorted(arguments, key=lambda argument: argument not in SWEEP)
    return [as_typed(argument, is_sweep(ordered)) for argument in ordered]


def is_sweep(arguments: list[str]) -> bool:
    """Return whether a command, its -m first, may have several cells."""
    return bool(arguments) and arguments[0] in SWEEP


def as_typed(argument: str, sweep: bool) -> str:
    """Return an override, quoted if it is a name or path, so that Hydra takes it literally.

    In a sweep, commas separate values. What is quoted already stays as it is, and so does a list;
    ``${...}`` refers to other settings, also within quotes.

    Example:
        >>> as_typed("cell=1e3", sweep=False), as_typed("styles=a (1).jpg", sweep=False)
        ("cell='1e3'", "styles=['a (1).jpg']")
        >>> as_typed("seed=1e3", sweep=False)
        'seed=1e3'
    """
    key, equals, value = argument.partition("=")
    typed = ("'", '"', *(["["] if key == "styles" else []))
    if key not in TEXTS or not equals or value == "null" or value.startswith(typed):
        return argument
    if key in ("output", "data"):
        value = os.path.expanduser(value)  # shells do not expand ~ within an argument
    values = value.split(",") if sweep and "${" not in value else [value]
    quoted = [f"[{quote(v)}]" if key == "styles" else quote(v) for v in values]
    return f"{key}={','.join(quoted)}"


def quote(text: str) -> str:
    """Return a text quoted for Hydra's grammar."""
    return QuotedString(text, Quote.single).with_quotes()


@contextmanager
def initialized() -> Iterator[None]:
    """Let Hydra compose the committed configs, also within a caller that is a Hydra app."""
    callers = GlobalHydra.instance().hydra
    GlobalHydra.instance().clear()
    try:
        with hydra.initialize_config_dir(str(CONFIGS), version_base="1.3"):
            yield
    finally:
        GlobalHydra.instance().hydra = callers


@contextmanager
def in_plain_words() -> Iterator[None]:
    """Raise what Hydra or OmegaConf refuses as an `InputError` of one line."""
    try:
        yield
    except InputError:  # of a launcher's process, Hydra raises it
        raise
    except Exception as error:
        *_, (frame, _) = traceback.walk_tb(error.__traceback__)
        raiser = frame.f_globals["__name__"].partition(".")[0]
        own = raiser in ("hydra", "omegaconf")
        if not (own or isinstance(error, HydraException | OmegaConfBaseException)):
            raise
        raise InputError(explain(error)) from error


def explain(error: Exception) -> str:
    """Return one line on what Hydra or OmegaConf refuses, and what to do."""
    group, _, choice = (getattr(error, "missing_cfg_file", None) or "").rpartition("/")
    if group == "hydra/launcher":
        extra = choice.removeprefix("submitit_")
        install = f'.venv/bin/python -m pip install -c constraints.txt -e ".[{extra}]"'
        return f"launcher={extra} is not installed: {install}"
    if group:
        return f"{group}={choice}: must be one of {', '.join(getattr(error, 'options', []))}"
    said = [NOISE.sub("", " ".join(str(e).split())) for e in (error, error.__cause__) if e]
    if unknown := re.match(r"Could not override '(.+?)'", said[0]):
        near = difflib.get_close_matches(unknown[1], setting_names(Config), 1)
        remedy = f"did you mean {near[0]}?" if near else "configs/ lists all settings"
        return f"there is no setting {unknown[1]!r}: {remedy}"
    where = getattr(error, "override", None) or getattr(error, "full_key", None) or ""
    if said[0].startswith(MERGING):
        where = said[0].removeprefix(MERGING)
    problem = next((must for sign, must in KINDS.items() if sign in said[-1]), said[-1])
    if isinstance(error, OverrideParseException):
        problem += "; quote odd names: KEY=['a (1).jpg']"
    return f"{where}: {problem}" if where else f"{problem}; configs/ lists all settings"


@in_plain_words()
def compose(overrides: Sequence[str]) -> Config:
    """Return the committed configuration with overrides; raise `InputError` for invalid ones."""
    with initialized():
        return typed(hydra.compose("config", list(overrides)))


def settle(cfg: DictConfig, settings: HydraConf) -> Config:
    """Return the configuration of a cell; raise `InputError` if it is invalid."""
    config = typed(cfg)
    config.cell = cell_name(config, settings)
    check_config(config)
    return config


@in_plain_words()
def typed(cfg: DictConfig) -> Config:
    """Return a composed configuration as a `Config`; raise `InputError` for values of a wrong type.

    Merged into `Config` again, as Hydra lets through what ``+key=`` adds.
    """
    for setting, table in (("panel", cfg.artworks), ("loss_scaling", cfg.content_scales)):
        if (value := cfg[setting]) not in table:
            raise InputError(f"{setting}={value}: must be one of {', '.join(map(str, table))}")
    values = OmegaConf.to_container(cfg, resolve=True)
    assert isinstance(values, dict)
    settled = OmegaConf.merge(Config, {k: v for k, v in values.items() if k not in TABLES})
    config = OmegaConf.to_object(settled)
    assert isinstance(config, Config)
    return config


def cell_name(config: Config, settings: HydraConf) -> str:
    """Return the name of a cell's folder: from its overrides in a sweep, or else its images."""
    if config.cell is not None:
        return config.cell
    unnamed = {*INCIDENTAL, "profile", "figure"} - {*FILES}  # the last two are folders above it
    overrides = [o for o in settings.overrides.task if o.partition("=")[0] not in unnamed]
    if settings.mode == RunMode.MULTIRUN and overrides:
        return readable(",".join(sorted(overrides)))
    content = Path(config.content.path).stem if config.content.path else config.content.name
    styles = [Path(path).stem for path in config.styles or []] or [config.style.name]
    return readable(f"{content}_{'+'.join(styles)}")


def readable(overrides: str) -> str:
    """Return overrides as a folder name: lists as a+b, what file systems dislike as _.

    A name that is too long is cut and ends in a checksum.
    """
    lists = re.sub(r"\[.*?\]", lambda match: match[0][1:-1].replace(",", "+") or "none", overrides)
    name = re.sub(r"[^\w.=+-]+", "_", lists.replace("=/", "=").replace("'", ""))
    return shortened(name, overrides)
