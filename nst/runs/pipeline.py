"""One cell from start to end: config -> images, network -> objective -> synthesis -> record."""

import math
from collections.abc import Callable, Container, Mapping
from dataclasses import asdict, replace
from functools import lru_cache, partial
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import torch
from PIL import Image

from nst.checks import check_config
from nst.config import Config
from nst.errors import BrokenError, InputError
from nst.files import check_folder, remove_leftovers
from nst.inputs.imagefiles import Source, check_file, size_of
from nst.inputs.images import square
from nst.inputs.loading import Inputs, load_levels
from nst.inputs.sources import checksums, input_files
from nst.method.objective import Objective
from nst.method.synthesis import Level, Progress, Result, synthesize
from nst.runs import locks, records
from nst.runs.checkpoint import Checkpoint, way_on
from nst.runs.device import check_memory, choose_device, choose_precision, convolving, out_of_memory
from nst.runs.objectives import make_init, make_objective
from nst.runs.progress import ImageProgress, Plan, say, shares_of
from nst.runs.recording import SO_FAR, Pictures, commit, finished, write

STAGE = 16  # evaluations from one factor of a continuation to the next


def cell_folder(config: Config) -> Path:
    """Return the folder of a cell."""
    return Path(config.output) / config.profile / config.figure / str(config.cell)


def settings_in_full(config: Config) -> dict[str, Any]:
    """Return the settings for a record, with checksums of inputs, which have to exist."""
    return asdict(config) | {"checksums": checksums(input_files(config))}


def compute(
    config: Config, wait: bool = False, folder: Path | None = None, plan: Plan | None = None
) -> str:
    """Compute a cell unless its record exists; return one line on what was done.

    The record goes to `cell_folder` or, in place of any other record, to a `folder` of the
    caller's; the progress shown is that of `plan`. Raise `InputError`, before anything is written,
    if a setting or an input cannot be used, and `BusyError` if another process is computing the
    cell, unless told to `wait`.
    """
    check_config(config)
    elsewhere = "name another file with -o or --record" if folder else "set output=FOLDER"
    replaces, folder = folder is not None, folder or cell_folder(config)
    if done := find(config, folder, replaces):
        return done
    device = choose_device(config.device)
    check_folder(folder, elsewhere)
    if line := check_memory(sized(config, input_files(config)["content"]), device):
        say(line)
    with locks.exclusive(folder, wait):
        return find(config, folder, replaces) or compute_alone(config, folder, plan)


def sized(config: Config, photograph: Source) -> Config:
    """Return a config with the size of its picture, where only its longest side is given."""
    if not config.max_side:
        return config
    return replace(config, size=math.ceil(square(*size_of(photograph), config.max_side)))


def compute_in_memory(
    config: Config, given: Mapping[str, Source | None], progress: Progress
) -> Image.Image:
    """Return the picture of a config without writing anything.

    Images that are `given`, under the names of `input_files`, replace files. Raise `InputError` if
    a setting or an input cannot be used.
    """
    check_config(config)
    files = input_files(config)
    sources = {name: given.get(name) or path for name, path in files.items()}
    for source in sources.values():
        check_file(source)
    device = choose_device(config.device)
    check_memory(sized(config, sources["content"]), device)
    levels = load_levels(config, sources)
    with out_of_memory(device, config):
        result = run_levels(config, files.get("network"), levels, device, progress=progress)
    return finished(result, levels[1.0])


def find(config: Config, folder: Path, replaces: bool) -> str | None:
    """Return one line if a cell is complete; None if it has to be computed.

    A record with other settings is replaced, or else an `InputError`.
    """
    try:
        record = None if config.overwrite else records.read_record(folder)
        if record is None:
            return None
        if changed := records.differences(record, settings_in_full(config)):
            if replaces:
                return None
            raise InputError(
                f"{folder} holds a run with other settings ({'; '.join(changed)}): "
                "add overwrite=true to replace it, or output=FOLDER or cell=NAME to keep both"
            )
        records.check_sound(folder, record)
    except BrokenError as error:
        say(str(error))
        return None
    return f"{records.picture_file(folder)} already exists, skipped{without_effect(config, record)}"


def without_effect(config: Config, record: dict[str, Any]) -> str:
    """Return which settings have no effect on a complete cell, as part of a line."""
    late = [
        f"{name}={value}"
        for name in ("trajectory", "save_every")
        if (value := getattr(config, name)) and value != record["settings"].get(name)
    ]
    return f"; {' and '.join(late)} would need overwrite=true" if late else ""


