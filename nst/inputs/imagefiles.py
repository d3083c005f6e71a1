"""Images as found in the wild, in files or in memory: decoded, or refused in one clear line."""

import functools
import logging
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, PngImagePlugin

from nst.errors import InputError
from nst.inputs.modes import to_rgb

LIMITS = (  # Pillow's, while this module reads a file; other code in the process keeps its own
    (Image, "MAX_IMAGE_PIXELS", 500_000_000),  # an image is refused above twice as many
    (PngImagePlugin, "MAX_TEXT_CHUNK", 2**28),  # bytes of metadata
    (PngImagePlugin, "MAX_TEXT_MEMORY", 2**28),
)
LIMITED = threading.Lock()
PILLOW = logging.getLogger("PIL")


@dataclass(frozen=True)
class InMemory:
    """A PIL image in place of a file, and its name in messages."""

    image: Image.Image
    name: str

    def __str__(self) -> str:
        return self.name


Source = Path | InMemory


@contextmanager
def own_limits() -> Iterator[None]:
    """Apply `LIMITS` and silence Pillow's warnings about odd files, in one thread at a time."""
    with LIMITED, warnings.catch_warnings(action="ignore"):
        before = [getattr(module, name) for module, name, _ in LIMITS]
        level = PILLOW.level
        PILLOW.setLevel(logging.CRITICAL + 1)
        try:
            for module, name, limit in LIMITS:
                setattr(module, name, limit)
            yield
        finally:
            for (module, name, _), limit in zip(LIMITS, before, strict=True):
                setattr(module, name, limit)
            PILLOW.setLevel(level)


def open_rgb(source: Source, background: str = "white") -> Image.Image:
    """Return any image as upright 8-bit sRGB, its transparent parts over a `background`.

    Raise `InputError` if the file is missing, empty, truncated or not an image.
    """
    with reading(source) as image:
        image.load()
        return to_rgb(image, background, str(source))


def size_of(source: Source) -> tuple[int, int]:
    """Return width and height from an image's header, not rotated; raise as `open_rgb` does."""
    with reading(source) as image:
        size = image.size
        if isinstance(source, Path):
            image.close()
        return size


@contextmanager
def reading(source: Source) -> Iterator[Image.Image]:
    """Open an image; raise `InputError`, one line, for whatever goes wrong with it."""
    check_file(source)
    try:
        with own_limits():
            yield source.image if isinstance(source, InMemory) else Image.open(source)
    except InputError:
        raise
    except Image.DecompressionBombError as error:
        raise InputError(f"{source} has more than 1,000 megapixels: make it smaller") from error
    except Exception as error:  # Pillow's decoders raise almost anything
        unknown = isinstance(error, Image.UnidentifiedImageError)
        problem = "unknown format" if unknown else " ".join(str(error).split())
        raise InputError(
            f"cannot read {source} as an image ({problem}): supply a complete JPEG, PNG or TIFF"
        ) from error


def check_file(path: Source) -> None:
    """Raise `InputError` unless a path leads to a file."""
    if isinstance(path, InMemory) or path.is_file():
        return
    if path.is_dir():
        raise InputError(f"{path} is a folder: name a file in it")
    if path.exists():
        raise InputError(f"{path} is a pipe or a device: save its contents to a file")
    raise InputError(f"no file at {path}: check the path")


def is_image_name(name: str) -> bool:
    """Return whether a file name has an image suffix and is not hidden."""
    suffix = Path(name).suffix.lower()
    form = Image.registered_extensions().get(suffix)
    return not name.startswith(".") and (form in Image.OPEN or suffix in (".heic", ".heif"))


def is_picture(path: Path) -> bool:
    """Return whether a file holds a complete image."""
    state = path.stat()
    return decodes(path, state.st_mtime_ns, state.st_size)


@functools.lru_cache(maxsize=1024)
def decodes(path: Path, changed: int, size: int) -> bool:
    """Return whether an image can be decoded; each file is tried once, as cells share inputs."""
    try:
        with own_limits(), Image.open(path) as picture:
            picture.load()
    except Exception:  # Pillow's decoders raise almost anything
        return False
    return True
