"""One cell, the whole way: config -> images and network -> objective -> synthesis -> record."""

import functools
import math
import os
import platform
import subprocess
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy
import scipy
import torch
from PIL import Image
from torch import Tensor

import nst
from nst.config import Config, artworks, check_config, masks, paints_brightness
from nst.errors import OtherSettingsError
from nst.files import remove_leftovers
from nst.inputs.artworks import title
from nst.inputs.images import to_picture
from nst.inputs.sources import checksums, input_files, load_images, load_levels, picture_size
from nst.method.objective import Objective
from nst.method.pixels import to_grey, white_noise
from nst.method.synthesis import Level, Result, synthesize
from nst.runs import locks, preflight, records
from nst.runs.checkpoint import SO_FAR, Checkpoint, Pictures
from nst.runs.device import choose_device, choose_precision, convolving, precision_in_force
from nst.runs.objectives import make_objective
from nst.runs.progress import ImageProgress, optional, say

JOB = ("CUDA_VISIBLE_DEVICES", "SLURM_JOB_ID", "SLURM_ARRAY_JOB_ID", "SLURM_ARRAY_TASK_ID")


def cell_folder(config: Config) -> Path:
    """Return where the record of a cell is."""
    return Path(config.output) / config.profile / config.figure / str(config.cell)


def compute(config: Config, wait: bool = False, folder: Path | None = None) -> str:
    """Compute a cell unless its record is there already; return one line on what was done.

    Its record goes to `folder`, or to the one that its settings name.

    Raise `InputError`, before anything is written, if a setting or an input cannot be used, and
    `BusyError` if another process is computing the cell; with `wait`, wait for that one.
    """
    check_config(config)
    folder = folder or cell_folder(config)
    if done := find(config, folder):
        return done
    device = choose_device(config.device)
    choose_precision(config.precision, device)  # or it cannot be used there
    size = config.size
    if config.longest:
        size = math.ceil(picture_size(config, input_files(config)))
    preflight.check(replace(config, size=size), folder, device)
    with locks.exclusive(folder, wait):
        return find(config, folder) or compute_alone(config, folder)


def find(config: Config, folder: Path) -> str | None:
    """Return one line if the record of a cell is there; raise `InputError` if of another run."""
    record = None if config.overwrite else records.read_record(folder)
    if record is None:
        return None
    settings = asdict(config) | {"checksums": checksums(config, input_files(config))}
    if changed := records.differences(record, settings):
        raise OtherSettingsError(
            f"{folder} holds a run with other settings ({'; '.join(changed)}): "
            "add overwrite=true to replace it, or output=FOLDER or cell=NAME to keep both"
        )
    return f"{folder / 'image.png'} is there already"


def compute_alone(config: Config, folder: Path) -> str:
    """Compute a cell that is this process's own; return one line on how it went."""
    files = input_files(config)
    settings = asdict(config) | {"checksums": checksums(config, files)}
    remove_leftovers(folder)
    device = choose_device(config.device)
    commit()  # of the code that computes, before anything changes it
    images = load_images(config, files)
    checkpoint = Checkpoint(folder, settings, config.checkpoint_every)
    pictures = Pictures(folder, config, files, images)
    try:
        with preflight.out_of_memory(device):
            result = run_levels(config, files, device, checkpoint, pictures)
    except KeyboardInterrupt:
        pictures.interrupted()
        raise
    write(folder, config, settings, images, result, pictures.picture(result), device)
    checkpoint.remove()
    (folder / SO_FAR).unlink(missing_ok=True)
    notes = "".join(f"; {message}" for message in result.messages)
    return (
        f"{folder / 'image.png'} in {result.seconds:.0f} s, loss {result.best['total']:.3g}{notes}"
    )


def run_levels(
    config: Config,
    files: dict[str, Path | None],
    device: torch.device,
    checkpoint: Checkpoint | None = None,
    watch: Callable[[Result], None] = lambda result: None,
) -> Result:
    """Synthesize the image of a config at each size of its schedule; return the last one.

    What bfloat16 leaves of the budget, where its rounding hides any descent, is float32's.
    """
    precision = choose_precision(config.precision, device)
    budgets = shares_of(config.evaluations, config.schedule.shares)
    levels, starts, precisions = [], [], []

    def make(images: dict[str, Tensor], precision: str) -> Objective:
        objective = make_objective(config, files["network"], images, device, precision)
        precisions.append(precision_in_force(objective.network.get_buffer("conv1_1_weight")))
        return objective

    sizes, left_out = load_levels(config, files, budgets)
    for images, budget in sizes:
        height, width = images["content"].shape[2:]
        levels.append(Level(functools.partial(make, images, precision), (height, width), budget))
        starts.append(make_start(config, images))
    if precision == "bfloat16":
        levels.append(Level(functools.partial(make, images, "float32"), (height, width), 0))
    progress = ImageProgress(f"{config.figure}/{config.cell}", config.evaluations)
    start = (to_grey(starts[0]) if paints_brightness(config) else starts[0]).to(device)
    with convolving(precision):
        result = synthesize(levels, start, config.optimizer, progress, checkpoint,
                            config.course, config.tolerance or 0.0, watch)  # fmt: skip
    result.precision = ", ".join(dict.fromkeys(precisions))
    result.messages[:0] = left_out
    progress.bar.close()
    return result


