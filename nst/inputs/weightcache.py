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
from nst.inputs.weightfiles import read_metadata, read_weights, write_weights

Notes = dict[str, str]
DIGITS = 16  # of a sha256, in the names of files


def kept(stem: str, folder: Path, wanted: Callable[[Notes], bool]) -> Path | None:
    """The intact convolutions of a checkpoint, by their notes; damaged ones are removed."""
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


def keep(source: Path, folder: Path, notes: Notes) -> Path:
    """Keep the convolutions of a checkpoint in `folder`; the file they are in, verified."""
    weights = read_weights(source)
    checksum = sha256(source)
    path = folder / f"{source.stem}-{checksum[:DIGITS]}.safetensors"
    write_weights(path, weights, notes | {"sha256": checksum})
    read_weights(path)
    return path


def keep_file(source: Path, folder: Path) -> Path:
    """The convolutions of a user's file; of a safetensors file, the file itself."""
    if source.suffix == ".safetensors" or not source.is_file():
        return source
    status = source.stat()
    notes = {"source": str(source.absolute()), "stamp": f"{status.st_size} {status.st_mtime_ns}"}
    found = kept(source.stem, folder, lambda had: had.items() >= notes.items())
    return found or keep(source, folder, notes)


def keep_download(
    url: str, checksum: str | None, folder: Path, download: Callable[[], Path]
) -> Path:
    """The convolutions of the file of a URL; `download` gives that file if it is needed.

    A file that was downloaded into `folder` for this is deleted afterwards.
    """

    def wanted(notes: Notes) -> bool:
        same = notes.get("sha256", "").startswith((checksum or "").lower())
        return same if checksum else notes.get("source") == url

    name = Path(url.rsplit("/", 1)[-1])
    if found := kept(name.stem, folder, wanted):
        return found
    there = (folder / name).exists()
    source = download()
    if source.suffix == ".safetensors":
        return source
    try:
        return keep(source, folder, {"source": url})
    finally:
        if source.parent == folder and not there:
            source.unlink()


def torch_file(url: str) -> Path | None:
    """The file of a URL in torch's own cache (TORCH_HOME), where torchvision keeps it."""
    path = Path(torch.hub.get_dir()) / "checkpoints" / url.rsplit("/", 1)[-1]
    return path if path.is_file() else None


def checksum(path: Path) -> str:
    """The sha256 of a file of weights; of kept convolutions, that of the file they are from."""
    if path.suffix == ".safetensors" and (noted := read_metadata(path).get("sha256")):
        return noted
    return sha256(path)
