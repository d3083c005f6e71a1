"""From a result to the record of a run: what the picture was made of, on what, by which code."""

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
from torch import Tensor

import nst
from nst.config import Config, artworks, masks
from nst.errors import show_traceback
from nst.inputs.catalogue import title
from nst.inputs.images import to_picture
from nst.method.synthesis import Result
from nst.runs import records
from nst.runs.progress import optional, say

JOB = ("CUDA_VISIBLE_DEVICES", "SLURM_JOB_ID", "SLURM_ARRAY_JOB_ID", "SLURM_ARRAY_TASK_ID")


def write(
    folder: Path,
    config: Config,
    settings: dict[str, Any],
    images: dict[str, Tensor],
    result: Result,
    picture: Image.Image,
    device: torch.device,
) -> None:
    """Write the record of a run; its trajectory is left out where the disk is full."""
    strip = [frame.numpy() for _, frame in result.frames]
    trajectory = {"image": records.TRAJECTORY, "evaluations": [n for n, _ in result.frames]}
    record: dict[str, Any] = {
        "settings": settings,
        "inputs": keep_inputs(folder, config, images),
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


def keep_inputs(folder: Path, config: Config, images: dict[str, Tensor]) -> dict[str, Any]:
    """Keep a run's inputs beside the cells, as the network saw them; return their record."""
    titles = {"content": title(config.content), "style": title(config.style)}
    more = zip(artworks(config)[1:], config.more_styles or [], strict=True)
    titles |= {name: Path(path).stem for name, path in [*more, *masks(config).items()]}
    titles |= {"init": Path(config.init_path or "").stem}
    inputs = {}
    for name in [name for name in titles if name in images]:
        image = None
        with optional(f"the {name} image is not kept beside {folder}"):
            image = records.keep_input(folder, name, to_picture(images[name]))
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
    git, options = (
        ["git", "-C", str(Path(__file__).parent)],
        {"capture_output": True, "encoding": "utf-8"},
    )
    own, described = ["ls-files", "--error-unmatch", __file__], ["describe", "--always", "--dirty"]
    try:
        subprocess.run([*git, *own], check=True, **options)  # type: ignore[call-overload]
        found = subprocess.run([*git, *described], check=True, **options)  # type: ignore[call-overload]
        return str(found.stdout).strip()
    except (OSError, subprocess.CalledProcessError):
        return ""
