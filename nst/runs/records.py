"""What a run leaves: image.png, losses.csv and record.json; many runs as one pandas frame.

The record is written last: a cell is complete if it exists and the files that it names are intact.
Imports no torch.
"""

import contextlib
import hashlib
import io
import json
import traceback
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

from nst.errors import BrokenError, InputError, one_line
from nst.files import printable, write_files
from nst.inputs.download import kept_name
from nst.inputs.imagefiles import is_picture

SCHEMA = 3
# Settings that decide where or whether a run is computed, but not what. Files count by their
# checksums, not by their paths.
FILES = ("path", "init_path", "source", "url", "styles", "masks")
INCIDENTAL = ("output", "data", "overwrite", "cell", "device", "launcher", "checkpoint_every",
              "trajectory", "save_every", *FILES)  # fmt: skip
AGAIN = "its command computes the cell again"
TRAJECTORY = "trajectory.jpg"
INPUTS = "inputs"  # the folder beside the cells that keeps their inputs


def encoded(picture: Image.Image, form: str, **options: Any) -> bytes:
    """Return a picture as the bytes of a file in one of Pillow's formats."""
    buffer = io.BytesIO()
    picture.save(buffer, format=form, **options)
    return buffer.getvalue()


def picture_file(folder: Path) -> Path:
    """Return the picture of a cell: image.png or, if it is published, image.webp."""
    published = folder / "image.webp"
    return published if published.exists() else folder / "image.png"


def is_own(row: dict[str, Any], name: str) -> bool:
    """Return whether a row's photograph (content) or artwork (style) is a file of the user's."""
    return isinstance(row.get("content.path" if name == "content" else "styles"), str | list)


def input_file(row: dict[str, Any], name: str) -> Path | None:
    """Return the file of a row's photograph (content) or artwork (style); None if not here.

    It is kept beside the cells or, for a published cell, downloaded to data/.
    """
    if not isinstance(kept := row.get(f"inputs.{name}.image"), str):
        return None
    source, checksum = str(row.get(f"{name}.source")), row.get(f"{name}.sha256")
    own = kept_name(source, str(row.get(f"{name}.name")), isinstance(checksum, str))
    downloaded = Path(str(row.get("data"))) / own
    return next((path for path in (row["folder"] / kept, downloaded) if path.is_file()), None)


def keep_input(folder: Path, name: str, picture: Image.Image) -> str:
    """Keep an input, as the network saw it, beside the cells; return its path from a cell.

    Its file is named by a hash of its pixels, so that cells share equal inputs and no others.
    """
    digest = hashlib.sha256(f"{picture.size}".encode() + picture.tobytes()).hexdigest()
    path, content = folder.parent / INPUTS / f"{name}_{digest[:16]}.png", encoded(picture, "PNG")
    if not (path.exists() and path.read_bytes() == content):
        write_files(path.parent, {path.name: content})
    return f"../{INPUTS}/{path.name}"


def write_record(
    folder: Path,
    picture: Image.Image,
    losses: Iterable[dict[str, Any]],
    record: dict[str, Any],
    frames: Sequence[np.ndarray] = (),
) -> None:
    """Write image.png, losses.csv, the trajectory (frames (h, w, 3)) and, last, record.json.

    Remove failure.json, and the trajectory of an earlier run.
    """
    contents = {}
    if frames:
        strip = Image.fromarray(np.concatenate(frames, axis=1))
        contents[TRAJECTORY] = encoded(strip, "JPEG", quality=85)
    contents |= {
        "image.png": encoded(picture, "PNG"),
        "losses.csv": pd.DataFrame(losses).to_csv(index=False).encode(),
        "record.json": (json.dumps({"schema": SCHEMA, **record}, indent=1) + "\n").encode(),
    }
    write_files(folder, contents)
    for name in ("failure.json", *([] if record.get("trajectory") else [TRAJECTORY])):
        (folder / name).unlink(missing_ok=True)


def write_failure(folder: Path, error: Exception, settings: dict[str, Any]) -> None:
    """Write failure.json, why a cell has no record; if it has one, do nothing.

    An unexpected error comes with its traceback.
    """
    if (folder / "record.json").exists():
        return
    failure = {"schema": SCHEMA, "error": one_line(error), "settings": settings}
    if not isinstance(error, InputError):
        failure["traceback"] = traceback.format_exception(error)
    content = json.dumps(failure, indent=1) + "\n"
    write_files(folder, {"failure.json": content.encode()})


