"""The command line of scripts/synthesize.py: what it asks for, and what is wrong with it."""

import hashlib
import re
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from math import prod
from pathlib import Path

import hydra
from hydra.conf import HydraConf
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Glob
from hydra.errors import HydraException, MissingConfigException
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from nst.config import Config, check_config
from nst.errors import INTERRUPTED, CellError, InputError
from nst.runs.progress import worker_number
from nst.runs.records import FILES, INCIDENTAL, one_line

ERRORS = (InputError, OmegaConfBaseException, OSError)  # a user can act on them
HYDRAS_ADVICE = ("Config search path", "To append to")  # these and what follows are of no use here
UNKNOWN = 0  # cells
NAME = 160  # bytes of a folder's name; file systems take 255


def settle(cfg: DictConfig, settings: HydraConf) -> Config:
    """Return the configuration of a cell. Raises an error if its values make no sense."""
    OmegaConf.register_new_resolver("worker", worker_number, replace=True)
    # Refuses +other=keys, which Hydra lets through.
    settled = OmegaConf.merge(Config, OmegaConf.to_container(cfg, resolve=True))
    config = OmegaConf.to_object(settled)
    assert isinstance(config, Config)
    config.cell = cell_name(config, settings)
    check_config(config)
    return config


def cell_name(config: Config, settings: HydraConf) -> str:
    """Name the folder of an image: by what was set, or by what was painted in whose style."""
    if config.cell is not None:
        return config.cell
    unnamed = {*INCIDENTAL, "profile", "figure"} - {*FILES}  # these two are folders above
    overrides = [o for o in settings.overrides.task if o.partition("=")[0] not in unnamed]
    if settings.mode == RunMode.MULTIRUN and overrides:
        return readable(",".join(sorted(overrides)))
    styles = [config.style.stem, *(Path(path).stem for path in config.more_styles or [])]
    return readable(f"{config.content.stem}_{'+'.join(styles)}")


def readable(overrides: str) -> str:
    """Return overrides as the name of one folder.

    Lists become a+b, and what file systems dislike becomes _. A name that is too long is cut, and
    told apart by a checksum.
    """
    lists = re.sub(r"\[.*?\]", lambda match: match[0][1:-1].replace(",", "+") or "none", overrides)
    name = re.sub(r"[^\w.=+-]+", "_", lists.replace("=/", "=").replace("'", ""))
    if len(name.encode()) <= NAME:
        return name
    start = name.encode()[: NAME - 9].decode(errors="ignore")
    return f"{start}_{hashlib.sha256(overrides.encode(errors='surrogateescape')).hexdigest()[:8]}"


def count_cells(arguments: list[str], settings: HydraConf) -> int:
    """Count the images that a command makes; `UNKNOWN` if only Hydra can tell."""
    if settings.mode == RunMode.RUN:
        return 1
    overrides = [f"{key}={value}" for key, value in (settings.sweeper.params or {}).items()]
    overrides += [a for a in arguments if "=" in a and not a.startswith(("-", "hydra"))]
    axes = {}
    for override in OverridesParser.create().parse_overrides(overrides):
        swept = override.is_sweep_override()
        if isinstance(override.value(), Glob):  # of a group's choices: Hydra counts them later
            return UNKNOWN
        axes[override.key_or_group] = len(list(override.sweep_string_iterator())) if swept else 1
    return prod(axes.values())


def from_hydra(error: Exception) -> bool:
    """Tell whether Hydra raised an error: it means the command line, whatever its kind."""
    if isinstance(error, HydraException):
        return True
    frames = traceback.extract_tb(error.__traceback__)
    return bool(frames) and Path(hydra.__file__).parent in Path(frames[-1].filename).parents


def explain(error: Exception) -> str:
    """Say in one line what is wrong with a command or a cell."""
    text = str(error) if isinstance(error, OmegaConfBaseException | OSError) else one_line(error)
    if from_hydra(error):
        file = getattr(error, "missing_cfg_file", None) or ""
        if isinstance(error, MissingConfigException) and file.startswith("hydra/launcher/"):
            extra = file.rpartition("/")[2].removeprefix("submitit_")
            text = f"launcher={extra} is not installed: "
            text += f'.venv/bin/python -m pip install -c constraints.txt -e ".[{extra}]"'
        else:
            text = f"{error} {error.__cause__ or ''}"
            for advice in HYDRAS_ADVICE:
                text = text.partition(advice)[0]
            text = text.rstrip() + "; --help lists settings, configs/ choices"
    return "error: " + " ".join(text.split())


def explain_launch(error: Exception) -> str:
    """Say in one line why a launcher did not bring a result of every cell."""
    lines = [line for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
    others = "the other cells are not affected; rerun the command for those that are missing"
    return f"error: {lines[0].rstrip(':')}; {others}, scripts/collect.py names them"


def launched(arguments: list[str]) -> bool:
    """Tell whether a command gives its cells to other processes."""
    pairs = [argument.partition("=") for argument in arguments]
    chosen = [value for key, _, value in pairs if key in ("launcher", "hydra/launcher")]
    return bool(chosen) and chosen[-1] not in ("local", "basic")


@contextmanager
def explained() -> Iterator[None]:
    """End the process with one line for each error that a user can act on."""
    try:
        yield
    except KeyboardInterrupt:
        print("interrupted: rerun the command for what is missing", file=sys.stderr)
        sys.exit(INTERRUPTED)
    except CellError as error:
        sys.exit(explain_launch(error))
    except (HydraException, *ERRORS) as error:
        sys.exit(explain(error))
    except Exception as error:
        if from_hydra(error) and not launched(sys.argv[1:]):
            sys.exit(explain(error))
        if not launched(sys.argv[1:]):
            raise
        sys.exit(explain_launch(error))
