"""From a result to the record of a run: its inputs, its outcome, and what computed it."""

import functools
import os
import platform
import subprocess
from pathlib import Path
from typing import Any

import numpy
import scipy
import torch
from PIL import Image

import nst
from nst.config import Config, more_files
from nst.errors import show_traceback
from nst.inputs.images import to_picture
from nst.inputs.loading import Inputs
from nst.inputs.sources import title
from nst.method.synthesis import Result
from nst.runs import records
from nst.runs.progress import optional, say

JOB = ("CUDA_VISIBLE_DEVICES", "SLURM_JOB_ID", "SLURM_ARRAY_JOB_ID", "SLURM_ARRAY_TASK_ID")


def write(
    folder: Path,
    config: Config,
    settings: dict[str, Any],
    inputs: Inputs,
    result: Result,
    picture: Image.Image,
    device: torch.device,
) -> None:
    """Write the record of a run, without its trajectory if that cannot be written."""
    strip = [frame.numpy() for _, frame in result.frames]
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
        show_traceback(error)
        say(f"no {records.TRAJECTORY} in {folder} ({error.strerror or error}): the picture may fit")
        records.write_record(folder, picture, result.losses, record | {"trajectory": None})


def keep_inputs(folder: Path, config: Config, inputs: Inputs) -> dict[str, Any]:
    """Keep a run's inputs, as the network saw them, beside the cells; return their record."""
    titles = {"content": title(config.content), "style": title(config.style)}
    more = more_files(config) | {"init": config.init_path or ""}
    titles |= {name: Path(path).stem for name, path in more.items()}
    images, kept = inputs.named(config), {}
    for name in [name for name in titles if name in images]:
        image = None
        with optional(f"the {name} image is not kept beside {folder}"):
            image = records.keep_input(folder, name, to_picture(images[name]))
        kept[name] = {"title": titles[name], "image": image}
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
