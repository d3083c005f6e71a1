"""What a run writes: intermediate pictures, also on Ctrl-C, and its record at the end."""

import functools
import os
import platform
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy
import scipy
import torch
from PIL import Image

import nst
from nst.config import Config, images_used
from nst.files import write_files
from nst.inputs.colours import recolour
from nst.inputs.images import to_picture
from nst.inputs.loading import Inputs
from nst.inputs.sources import title
from nst.method.pixels import resize
from nst.method.synthesis import Result
from nst.runs import records
from nst.runs.progress import optional

FOLDER = "steps"  # of intermediate pictures
SO_FAR = "image_so_far.png"
JOB = ("CUDA_VISIBLE_DEVICES", "SLURM_JOB_ID", "SLURM_ARRAY_JOB_ID", "SLURM_ARRAY_TASK_ID")


def write(
    folder: Path,
    config: Config,
    settings: dict[str, Any],
    inputs: Inputs,
    result: Result,
    device: str,
) -> None:
    """Write the record of a run."""
    picture, strip = finished(result, inputs), [frame.numpy() for _, frame in result.frames]
    trajectory = {"image": records.TRAJECTORY, "evaluations": [n for n, _ in result.frames]}
    record: dict[str, Any] = {
        "settings": settings,
        "inputs": keep_inputs(folder, config, inputs),
        "evaluations": result.evaluations,
        "iterations": result.iterations,
        "seconds": round(result.seconds, 2),
        "losses": result.best,
        "trajectory": trajectory if strip else None,
        "messages": result.messages,
        "device": device,
        "precision": result.precision,
        "threads": torch.get_num_threads(),
        "job": {key: os.environ[key] for key in JOB if key in os.environ},
        "versions": versions(),
        "commit": commit(),
    }
    records.write_record(folder, picture, result.losses, record, strip)


def keep_inputs(folder: Path, config: Config, inputs: Inputs) -> dict[str, Any]:
    """Keep a run's inputs, as the network saw them, beside the cells; return their record."""
    images, kept = inputs.named(config), {}
    for name, used in images_used(config).items():
        image = None
        with optional(f"the {name} image is not kept beside {folder}"):
            image = records.keep_input(folder, name, to_picture(images[name]))
        kept[name] = {"title": title(used), "image": image}
    return kept


def versions() -> dict[str, str]:
    """Return the versions of the software that computed the run."""
    modules = {"nst": nst, "torch": torch, "numpy": numpy, "scipy": scipy}
    found = {name: str(module.__version__) for name, module in modules.items()}
    return {"python": platform.python_version()} | found


@functools.cache
def commit() -> str:
    """Return the git commit of the code; empty if the code is not under version control."""
    git = functools.partial(subprocess.check_output, cwd=Path(__file__).parent,
                            stderr=subprocess.DEVNULL, encoding="utf-8")  # fmt: skip
    try:
        git(["git", "ls-files", "--error-unmatch", __file__])
        return str(git(["git", "describe", "--always", "--dirty"])).strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def remove_steps(folder: Path) -> None:
    """Remove a run's intermediate pictures from a cell's folder, and no other file."""
    for path in (folder / FOLDER).glob("*.png"):
        if path.stem.isdecimal():
            path.unlink(missing_ok=True)
    with suppress(OSError):  # missing, or not empty
        (folder / FOLDER).rmdir()


class Pictures:
    """The pictures that a run writes before its end: every so many evaluations, and on Ctrl-C."""

    def __init__(self, folder: Path, config: Config, inputs: Inputs) -> None:
        self.folder, self.every, self.inputs = folder, config.save_every, inputs
        self.result: Result | None = None

    def __call__(self, result: Result) -> None:
        """Take note of a run after an evaluation."""
        self.result = result
        if self.every and result.evaluations % self.every == 0:
            self.write(self.folder / FOLDER / f"{result.evaluations:05}.png", result)

    def interrupted(self) -> None:
        """Write the best picture so far."""
        if self.result and self.result.best:
            self.write(self.folder / SO_FAR, self.result)

    def write(self, path: Path, result: Result) -> None:
        """Write the best picture; if it cannot be written, the run goes on."""
        picture = finished(result, self.inputs)
        with optional(f"no picture at {path}"):
            write_files(path.parent, {path.name: records.encoded(picture, "PNG")})


def finished(result: Result, inputs: Inputs) -> Image.Image:
    """Return a run's picture at full size, in the photograph's colours if they are kept."""
    x = resize(result.image.cpu(), *inputs.shape)
    return to_picture(x if inputs.in_colour is None else recolour(x, inputs.in_colour))
