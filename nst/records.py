"""What a run leaves behind: image.png, losses.csv and record.json; many as one pandas frame.

A record is written last: where it is, the cell is complete. Imports no torch.
"""

import io
import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

from nst.errors import InputError

SCHEMA = 1
# Settings that change where or whether a run is computed, but not what.
# Files count by their checksums, not by where they lie.
INCIDENTAL = ("output", "data", "overwrite", "cell", "device", "path", "source", "url",
              "checkpoint_every", "course")  # fmt: skip
COURSE = "course.jpg"


def check_folder(folder: Path) -> None:
    """Raise `InputError` if `folder` is not there and cannot be made."""
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not (there.is_dir() and os.access(there, os.W_OK)):
        raise InputError(f"{folder} cannot be written, because of {there}: set output=FOLDER")


def write_files(folder: Path, contents: dict[str, bytes]) -> None:
    """Write the files of `contents`, or leave what was there if one cannot be written.

    The last one marks the others as complete: it is gone while they are replaced.
    """
    folder.mkdir(parents=True, exist_ok=True)
    temporary = {name: folder / f".{name}.{os.getpid()}" for name in contents}
    try:
        for name, content in contents.items():
            temporary[name].write_bytes(content)
        (folder / list(contents)[-1]).unlink(missing_ok=True)
        for name, path in temporary.items():
            os.replace(path, folder / name)
    finally:
        for path in temporary.values():
            path.unlink(missing_ok=True)


def png(picture: Image.Image) -> bytes:
    """A picture as the bytes of a PNG file."""
    buffer = io.BytesIO()
    picture.save(buffer, format="PNG")
    return buffer.getvalue()


def keep_input(folder: Path, name: str, picture: Image.Image) -> str:
    """Keep an input as the network saw it, beside the cells; its path from a cell's folder."""
    path = folder.parent / "inputs" / f"{name}.png"
    if not path.exists():
        write_files(path.parent, {path.name: png(picture)})
    return f"../inputs/{path.name}"


def strip(frames: Sequence[np.ndarray]) -> bytes:
    """Frames (h, w, 3) of equal size side by side, as the bytes of a JPEG file."""
    buffer = io.BytesIO()
    Image.fromarray(np.concatenate(frames, axis=1)).save(buffer, format="JPEG", quality=85)
    return buffer.getvalue()


def write_record(
    folder: Path,
    picture: Image.Image,
    losses: Iterable[dict[str, Any]],
    record: dict[str, Any],
    frames: Sequence[np.ndarray] = (),
) -> None:
    """Leave image.png, losses.csv, the course and, last, record.json in `folder`."""
    contents = {COURSE: strip(frames)} if frames else {}
    contents |= {
        "image.png": png(picture),
        "losses.csv": pd.DataFrame(losses).to_csv(index=False).encode(),
        "record.json": (json.dumps({"schema": SCHEMA, **record}, indent=1) + "\n").encode(),
    }
    write_files(folder, contents)


def read_record(folder: Path) -> dict[str, Any] | None:
    """The record of a cell; None if there is none. Raises `InputError` if it cannot be read."""
    path = folder / "record.json"
    if not path.exists():
        return None
    try:
        record = json.loads(path.read_text())
    except ValueError as error:
        raise InputError(f"{path} is not a record: delete {folder} and run again") from error
    if not isinstance(record, dict) or record.get("schema") != SCHEMA or "settings" not in record:
        raise InputError(f"{path} is of another version: delete {folder} and run again")
    return record


def flatten(settings: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested settings under dotted keys."""
    flat: dict[str, Any] = {}
    for key, value in settings.items():
        if isinstance(value, dict):
            flat |= flatten(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = value
    return flat


def differences(record: dict[str, Any], settings: dict[str, Any]) -> list[str]:
    """How the settings of a record differ from `settings`, a line each: ``key: old -> new``."""
    old, new = flatten(record["settings"]), flatten(settings)
    keys = [key for key in old | new if key.rsplit(".", 1)[-1] not in INCIDENTAL]
    return [
        f"{key}: {old.get(key)} -> {new.get(key)}" for key in keys if old.get(key) != new.get(key)
    ]


def load(root: Path) -> pd.DataFrame:
    """One row a run below `root`: its settings, losses and figures under dotted names.

    `folder`, `image` and `losses` are the paths of the cell and its files, `device` is the one
    that computed. ``attrs["settings"]`` names the columns that are settings.
    """
    rows = []
    settings: dict[str, Any] = {}
    for path in sorted(root.rglob("record.json")):
        record = read_record(path.parent)
        assert record is not None
        row = flatten({key: value for key, value in record.items() if key != "settings"})
        settings |= (own := flatten(record["settings"]))
        row |= own | {"device": record.get("device", own.get("device"))}
        row |= {"folder": path.parent, "image": path.parent / "image.png"}
        rows.append(row | {"losses": path.parent / "losses.csv"})
    frame = pd.DataFrame(rows)
    frame.attrs["settings"] = list(settings)
    return frame
