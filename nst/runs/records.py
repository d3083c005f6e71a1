"""What a run leaves behind: image.png, losses.csv and record.json; many as one pandas frame.

A record is written last: where it is, the cell is complete. Imports no torch.
"""

import io
import json
import traceback
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

from nst.errors import InputError
from nst.files import write_files

SCHEMA = 1
# Settings that change where or whether a run is computed, but not what.
# Files count by their checksums, not by where they lie.
FILES = ("path", "source", "url", "more_styles", "masks")
INCIDENTAL = ("output", "data", "overwrite", "cell", "device", "launcher", "checkpoint_every",
              "course", "save_every", *FILES)  # fmt: skip
COURSE = "course.jpg"
INPUTS = "inputs"  # the folder beside the cells in which their inputs are kept
WIDEST = 65_500  # pixels of a JPEG
PUBLISHED = 90  # quality of a published picture


def png(picture: Image.Image) -> bytes:
    """A picture as the bytes of a PNG file."""
    buffer = io.BytesIO()
    picture.save(buffer, format="PNG")
    return buffer.getvalue()


def picture_file(folder: Path) -> Path:
    """The picture of a cell: image.png, or the image.webp that `publish` leaves of it."""
    published = folder / "image.webp"
    return published if published.exists() else folder / "image.png"


def publish(source: Path, target: Path) -> None:
    """Copy a complete cell to `target`, small enough to be committed: its picture as WebP.

    Photographs and artworks come along if they are the project's own, or a package's.
    """
    buffer = io.BytesIO()
    row = one_row(json.loads((source / "record.json").read_bytes()))
    for name in ("content", "style"):
        given = str(row.get(f"{name}.source")).startswith(("nst:", "skimage:"))
        kept = row.get(f"inputs.{name}.image")
        if given and not row.get(f"{name}.path") and isinstance(kept, str):
            folder = target.parent / INPUTS
            write_files(folder, {Path(kept).name: (source / kept).read_bytes()})
    with Image.open(picture_file(source)) as picture:
        picture.save(buffer, format="WEBP", quality=PUBLISHED)
    names = [name for name in (COURSE, "losses.csv") if (source / name).exists()]
    contents = {name: (source / name).read_bytes() for name in names}
    contents |= {"image.webp": buffer.getvalue()}
    write_files(target, contents | {"record.json": (source / "record.json").read_bytes()})


def input_file(row: dict[str, Any], name: str) -> Path | None:
    """The photograph (content) or artwork (style) of a row of `load`; None if it is not here.

    It is kept beside the cells; of a published cell, it may have been downloaded into data/.
    """
    if not isinstance(kept := row.get(f"inputs.{name}.image"), str):
        return None
    source = Path(str(row.get(f"{name}.source")))
    downloaded = Path(str(row.get("data"))) / f"{row.get(f'{name}.name')}{source.suffix}"
    return next((path for path in (row["folder"] / kept, downloaded) if path.is_file()), None)


def keep_input(folder: Path, name: str, picture: Image.Image) -> str:
    """Keep an input as the network saw it, beside the cells; its path from a cell's folder."""
    path = folder.parent / INPUTS / f"{name}.png"
    if not path.exists():
        write_files(path.parent, {path.name: png(picture)})
    return f"../inputs/{path.name}"


def strip(frames: Sequence[np.ndarray]) -> bytes:
    """Frames (h, w, 3) of equal size side by side, as the bytes of a JPEG file.

    Frames of a panorama are made smaller, to what the format can hold.
    """
    buffer = io.BytesIO()
    picture = Image.fromarray(np.concatenate(frames, axis=1))
    if (scale := WIDEST / picture.width) < 1:
        picture = picture.resize((WIDEST, max(1, round(scale * picture.height))))
    picture.save(buffer, format="JPEG", quality=85)
    return buffer.getvalue()


