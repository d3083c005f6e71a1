"""What is kept of weights: their convolutions alone.

A full checkpoint of VGG-19 has 550 MB, its convolutions 80. After a checkpoint was read once, its
convolutions stand in ``<stem>-<sha256 of the checkpoint>.safetensors`` and it is not read again.
"""

import glob
import sys
from collections.abc import Callable
from pathlib import Path

import torch

from nst.errors import InputError
from nst.files import sha256
from nst.inputs.download import fetch
from nst.inputs.weightfiles import read_metadata, read_weights, write_weights

DIGITS = 16  # of a sha256, in the names of files


def kept(stem: str, folder: Path, wanted: Callable[[dict[str, str]], bool]) -> Path | None:
    """Find the intact convolutions of a checkpoint by their notes; remove damaged ones."""
    hexadecimal = "[0-9a-f]" * DIGITS
    for path in sorted(folder.glob(f"{glob.escape(stem)}-{hexadecimal}.safetensors")):
        notes = read_metadata(path)
        if notes and not wanted(notes):
            continue
        try:
            read_weights(path)
        except InputError:
            print(f"{path} is damaged and made again", file=sys.stderr, flush=True)
            path.unlink(missing_ok=True)
        else:
            return path
    return None


def keep(source: Path, folder: Path, notes: dict[str, str]) -> Path:
    """Keep the convolutions of a checkpoint in `folder`; return their file, verified."""
    weights, digest = read_weights(source), sha256(source)
    path = folder / f"{source.stem}-{digest[:DIGITS]}.safetensors"
    write_weights(path, weights, notes | {"sha256": digest})
    read_weights(path)
    return path


def keep_file(source: Path, folder: Path) -> Path:
    """Keep the convolutions of a user's file; a safetensors file is returned as it is."""
    if source.suffix == ".safetensors" or not source.is_file():
        return source
    status = source.stat()
    notes = {"source": str(source.absolute()), "stamp": f"{status.st_size} {status.st_mtime_ns}"}
    found = kept(source.stem, folder, lambda had: had.items() >= notes.items())
    return found or keep(source, folder, notes)


def keep_download(url: str, checksum: str | None, folder: Path) -> Path:
    """Keep the convolutions of the file of a URL: torch's own copy, or else downloaded.

    A file that was downloaded into `folder` for this is deleted afterwards.
    """

    def wanted(notes: dict[str, str]) -> bool:
        if checksum:
            return notes.get("sha256", "").startswith(checksum.lower())
        return notes.get("source") == url

    path = folder / url.rsplit("/", 1)[-1]
    if found := kept(path.stem, folder, wanted):
        return found
    copy = Path(torch.hub.get_dir()) / "checkpoints" / path.name  # where torchvision keeps it
    there = path.exists()
    own = path.is_file() or not copy.is_file()
    source = fetch(url, path if own else copy, checksum, "network.path")
    if source.suffix == ".safetensors":
        return source
    try:
        return keep(source, folder, {"source": url})
    finally:
        if own and not there:
            source.unlink()


def checksum(path: Path) -> str:
    """Return the sha256 of a file; of kept convolutions, that of the checkpoint they are from."""
    if path.suffix == ".safetensors" and (noted := read_metadata(path).get("sha256")):
        return noted
    return sha256(path)
