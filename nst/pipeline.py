"""One cell, the whole way: config -> images and network -> objective -> synthesis -> record."""

import functools
import json
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from nst import locks, preflight, records
from nst.allocator import keep_freed_memory
from nst.artworks import title
from nst.config import Config, NetworkConfig, check_config, layers_used
from nst.errors import InputError
from nst.images import is_grey, to_grey, to_picture, white_noise
from nst.inputs import checksums, input_files, load_images
from nst.objective import Objective
from nst.precision import allow_tf32, choose_precision, response_type
from nst.progress import ImageProgress, say
from nst.provenance import commit, job, versions
from nst.resume import Checkpoint
from nst.synthesis import Level, Result, synthesize
from nst.vgg import VGG19, Preprocessing, deepest
from nst.weights import Weights, load_weights


def cell_folder(config: Config) -> Path:
    """Where the record of a cell is."""
    return Path(config.output) / config.profile / config.figure / str(config.cell)


def compute(config: Config, wait: bool = False) -> str:
    """Compute a cell unless its record is there already; one line that says what was done.

    Raises `InputError`, before anything is written, if a setting or an input cannot be used, and
    `BusyError` if another process is computing the cell; with `wait`, it waits for that one.
    """
    check_config(config)
    folder = cell_folder(config)
    if done := find(config, folder):
        return done
    device = choose_device(config.device)
    choose_precision(config.precision, device)  # or it cannot be used there
    preflight.check(config, folder, device)
    with locks.claim(folder, wait):
        return find(config, folder) or compute_claimed(config, folder)


def find(config: Config, folder: Path) -> str | None:
    """One line if the record of a cell is there; raises `InputError` if it is of another run."""
    record = None if config.overwrite else records.read_record(folder)
    if record is None:
        return None
    settings = asdict(config) | {"checksums": checksums(config, input_files(config))}
    if changed := records.differences(record, settings):
        raise InputError(
            f"{folder} holds a run with other settings ({'; '.join(changed)}): "
            "add overwrite=true to replace it, or output=FOLDER or cell=NAME to keep both"
        )
    return f"{folder / 'image.png'} is there already"


def compute_claimed(config: Config, folder: Path) -> str:
    """Compute a cell that is this process's own; one line that says how it went."""
    files = input_files(config)
    settings = asdict(config) | {"checksums": checksums(config, files)}
    records.remove_leftovers(folder)
    device = choose_device(config.device)
    images = load_images(config, files)
    checkpoint = Checkpoint(folder, settings, config.checkpoint_every)
    result = run_levels(config, files, device, checkpoint)
    write(folder, config, settings, images, result, device)
    checkpoint.remove()
    notes = "".join(f"; {message}" for message in result.messages)
    return (
        f"{folder / 'image.png'} in {result.seconds:.0f} s, loss {result.best['total']:.3g}{notes}"
    )


def run_levels(
    config: Config,
    files: dict[str, Path | None],
    device: torch.device,
    checkpoint: Checkpoint | None = None,
) -> Result:
    """The image of a config: synthesized at each size of its schedule.

    What bfloat16 leaves of the budget, where its rounding hides any descent, is float32's.
    """
    keep_freed_memory()
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
    used = [images[name] for name, weight in (("content", config.alpha), ("style", config.beta))
            if weight]  # fmt: skip
    start = (to_grey(starts[0]) if all(map(is_grey, used)) else starts[0]).to(device)
    result = synthesize(levels, start, config.optimizer, progress, checkpoint, config.course)
    progress.close()
    return result


def shares_of(evaluations: int, shares: list[float]) -> list[int]:
    """A budget of evaluations, divided; what rounding leaves is the last one's."""
    counts = [round(share * evaluations) for share in shares[:-1]]
    return [*counts, evaluations - sum(counts)]


def choose_device(name: str) -> torch.device:
    """The device of that name, or with ``auto`` the first of cuda, mps and cpu that is there."""
    available = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if name == "auto":
        return torch.device(next(kind for kind, there in available.items() if there))
    kind, colon, index = name.partition(":")
    last = torch.cuda.device_count() - 1 if kind == "cuda" else 0
    if not available.get(kind, False) or (colon and index not in map(str, range(last + 1))):
        there = [kind for kind, there in available.items() if there]
        raise InputError(f"device={name} is not available here: use auto, {', '.join(there)}")
    return torch.device(name)


@functools.lru_cache(maxsize=1)
def cached_weights(network: str, path: Path | None) -> Weights:
    """A network's weights, read once a process; `network` is its config as JSON."""
    return load_weights(NetworkConfig(**json.loads(network)), path)


def make_objective(
    config: Config,
    weights: Path | None,
    images: dict[str, Tensor],
    device: torch.device,
    precision: str = "float32",
) -> Objective:
    """The objective of a config, on the device, with convolutions in a precision."""
    net = config.network
    allow_tf32(precision)
    network = VGG19(
        cached_weights(json.dumps(asdict(net)), weights),
        Preprocessing(net.scale, tuple(net.mean), tuple(net.std), net.bgr),
        net.pooling,
        deepest(layers_used(config)),
    ).to(device, response_type(precision))
    return Objective(
        network,
        images["content"].to(device),
        images["style"].to(device) if config.beta else None,
        config.alpha * (config.constant if config.convention == "relative" else 1.0),
        config.beta,
        config.content_layers,
        config.style_layers,
        config.convention,
    )


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
    device: torch.device,
) -> None:
    """Leave the record of a run, with its inputs as the network saw them."""
    kept = {"content": config.content, "style": config.style}
    inputs = {
        name: {
            "title": title(image),
            "image": keep_input(
                folder, f"{name}_{settings['checksums'][name][:12]}_{config.size}", x
            ),
        }
        for name, image in kept.items()
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
    picture = to_picture(result.image)
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
