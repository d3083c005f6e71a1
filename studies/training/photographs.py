"""The photographs of a folder: which are learned from, and which are kept for measuring."""

from dataclasses import dataclass
from pathlib import Path

from nst.errors import InputError

SUFFIXES = (".jpg", ".jpeg", ".png")
HELD_OUT = 20  # every 20th name


@dataclass(frozen=True)
class Photographs:
    """Files in sorted order: those to learn from, and those that are never learned from."""

    learned: tuple[Path, ...]
    held_out: tuple[Path, ...]


def find_photographs(folder: Path) -> Photographs:
    """List the image files of the subfolders of `folder`; nothing is opened.

    Files of one name in two subfolders are on the same side: they may be one photograph cropped
    twice, as in Caltech-101's two folders of faces. Raises `InputError` without two distinct names.
    """
    files = sorted(p for p in folder.glob("*/**/*") if p.suffix.lower() in SUFFIXES)
    names = sorted({path.name for path in files})
    if len(names) < 2:
        raise InputError(f"no photographs in {folder}: data= names a folder of folders of images")
    kept = set(names[::HELD_OUT])
    return Photographs(
        tuple(path for path in files if path.name not in kept),
        tuple(path for path in files if path.name in kept),
    )
