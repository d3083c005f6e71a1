"""Images as found in the wild, in files or in memory -> upright 8-bit sRGB, or one clear line."""

import functools
import importlib
import io
import logging
import math
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms, PngImagePlugin

from nst.errors import InputError

ORIENTATION = 0x0112  # of EXIF
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
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


def open_rgb(source: Source, size: float | None = None, background: str = "white") -> Image.Image:
    """Return any image as upright 8-bit sRGB; transparent parts show a `background`.

    If it will be resized to an area of `size`^2, a much larger image may be reduced first. Raise
    `InputError` if the file is missing, empty, truncated or not an image.
    """
    if isinstance(source, Path):
        check_file(source)
    try:
        with own_limits():
            image = opened(source)
            if size:
                image = reduced(image, size)
            image.load()
            return flatten(to_srgb(to_8_bits(upright(image), source)), background)
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


def check_file(path: Path) -> None:
    """Raise `InputError` if there is no file, or nothing in it."""
    if path.is_dir():
        raise InputError(f"{path} is a folder: name a file in it")
    if not path.is_file():
        raise InputError(f"no image file at {path}: check the path")
    if path.stat().st_size == 0:
        raise InputError(f"the image file {path} is empty: supply it again")


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
        if not (head[4:8] == b"ftyp" and head[8:12] in HEIF):
            raise
    try:
        plugin = importlib.import_module("pillow_heif.as_plugin")
    except ImportError as error:
        remedy = "save it as JPEG, or install pillow-heif"
        raise InputError(f"cannot read {source}: it is a HEIC photo: {remedy}") from error
    image: Image.Image = plugin.HeifImageFile(source)
    return image


def reduced(image: Image.Image, size: float) -> Image.Image:
    """Return an image, reduced before conversion if it is far larger than needed."""
    factor = int(math.sqrt(image.width * image.height) / (SPARE * size))
    if factor < 2:
        return image
    image.draft(None, (image.width // factor, image.height // factor))  # JPEG: while decoding
    factor = int(math.sqrt(image.width * image.height) / (SPARE * size))
    if factor < 2:
        return image
    if image.mode in REDUCIBLE and "transparency" not in image.info:
        small = image.reduce(factor)
    else:  # indices and levels that mean transparency have no averages
        sides = (max(1, image.width // factor), max(1, image.height // factor))
        small = image.resize(sides, Image.Resampling.NEAREST)
    small.info = image.info
    return small


def upright(image: Image.Image) -> Image.Image:
    """Apply the EXIF orientation; ignore metadata that cannot be read."""
    try:  # not ImageOps.exif_transpose, which rewrites all tags, bad ones included
        turn = TURNS.get(image.getexif().get(ORIENTATION, 1))
    except Exception:  # bad tags can raise almost anything; the pixels are unaffected
        return image
    return image if turn is None else image.transpose(turn)


def to_8_bits(image: Image.Image, source: Source) -> Image.Image:
    """Scale 16-bit greyscale down to 8 bits, where Pillow's own conversion would clip it."""
    if image.mode == "F":
        raise InputError(f"{source} holds floating-point pixels: convert it to 8 or 16 bits")
    if not image.mode.startswith("I"):
        return image
    levels = np.asarray(image).astype(np.float64)
    if image.mode == "I" and levels.max() <= 255:  # 32 bits that hold 8
        levels *= 257
    grey = Image.fromarray((levels / 257).round().clip(0, 255).astype("u1"))
    grey.info["icc_profile"] = image.info.get("icc_profile")
    return grey


def to_srgb(image: Image.Image) -> Image.Image:
    """Convert the colours of an embedded ICC profile to sRGB; ignore an unusable profile."""
    profile = image.info.get("icc_profile")
    if profile and (image.mode in ("P", "LA") or "transparency" in image.info):
        image = image.convert("RGBA")  # the transform would lose what is transparent
    if not profile or image.mode not in ("RGB", "RGBA", "CMYK", "L"):
        return image
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    source, target = io.BytesIO(profile), ImageCms.createProfile("sRGB")
    try:
        return ImageCms.profileToProfile(image, source, target, outputMode=mode) or image
    except (ImageCms.PyCMSError, OSError):
        return image


def flatten(image: Image.Image, background: str) -> Image.Image:
    """Return RGB without transparency, over a background."""
    if image.has_transparency_data:
        below = Image.new("RGBA", image.size, background)
        image = Image.alpha_composite(below, image.convert("RGBA"))
    return image.convert("RGB")


def is_image_name(name: str) -> bool:
    """Tell whether a file name has an image suffix and is not hidden."""
    suffix = Path(name).suffix.lower()
    form = Image.registered_extensions().get(suffix)
    return not name.startswith(".") and (form in Image.OPEN or suffix in (".heic", ".heif"))


def is_picture(path: Path) -> bool:
    """Tell whether a file is a whole picture."""
    state = path.stat()
    return opens(path, state.st_mtime_ns, state.st_size)


@functools.lru_cache(maxsize=1024)
def opens(path: Path, changed: int, size: int) -> bool:
    """Tell whether a picture can be read; look once at each file: cells share their inputs."""
    try:
        with own_limits(), Image.open(path) as picture:
            picture.load()
    except Exception:  # Pillow's decoders raise almost anything
        return False
    return True