def read_record(folder: Path, name: str = "record.json") -> dict[str, Any] | None:
    """Return the record of a cell, or its failure.json; None if there is none.

    Raise `BrokenError` if it is damaged, `InputError` if it is of another version.
    """
    path = folder / name
    try:
        found = json.loads(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except ValueError as error:
        raise BrokenError(f"{path} is not a record: {AGAIN}") from error
    schema = found.get("schema") if isinstance(found, dict) else None
    if schema != SCHEMA:
        raise InputError(
            f"{path} is of another version (schema {schema}, this code reads {SCHEMA}): "
            f"delete {folder} and run again"
        )
    if not isinstance(found.get("settings"), dict):
        raise BrokenError(f"{path} holds no settings: {AGAIN}")
    return found


def check_there(folder: Path, record: dict[str, Any]) -> None:
    """Raise `BrokenError` if a file of a cell is missing: its picture, losses or trajectory."""
    for path in (picture_file(folder), folder / "losses.csv", *trajectory_file(folder, record)):
        if not path.is_file():
            raise BrokenError(f"{path} is missing: {AGAIN}")


def check_sound(folder: Path, record: dict[str, Any]) -> None:
    """Raise `BrokenError` if a file of a cell is missing or damaged, or a kept input is damaged."""
    check_there(folder, record)
    inputs = record.get("inputs") or {}
    kept = [folder / each["image"] for each in inputs.values() if each.get("image")]
    there = [path for path in kept if path.is_file()]  # a published cell has none
    for path in (picture_file(folder), *trajectory_file(folder, record), *there):
        if not is_picture(path):
            raise BrokenError(f"{path} is damaged: {AGAIN}")
    losses, best = folder / "losses.csv", (record.get("losses") or {}).get("evaluation", 1)
    whole = losses.read_bytes().endswith(b"\n")
    with contextlib.suppress(ValueError, KeyError):
        if whole and best in set(pd.read_csv(losses)["evaluation"]):
            return
    raise BrokenError(f"{losses} is damaged: {AGAIN}")


def trajectory_file(folder: Path, record: dict[str, Any]) -> list[Path]:
    """Return the trajectory of a cell in a list, empty if its record names none."""
    trajectory = record.get("trajectory") or {}
    return [folder / trajectory["image"]] if trajectory.get("image") else []


def flatten(settings: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return nested settings under dotted keys."""
    flat: dict[str, Any] = {}
    for key, value in settings.items():
        if isinstance(value, dict):
            flat |= flatten(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = printable(value) if isinstance(value, str) else value
    return flat


def identity(settings: dict[str, Any]) -> dict[str, Any]:
    """Return the settings that decide what a run computes, under dotted keys."""
    flat = {key: value for key, value in flatten(settings).items() if value is not None}
    return {key: flat[key] for key in flat if key.rsplit(".", 1)[-1] not in INCIDENTAL}


def differences(record: dict[str, Any], settings: dict[str, Any]) -> list[str]:
    """Return how a record's settings differ from `settings`, each as ``key: old -> new``."""
    old, new = identity(record["settings"]), identity(settings)
    changed = [key for key in old | new if old.get(key) != new.get(key)]
    return [f"{key}: {old.get(key)} -> {new.get(key)}" for key in changed]


def load(root: Path, whole: bool = False) -> pd.DataFrame:
    """Return one row per complete cell below `root`: settings and losses under dotted names.

    `folder`, `image` and `losses` are paths, `device` and `precision` what was in force,
    `evaluations` the budget and `evaluations_spent` what was used of it. ``attrs["settings"]``
    names the columns that are settings, ``attrs["broken"]`` the folders of cells that cannot be
    read, and why; if the `whole` is needed, raise `InputError` for such a cell.
    """
    rows = []
    settings: dict[str, Any] = {}
    broken: dict[Path, str] = {}
    for path in sorted(root.rglob("record.json")):
        folder = path.parent
        try:
            if (record := read_record(folder)) is None:  # being replaced at this moment
                continue
            check_sound(folder, record)
        except InputError as error:
            if whole:
                raise
            broken[folder] = str(error)
            continue
        settings |= flatten(record["settings"])
        own = {"folder": folder, "image": picture_file(folder), "losses": folder / "losses.csv"}
        rows.append(one_row(record) | own)
    frame = pd.DataFrame(rows)
    frame.attrs = {"settings": list(settings), "broken": broken}
    return frame


def one_row(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record as a row of a table, its settings beside what else it holds."""
    settings = flatten(record["settings"])
    row = flatten({key: value for key, value in record.items() if key != "settings"}) | settings
    for name in ("device", "precision"):  # as they were, which the settings may leave open
        row[name] = record.get(name, settings.get(name))
    return row | {"evaluations_spent": record.get("evaluations")}


def write_table(path: Path, frame: pd.DataFrame) -> None:
    """Write a table as CSV, numbers to four digits."""
    content = frame.to_csv(index=False, float_format="%.4g")
    write_files(path.parent, {path.name: content.encode()})
