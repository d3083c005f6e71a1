"""One cell, the whole way: config -> images and network -> objective -> synthesis -> record."""

import math
from collections.abc import Callable
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch import Tensor

from nst.config import Config, artworks, check_config, masks
from nst.errors import OtherSettingsError
from nst.files import remove_leftovers
from nst.inputs.artworks import title
from nst.inputs.colours import recolour
from nst.inputs.images import to_picture
from nst.inputs.sources import checksums, input_files, load_images, picture_size
from nst.method.pixels import is_grey, resize, to_grey, white_noise
from nst.method.synthesis import Level, Result, synthesize
from nst.runs import locks, preflight, records
from nst.runs.checkpoint import Checkpoint
from nst.runs.device import choose_device, choose_precision
from nst.runs.objectives import make_objective
from nst.runs.progress import ImageProgress, say
from nst.runs.provenance import commit, job, versions
from nst.runs.steps import Steps


def cell_folder(config: Config) -> Path:
    """Where the record of a cell is."""
    return Path(config.output) / config.profile / config.figure / str(config.cell)


def compute(config: Config, wait: bool = False, folder: Path | None = None) -> str:
    """Compute a cell unless its record is there already; return one line on what was done.

    Its record goes to `folder`, or to the one that its settings name.

    Raises `InputError`, before anything is written, if a setting or an input cannot be used, and
    `BusyError` if another process is computing the cell; with `wait`, it waits for that one.
    """
    check_config(config)
    folder = folder or cell_folder(config)
    if done := find(config, folder):
        return done
    device = choose_device(config.device)
    choose_precision(config.precision, device)  # or it cannot be used there
    if config.longest:
        side = math.ceil(picture_size(config, input_files(config)))
        preflight.check(replace(config, size=side), folder, device)
    else:
        preflight.check(config, folder, device)
    with locks.exclusive(folder, wait):
        return find(config, folder) or compute_alone(config, folder)


def find(config: Config, folder: Path) -> str | None:
    """One line if the record of a cell is there; raises `InputError` if it is of another run."""
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
    """Compute a cell that is this process's own; one line that says how it went."""
    files = input_files(config)
    settings = asdict(config) | {"checksums": checksums(config, files)}
    remove_leftovers(folder)
    device = choose_device(config.device)
    images = load_images(config, files)
    checkpoint = Checkpoint(folder, settings, config.checkpoint_every)
    finish = finisher(config, files, images)
    steps = Steps(folder, config.save_every or 0, finish)
    try:
        result = run_levels(config, files, device, checkpoint, steps)
    except KeyboardInterrupt:
        steps.interrupted()
        raise
    write(folder, config, settings, images, result, finish(result.image), device)
    checkpoint.remove()
    steps.remove()
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
    """The image of a config: synthesized at each size of its schedule.

    What bfloat16 leaves of the budget, where its rounding hides any descent, is float32's.
    """
    precision = choose_precision(config.precision, device)
    budgets = shares_of(config.evaluations, config.schedule.shares)
    levels, starts = [], []
    for scale, budget in zip(config.schedule.scales, budgets, strict=True):
        images = load_images(config, files, scale)
        make = partial(make_objective, config, files["network"], images, device)
        height, width = images["content"].shape[2:]
        levels.append(Level(partial(make, precision), (height, width), budget))
        starts.append(make_start(config, images))
    if precision == "bfloat16":
        levels.append(Level(partial(make, "float32"), (height, width), 0))
    progress = ImageProgress(f"{config.figure}/{config.cell}", config.evaluations)
    used = [images["content"]] if config.alpha else []
    used += [images[name] for name in artworks(config)] if config.beta else []
    start = (to_grey(starts[0]) if all(map(is_grey, used)) else starts[0]).to(device)
    result = synthesize(levels, start, config.optimizer, progress, checkpoint,
                        config.course, config.tolerance or 0.0, watch)  # fmt: skip
    progress.close()
    return result


def finisher(
    config: Config, files: dict[str, Path | None], images: dict[str, Tensor]
) -> Callable[[Tensor], Image.Image]:
    """Return what makes the picture of an image (1, 3, H, W) of any level.

    It has the size of the whole, and the photograph's colours where only luminance was painted.
    """
    height, width = images["content"].shape[2:]
    coloured = None
    if config.colours == "luminance":
        coloured = load_images(replace(config, colours=None), files)["content"]

    def finish(x: Tensor) -> Image.Image:
        x = resize(x.cpu(), height, width)
        return to_picture(x if coloured is None else recolour(x, coloured))

    return finish


def shares_of(evaluations: int, shares: list[float]) -> list[int]:
    """A budget of evaluations, divided; what rounding leaves is the last one's."""
    counts = [round(share * evaluations) for share in shares[:-1]]
    return [*counts, evaluations - sum(counts)]


def make_start(config: Config, images: dict[str, Tensor]) -> Tensor:
    """Where x starts: (1, 3, H, W), the size of the photograph."""
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
    """Leave the record of a run, with its inputs as the network saw them."""
    titles = {"content": title(config.content), "style": title(config.style)}
    more = zip(artworks(config)[1:], config.more_styles or [], strict=True)
    titles |= {name: Path(path).stem for name, path in [*more, *masks(config).items()]}
    inputs = {
        name: {
            "title": text,
            "image": keep_input(folder, input_name(config, name, settings["checksums"][name]), x),
        }
        for name, text in titles.items()
        if (x := images.get(name)) is not None
    }
    record: dict[str, Any] = {
        "settings": settings,
        "inputs": inputs,
        "evaluations": result.evaluations,
        "iterations": result.iterations,
        "seconds": round(result.seconds, 2),
        "losses": result.best,
        "course": {"image": records.COURSE, "evaluations": [n for n, _ in result.frames]}
        if result.frames
        else None,
        "messages": result.messages,
        "device": str(device),
        "precision": choose_precision(config.precision, device),
        "threads": torch.get_num_threads(),
        "job": job(),
        "versions": versions(),
        "commit": commit(),
    }
    strip = [frame.numpy() for _, frame in result.frames]
    try:
        records.write_record(folder, picture, result.losses, record, strip)
    except OSError as error:
        if not strip:
            raise
        say(f"no {records.COURSE} in {folder} ({error.strerror or error}): the picture may fit")
        records.write_record(folder, picture, result.losses, record | {"course": None})


def keep_input(folder: Path, name: str, x: Tensor) -> str | None:
    """Keep an input as `records.keep_input` does; none, and a line, where the disk is full."""
    try:
        return records.keep_input(folder, name, to_picture(x))
    except OSError as error:
        say(f"{name}.png is not kept beside {folder} ({error.strerror}): the run goes on without")
        return None


def input_name(config: Config, name: str, checksum: str) -> str:
    """Return the name under which an input is kept; another one for all that changes its pixels."""
    changes = [f"longest{config.longest}"] if config.longest else []
    changes += [config.colours] if config.colours else []
    changes += (
        [f"x{config.style_scale:g}"] if config.style_scale and name.startswith("style") else []
    )
    return "_".join([name, checksum[:12], str(config.size), *changes])
