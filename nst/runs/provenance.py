"""With what a run was computed: versions, commit, and what a scheduler gave it."""

import functools
import os
import platform
import subprocess
from pathlib import Path

import numpy
import scipy
import torch

import nst

JOB = ("CUDA_VISIBLE_DEVICES", "SLURM_JOB_ID", "SLURM_ARRAY_JOB_ID", "SLURM_ARRAY_TASK_ID")


def versions() -> dict[str, str]:
    """What computed the run."""
    modules = {"nst": nst, "torch": torch, "numpy": numpy, "scipy": scipy}
    return {"python": platform.python_version()} | {
        name: str(module.__version__) for name, module in modules.items()
    }


def job() -> dict[str, str]:
    """What a scheduler gave the run: its job and devices, as far as it says."""
    return {key: os.environ[key] for key in JOB if key in os.environ}


@functools.cache
def commit() -> str:
    """The git commit of the code, or nothing where there is none."""
    command = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""
