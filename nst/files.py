"""Files and folders: written atomically, named safely, identified by checksums."""

import errno
import hashlib
import os
import re
import uuid
from contextlib import suppress
from pathlib import Path

from nst.errors import DiskFullError, InputError

HOME = Path(__file__).resolve().parent
ASSETS = HOME / "assets"  # shipped with the code
INSTALLED = (HOME / "configs").is_dir()  # from a wheel; in a checkout, configs/ is beside nst/
CONFIGS = (HOME if INSTALLED else HOME.parent) / "configs"
TEMPORARY = re.compile(r"\.(.+\.)?[0-9a-f]{32}")  # the name of a file while it is written
SHORT = 160  # bytes of a generated name; suffixes are added to it


def data_folder() -> str:
    """Return where downloads are kept: data/ in a checkout, or else the user's cache."""
    if not INSTALLED:
        return "data"
    return str(Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "nst")


def shortened(name: str, meaning: str = "") -> str:
    """Return a file name; a long one is cut and ends in a checksum of `meaning`, or of itself."""
    if len(os.fsencode(name)) <= SHORT:
        return name
    start = os.fsencode(name)[: SHORT - 9].decode(errors="ignore")
    return f"{start}_{hashlib.sha256(os.fsencode(meaning or name)).hexdigest()[:8]}"


def printable(text: str) -> str:
    """Return a text in valid UTF-8, question marks in place of what is not."""
    if not text.isascii():
        with suppress(UnicodeError):  # a file name, decoded in another locale
            return os.fsencode(text).decode()
    return text.encode("utf-8", "replace").decode()


def check_folder(folder: Path, remedy: str = "set output=FOLDER") -> None:
    """Raise `InputError`, with the remedy, if files cannot be written to a folder, or it made."""
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not (there.is_dir() and os.access(there, os.W_OK)):
        raise InputError(f"{folder} cannot be written, because of {there}: {remedy}")


def check_file(path: Path, remedy: str) -> None:
    """Raise `InputError`, with the remedy, if an output file cannot be written."""
    target = Path(os.path.realpath(path))
    if target.is_dir():
        raise InputError(f"{path} is a folder: {remedy}")
    if target.exists() and not (target.is_file() and os.access(target, os.W_OK)):
        raise InputError(f"{path} exists but cannot be written: {remedy}")
    check_folder(target.parent, remedy)


def write_file(path: Path, content: bytes) -> None:
    """Write an output file as `write_files` does, following a symbolic link."""
    target = Path(os.path.realpath(path))
    write_files(target.parent, {target.name: content})


def write_files(folder: Path, contents: dict[str, bytes]) -> None:
    """Write the files of `contents` atomically; if one cannot be written, leave the old ones.

    The last one marks the others as complete: it is absent while they are replaced. Other
    processes, on any host, may write the same files. Raise `DiskFullError` if there is no room.
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
    """Remove temporary files of a killed process from a folder that is not in use."""
    for path in folder.glob(".*"):
        if TEMPORARY.fullmatch(path.name):
            path.unlink(missing_ok=True)


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
