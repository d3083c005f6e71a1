"""Files and folders: written whole or not at all, and told apart by their checksums."""

import errno
import hashlib
import os
import re
import uuid
from contextlib import suppress
from pathlib import Path

from nst.errors import DiskFullError, InputError

HOME = Path(__file__).resolve().parent
ASSETS = HOME / "assets"  # what comes with the code
INSTALLED = (HOME / "configs").is_dir()  # from a wheel: in a checkout, configs/ is beside nst/
CONFIGS = (HOME if INSTALLED else HOME.parent) / "configs"
TEMPORARY = re.compile(r"\.(.+\.)?[0-9a-f]{32}")  # the name of a file until it is whole
LONGEST_NAME, LONGEST_PATH = 255, 4000  # bytes that file systems take, with what comes below


def data_folder() -> str:
    """Return where downloads are kept: in a checkout data/, or else in the user's cache."""
    if not INSTALLED:
        return "data"
    return str(Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "nst")


def check_folder(folder: Path) -> None:
    """Raise `InputError` if `folder` is not there and cannot be made."""
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not (there.is_dir() and os.access(there, os.W_OK)):
        raise InputError(f"{folder} cannot be written, because of {there}: set output=FOLDER")


def check_names(path: Path, suffix: str = "") -> None:
    """Raise `InputError` if a file system takes no name, and no `suffix` to it, of such length."""
    for name in (*path.parts, path.name + suffix):
        if (length := len(os.fsencode(name))) > LONGEST_NAME:
            raise InputError(
                f"the name {name} has {length} bytes, {LONGEST_NAME} are possible: shorten it"
            )
    if (length := len(os.fsencode(path.absolute()))) > LONGEST_PATH:
        raise InputError(f"the path {path} has {length} bytes: choose a shorter one")


def write_files(folder: Path, contents: dict[str, bytes]) -> None:
    """Write the files of `contents`, or leave what was there if one cannot be written.

    The last one marks the others as complete: it is gone while they are replaced. No file is ever
    half written, whichever other processes, on whichever hosts, write the same. Raise
    `DiskFullError` if there is no room.
    """
    temporary = {name: folder / f".{uuid.uuid4().hex}" for name in contents}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            temporary[name].write_bytes(content)
        if len(contents) > 1:
            (folder / list(contents)[-1]).unlink(missing_ok=True)
        for name, path in temporary.items():
            os.replace(path, folder / name)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFullError(error.errno, error.strerror, str(folder)) from error
        raise
    finally:
        for path in temporary.values():
            with suppress(FileNotFoundError, NotADirectoryError):
                path.unlink()


def remove_leftovers(folder: Path) -> None:
    """Remove what a killed process left half written in a folder that is not in use."""
    for path in folder.glob(".*"):
        if TEMPORARY.fullmatch(path.name):
            path.unlink(missing_ok=True)


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
