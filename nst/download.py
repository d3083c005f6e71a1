"""Files from the network: verified, and never half there."""

import os
import urllib.request
from http.client import HTTPException
from pathlib import Path

from tqdm import tqdm

from nst.errors import InputError
from nst.images import sha256

TIMEOUT = 20  # seconds without a byte


def fetch(url: str, path: Path, checksum: str | None, setting: str) -> Path:
    """The file at `path`, downloaded from `url` unless it is there already.

    `checksum` is the file's sha256 or the beginning of it. `setting` names what the user can set
    to a local file instead. Raises `InputError` if the download fails or differs.
    """
    if not path.is_file():
        remedy = f"put the file at {path}, or set {setting}=FILE, or use profile=demo"
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            download(url, temporary)
            verify(temporary, checksum)
            os.replace(temporary, path)
        except (OSError, ValueError, HTTPException) as error:
            problem = " ".join(str(error).split())
            raise InputError(f"cannot download {url} ({problem}): {remedy}") from error
        finally:  # interrupted, too
            if temporary.exists():
                temporary.unlink()
    return path


def download(url: str, path: Path) -> None:
    """Write the body of `url` to `path`, with a progress bar; raises `OSError`."""
    with urllib.request.urlopen(url, timeout=TIMEOUT) as response, open(path, "wb") as file:
        expected = int(response.headers.get("Content-Length") or 0)
        with tqdm(total=expected or None, unit="B", unit_scale=True, desc=path.name[1:]) as bar:
            while block := response.read(1 << 20):
                file.write(block)
                bar.update(len(block))
        if expected and file.tell() != expected:
            raise OSError(f"it ended after {file.tell()} of {expected} bytes")


def verify(path: Path, checksum: str | None) -> None:
    """Raise `ValueError` if the file's sha256 does not begin with `checksum`."""
    if checksum and not (found := sha256(path)).startswith(checksum.lower()):
        raise ValueError(f"its sha256 is {found[:16]}..., not {checksum[:16]}...")
