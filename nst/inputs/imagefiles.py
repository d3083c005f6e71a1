"""Images as found in the wild, in files or in memory: opened and decoded, or one clear line."""

import functools
import importlib
import logging
import math
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, PngImagePlugin

from nst.errors import InputError
from nst.inputs.modes import to_rgb

HEIF = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")  # brands of its files
REDUCIBLE = ("L", "RGB", "RGBA", "CMYK")  # modes
SPARE = 8  # an image is first reduced to this many times the side that is asked for
LIMITS = (  # Pillow's, while this module reads a file; other code in the process keeps its own
    (Image, "MAX_IMAGE_PIXELS", 500_000_000),  # refused above twice as many
    (PngImagePlugin, "MAX_TEXT_CHUNK", 2**28),  # bytes of metadata
    (PngImagePlugin, "MAX_TEXT_MEMORY", 2**28),
)
LIMITED = threading.Lock()
PILLOW = logging.getLogger("PIL")


@dataclass(frozen=True)
class InMemory:
    """A picture of Pillow's, in the place of a file, and what messages call it."""

    image: Image.Image
    name: str

    def __str__(self) -> str:
        return self.name


Source = Path | InMemory


class Decoded:
    """An image that `open_rgb` decodes whole once; where far fewer pixels do, it reads those."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.whole: dict[str, Image.Image] = {}  # by background

    def __str__(self) -> str:
        return str(self.source)


Readable = Source | Decoded


@contextmanager
def own_limits() -> Iterator[None]:
    """Read with `LIMITS`, and without what Pillow prints on odd files; one thread at a time."""
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


def open_rgb(source: Readable, size: float | None = None, background: str = "white") -> Image.Image:
    """Return any image as upright 8-bit sRGB; transparent parts show a `background`.

    If it will be resized to an area of `size`^2, a much larger image may be reduced first. Raise
    `InputError` if the file is missing, empty, truncated or not an image.
    """
    if isinstance(source, Decoded):
        if size and excess(*size_of(source.source), size) > 1:
            return open_rgb(source.source, size, background)
        if background not in source.whole:
            source.whole[background] = open_rgb(source.source, None, background)
        return source.whole[background]
    with reading(source) as image:
        image = reduced(image, size) if size else image
        image.load()
        return to_rgb(image, background, str(source))


def size_of(source: Source) -> tuple[int, int]:
    """Return width and height of an image, not turned, from its header; raise as `open_rgb`."""
    with reading(source) as image:
        size = image.size
        if isinstance(source, Path):
            image.close()
        return size


@contextmanager
def reading(source: Source) -> Iterator[Image.Image]:
    """Open an image, and raise `InputError`, one line, for whatever goes wrong with it."""
    check_file(source)
    try:
        with own_limits():
            yield opened(source)
    except InputError:
        raise
    except Image.DecompressionBombError as error:
        raise InputError(f"{source} has more than 1,000 megapixels: make it smaller") from error
    except Image.UnidentifiedImageError as error:
        raise InputError(
            f"cannot read {source}: not an image: supply a complete JPEG, PNG or TIFF"
        ) from error
    except Exception as error:  # Pillow's decoders raise almost anything
        problem = " ".join(str(error).split())
        raise InputError(
            f"cannot read {source} as an image ({problem}): supply a complete JPEG, PNG or TIFF"
        ) from error


def check_file(path: Source) -> None:
    """Raise `InputError` for a path that leads to no file."""
    if isinstance(path, InMemory):
        return
    if path.is_dir():
        raise InputError(f"{path} is a folder: name a file in it")
    if path.exists() and not path.is_file():
        raise InputError(f"{path} is a pipe or a device: save what it gives in a file")
    if not path.is_file():
        raise InputError(f"no file at {path}: check the path")


def opened(source: Source) -> Image.Image:
    """Open an image file; HEIF by pillow-heif, which is not registered, as that is process-wide.

    Raise Pillow's `UnidentifiedImageError` if it is no image.
    """
    if isinstance(source, InMemory):
        source.image.load()  # or `reduced` would change an image of the caller's
        return source.image
    try:
        return Image.open(source)
    except Image.UnidentifiedImageError:
        with open(source, "rb") as file:
            head = file.read(12)
        if not head:
            raise InputError(f"the image file {source} is empty: supply it again") from None
        if not (head[4:8] == b"ftyp" and head[8:12] in HEIF):
            raise
    try:
        plugin = importlib.import_module("pillow_heif.as_plugin")
    except ImportError as error:
        remedy = "save it as JPEG, or install pillow-heif"
        raise InputError(f"cannot read {source}: it is a HEIC photo: {remedy}") from error
    image: Image.Image = plugin.HeifImageFile(source)
    return image


def excess(width: int, height: int, size: float) -> int:
    """Return how many times smaller each side may be before an image is resized to size^2."""
    return int(math.sqrt(width * height) / (SPARE * size))


def reduced(image: Image.Image, size: float) -> Image.Image:
    """Return an image, reduced before conversion if it is far larger than needed."""
    if (factor := excess(*image.size, size)) < 2:
        return image
    image.draft(None, (image.width // factor, image.height // factor))  # JPEG: while decoding
    if (factor := excess(*image.size, size)) < 2:
        return image
    if image.mode in REDUCIBLE and "transparency" not in image.info:
        small = image.reduce(factor)
    else:  # indices and levels that mean transparency have no averages
        sides = (max(1, image.width // factor), max(1, image.height // factor))
        small = image.resize(sides, Image.Resampling.NEAREST)
    small.info = image.info
    return small


def is_image_name(name: str) -> bool:
    """Return whether a file name has an image suffix and is not hidden."""
    suffix = Path(name).suffix.lower()
    form = Image.registered_extensions().get(suffix)
    return not name.startswith(".") and (form in Image.OPEN or suffix in (".heic", ".heif"))


def is_picture(path: Path) -> bool:
    """Return whether a file is a whole picture."""
    state = path.stat()
    return opens(path, state.st_mtime_ns, state.st_size)


@functools.lru_cache(maxsize=1024)
def opens(path: Path, changed: int, size: int) -> bool:
    """Return whether a picture can be read; look once at each file: cells share their inputs."""
    try:
        with own_limits(), Image.open(path) as picture:
            picture.load()
    except Exception:  # Pillow's decoders raise almost anything
        return False
    return True