def write_record(
    folder: Path,
    picture: Image.Image,
    losses: Iterable[dict[str, Any]],
    record: dict[str, Any],
    frames: Sequence[np.ndarray] = (),
) -> None:
    """Leave image.png, losses.csv, the course and, last, record.json; no failure is left."""
    contents = {COURSE: strip(frames)} if frames else {}
    contents |= {
        "image.png": png(picture),
        "losses.csv": pd.DataFrame(losses).to_csv(index=False).encode(),
        "record.json": (json.dumps({"schema": SCHEMA, **record}, indent=1) + "\n").encode(),
    }
    write_files(folder, contents)
    (folder / "failure.json").unlink(missing_ok=True)


def write_failure(folder: Path, error: Exception, settings: dict[str, Any]) -> None:
    """Leave failure.json, why there is no record of a cell; beside a record, nothing.

    An error that is no `InputError` comes with its traceback.
    """
    if (folder / "record.json").exists():
        return
    failure = {"schema": SCHEMA, "error": one_line(error), "settings": settings}
    if not isinstance(error, InputError):
        failure["traceback"] = traceback.format_exception(error)
    content = json.dumps(failure, indent=1) + "\n"
    write_files(folder, {"failure.json": content.encode()})


def one_line(error: Exception) -> str:
    """What an error says, with its kind if it is none that a user is meant to read."""
    text = " ".join(str(error).split())
    kind = "" if isinstance(error, InputError) else type(error).__name__
    return ": ".join(part for part in (kind, text) if part)


def read_record(folder: Path) -> dict[str, Any] | None:
    """The record of a cell; None if there is none. Raises `InputError` if it cannot be read."""
    return read_json(folder / "record.json")


def read_failure(folder: Path) -> dict[str, Any] | None:
    """Why a cell has no record; None if nothing says. Raises `InputError` as `read_record`."""
    return read_json(folder / "failure.json")


def read_json(path: Path) -> dict[str, Any] | None:
    """A file of this schema; None if it is not there. Raises `InputError`, with the remedy."""
    remedy = f"delete {path.parent} and run again"
    try:
        found = json.loads(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except ValueError as error:
        raise InputError(f"{path} is not a record: {remedy}") from error
    if not isinstance(found, dict) or found.get("schema") != SCHEMA:
        version = found.get("schema") if isinstance(found, dict) else None
        raise InputError(
            f"{path} is of another version (schema {version}, this code reads {SCHEMA}): {remedy}"
        )
    if not isinstance(found.get("settings"), dict):
        raise InputError(f"{path} holds no settings: {remedy}")
    return found


def flatten(settings: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested settings under dotted keys."""
    flat: dict[str, Any] = {}
    for key, value in settings.items():
        if isinstance(value, dict):
            flat |= flatten(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = printable(value) if isinstance(value, str) else value
    return flat


def printable(text: str) -> str:
    """A text that any file can hold: of a file's name that is no UTF-8, with question marks."""
    return text.encode("utf-8", "replace").decode()


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
    that computed, `evaluations` the budget and `evaluations_spent` what the run took of it.
    ``attrs["settings"]`` names the columns that are settings.
    """
    rows = []
    settings: dict[str, Any] = {}
    for path in sorted(root.rglob("record.json")):
        if (record := read_record(path.parent)) is None:  # being replaced at this moment
            continue
        settings |= flatten(record["settings"])
        row = {**one_row(record), "folder": path.parent, "image": picture_file(path.parent)}
        rows.append(row | {"losses": path.parent / "losses.csv"})
    frame = pd.DataFrame(rows)
    frame.attrs["settings"] = list(settings)
    return frame


def one_row(record: dict[str, Any]) -> dict[str, Any]:
    """A record as the row of a table: what it holds and its settings, under dotted names."""
    settings = flatten(record["settings"])
    row = flatten({key: value for key, value in record.items() if key != "settings"}) | settings
    row |= {"device": record.get("device", settings.get("device"))}
    return row | {"evaluations_spent": record.get("evaluations")}