def shares_of(evaluations: int, shares: list[float]) -> list[int]:
    """Divide a budget of evaluations; what rounding leaves is the last one's."""
    counts = [round(share * evaluations) for share in shares[:-1]]
    return [*counts, evaluations - sum(counts)]


def make_start(config: Config, images: dict[str, Tensor]) -> Tensor:
    """Return where x starts: (1, 3, H, W), the size of the photograph."""
    if config.start.kind == "noise":
        height, width = images["content"].shape[2:]
        return white_noise(height, width, config.seed, config.start.mean, config.start.deviation)
    return images["start" if config.start.kind == "file" else "content"]


def write(
    folder: Path,
    config: Config,
    settings: dict[str, Any],
    images: dict[str, Tensor],
    result: Result,
    picture: Image.Image,
    device: torch.device,
) -> None:
    """Write the record of a run; its course is left out where the disk is full."""
    strip = [frame.numpy() for _, frame in result.frames]
    course = {"image": records.COURSE, "evaluations": [n for n, _ in result.frames]}
    record: dict[str, Any] = {
        "settings": settings,
        "inputs": keep_inputs(folder, config, images, settings["checksums"]),
        "evaluations": result.evaluations,
        "iterations": result.iterations,
        "seconds": round(result.seconds, 2),
        "losses": result.best,
        "course": course if strip else None,
        "messages": result.messages,
        "device": str(device),
        "precision": result.precision,
        "threads": torch.get_num_threads(),
        "job": {key: os.environ[key] for key in JOB if key in os.environ},
        "versions": versions(),
        "commit": commit(),
    }
    try:
        records.write_record(folder, picture, result.losses, record, strip)
    except OSError as error:
        if not strip:
            raise
        say(f"no {records.COURSE} in {folder} ({error.strerror or error}): the picture may fit")
        records.write_record(folder, picture, result.losses, record | {"course": None})


def keep_inputs(
    folder: Path, config: Config, images: dict[str, Tensor], checksums: dict[str, str]
) -> dict[str, Any]:
    """Keep a run's inputs beside the cells, as the network saw them; return their record.

    The name of each changes with all that changes its pixels.
    """
    titles = {"content": title(config.content), "style": title(config.style)}
    more = zip(artworks(config)[1:], config.more_styles or [], strict=True)
    titles |= {name: Path(path).stem for name, path in [*more, *masks(config).items()]}
    inputs = {}
    for name in [name for name in titles if name in images]:
        parts = [name, checksums[name][:12], str(config.size)]
        parts += [f"longest{config.longest}"] if config.longest else []
        parts += [config.colours] if config.colours else []
        scaled = config.style_scale and name.startswith("style")
        parts += [f"x{config.style_scale:g}"] if scaled else []
        file, image = "_".join(parts), None
        with optional(f"{file}.png is not kept beside {folder}"):
            image = records.keep_input(folder, file, to_picture(images[name]))
        inputs[name] = {"title": titles[name], "image": image}
    return inputs


def versions() -> dict[str, str]:
    """Return the versions of what computed the run."""
    modules = {"nst": nst, "torch": torch, "numpy": numpy, "scipy": scipy}
    found = {name: str(module.__version__) for name, module in modules.items()}
    return {"python": platform.python_version()} | found


@functools.cache
def commit() -> str:
    """Return the git commit of the code, or nothing where there is none.

    A repository that the package is only installed in does not count.
    """
    git, options = ["git", "-C", str(Path(__file__).parent)], {"capture_output": True, "text": True}
    own, described = ["ls-files", "--error-unmatch", __file__], ["describe", "--always", "--dirty"]
    try:
        subprocess.run([*git, *own], check=True, **options)  # type: ignore[call-overload]
        found = subprocess.run([*git, *described], check=True, **options)  # type: ignore[call-overload]
        return str(found.stdout).strip()
    except (OSError, subprocess.CalledProcessError):
        return ""
