"""Whether a file that a run has left is whole. Imports no torch."""

import functools
from pathlib import Path

import pandas as pd
from PIL import Image

from nst.inputs.imagefiles import own_limits


def is_picture(path: Path) -> bool:
    """Tell whether a file is a whole picture."""
    state = path.stat()
    return opens(path, state.st_mtime_ns, state.st_size)


@functools.lru_cache(maxsize=1024)
def opens(path: Path, changed: int, size: int) -> bool:
    """Tell whether a picture can be read; look once at each file: cells share their inputs."""
    try:
        with own_limits(), Image.open(path) as picture:
            picture.load()
    except Exception:  # Pillow's decoders raise almost any
        return False
    return True


def has_evaluation(path: Path, number: int) -> bool:
    """Tell whether a table of losses is whole, and has the row of an evaluation."""
    if not path.read_bytes().endswith(b"\n"):
        return False
    try:
        return number in set(pd.read_csv(path)["evaluation"])
    except (ValueError, KeyError):
        return False