def compute_alone(config: Config, folder: Path, plan: Plan | None = None) -> str:
    """Compute a cell that this process has locked; return one line on the outcome."""
    files, settings = input_files(config), settings_in_full(config)
    remove_leftovers(folder)
    device = choose_device(config.device)
    commit()  # cached now: the code on disk may change while it runs
    levels = load_levels(config, files)
    inputs = levels[1.0]
    checkpoint = Checkpoint(folder, settings, config.checkpoint_every)
    pictures = Pictures(folder, config, inputs)
    with checkpoint.interrupts.handled():
        try:
            with out_of_memory(device, config):
                progress = ImageProgress(config, folder, plan)
                result = run_levels(config, files.get("network"), levels, device, checkpoint,
                                    pictures, progress)  # fmt: skip
                progress.bar.close()
        except KeyboardInterrupt:
            pictures.interrupted()
            raise
        checkpoint.interrupts.waits = True  # until the record is written
        try:
            write(folder, config, settings, inputs, result, str(device))
        except OSError:
            pictures.interrupted()  # a smaller file, which may fit
            say(f"the same command will {way_on(folder)}")
            raise
        checkpoint.path.unlink(missing_ok=True)
        (folder / SO_FAR).unlink(missing_ok=True)
    done = f"{folder / 'image.png'} in {result.seconds:.0f} s, loss {result.best['total']:.3g}"
    return "; ".join([done, *result.messages])


def run_levels(
    config: Config,
    weights: Path | None,
    inputs: Mapping[float, Inputs],
    device: torch.device,
    checkpoint: Checkpoint | None = None,
    watch: Callable[[Result], None] = lambda result: None,
    progress: Progress = lambda row: None,
) -> Result:
    """Synthesize the image of a config at each size of its `inputs`; return the last one.

    What bfloat16 leaves of the budget, where its rounding hides any descent, is float32's.
    """
    precision = choose_precision(config.precision, device)
    precisions = []

    @lru_cache(maxsize=1)  # the stages of a continuation have the same targets
    def make(scale: float, precision: str) -> Objective:
        precisions.append(precision)
        return make_objective(config, weights, inputs[scale], device, precision)

    def weigh(stage: Stage, precision: str) -> Objective:
        objective = make(stage.scale, precision)
        objective.factor, objective.opening = stage.factor, stage.opening
        return objective

    stages = stages_of(config, inputs)
    levels = [
        Level(partial(weigh, stage, precision), inputs[stage.scale].shape, stage.evaluations)
        for stage in stages
    ]
    if precision == "bfloat16":
        levels.append(Level(partial(weigh, Stage(1.0), "float32"), inputs[1.0].shape, 0))
    init = make_init(config, inputs[stages[0].scale]).to(device)

    def seen(result: Result) -> None:
        before = result.precision.split(", ") if result.precision else []  # a resumed run
        result.precision = ", ".join(dict.fromkeys([*before, *precisions]))
        watch(result)

    with convolving(precision):
        result = synthesize(levels, init, config.optimizer, progress, checkpoint,
                            config.trajectory, config.tolerance or 0.0, seen)  # fmt: skip
    result.messages[:0] = [
        f"{scale:g} of the size is too small for the network, and left out"
        for scale in config.schedule.scales
        if scale not in inputs
    ]
    return result


class Stage(NamedTuple):
    """A part of a run: its scale, the factor of alpha, and whether it is of the opening."""

    scale: float
    factor: float = 1.0
    opening: bool = False
    evaluations: int = 0


def stages_of(config: Config, there: Container[float]) -> list[Stage]:
    """Return the stages of a run.

    There is one for each scale that is there; the evaluations of another go to the next. In a
    transfer it is divided: an opening comes first, a third of the run at most, and then, with a
    continuation, the factor of alpha falls every `STAGE` evaluations.
    """
    transfer = config.alpha and config.beta
    opening = min(config.opening or 0, config.evaluations // 3) if transfer else 0
    rest, first, count = config.evaluations - opening, 1.0, 0
    if config.continuation and config.continuation_share and transfer:
        first, count = config.continuation, round(config.continuation_share * rest)
    parts = [(1.0, True)] * opening
    parts += [(first ** (1 - (k - k % STAGE) / count), False) for k in range(count)]
    parts += [(1.0, False)] * (rest - count)
    stages, begin, end = [], 0, 0
    budgets = shares_of(config.evaluations, config.schedule.shares)
    for scale, budget in zip(config.schedule.scales, budgets, strict=True):
        end += budget
        if scale in there:
            for part, evaluations in groupby(parts[begin:end]):
                stages.append(Stage(scale, *part, len([*evaluations])))
            begin = end
    return stages
