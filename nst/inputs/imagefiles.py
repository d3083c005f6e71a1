"""Images as found in the wild, of any mode and colour profile -> upright, opaque 8-bit sRGB.

They come from files or memory, and are decoded, or refused in one clear line.
"""

import functools
import io
import logging
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms, PngImagePlugin

from nst.errors import InputError

LIMITS = (  # Pillow's, while this module reads a file; other code in the process keeps its own
    (Image, "MAX_IMAGE_PIXELS", 500_000_000),  # an image is refused above twice as many
    (PngImagePlugin, "MAX_TEXT_CHUNK", 2**28),  # bytes of metadata
    (PngImagePlugin, "MAX_TEXT_MEMORY", 2**28),
)
LIMITED = threading.Lock()
PILLOW = logging.getLogger("PIL")
ORIENTATION = 0x0112  # of EXIF
TURNS = {2: "FLIP_LEFT_RIGHT", 3: "ROTATE_180", 4: "FLIP_TOP_BOTTOM", 5: "TRANSPOSE",
         6: "ROTATE_270", 7: "TRANSVERSE", 8: "ROTATE_90"}  # fmt: skip


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


def to_rgb(image: Image.Image, background: str, name: str) -> Image.Image:
    """Return a copy as upright RGB over a background; errors name it by `name`."""
    image = to_srgb(to_8_bits(upright(image), name))
    if image.has_transparency_data:
        below = Image.new("RGBA", image.size, background)
        image = Image.alpha_composite(below, image.convert("RGBA"))
    image = image.convert("RGB")
    image.info.clear()  # orientation and profile, which must not be applied again
    return image


def upright(image: Image.Image) -> Image.Image:
    """Apply the EXIF orientation; ignore metadata that cannot be read."""
    try:  # not ImageOps.exif_transpose, which rewrites all tags, bad ones included
        turn = TURNS.get(image.getexif().get(ORIENTATION, 1))
    except Exception:  # bad tags can raise almost anything; the pixels are unaffected
        return image
    return image if turn is None else image.transpose(Image.Transpose[turn])


def to_8_bits(image: Image.Image, name: str) -> Image.Image:
    """Scale 16-bit greyscale to 8 bits; Pillow's own conversion would clip it."""
    if image.mode == "F":
        raise InputError(f"{name} holds floating-point pixels: convert it to 8 or 16 bits")
    if not image.mode.startswith("I"):
        return image
    levels = np.asarray(image).astype(np.float64)
    if image.mode == "I" and levels.max() <= 255:  # 32 bits that hold 8
        levels *= 257
    grey = Image.fromarray((levels / 257).round().clip(0, 255).astype("u1"))
    grey.info["icc_profile"] = image.info.get("icc_profile")
    if "transparency" in image.info:
        opaque = levels != image.info["transparency"]
        grey.putalpha(Image.fromarray(opaque.astype("u1") * 255))
    return grey


def to_srgb(image: Image.Image) -> Image.Image:
    """Convert the colours of an embedded ICC profile to sRGB; ignore an unusable profile."""
    profile = image.info.get("icc_profile")
    if not profile:
        return image
    alpha = None
    if image.has_transparency_data:  # the transform would lose it
        image = image.convert("LA" if image.mode in ("1", "L", "LA") else "RGBA")
        alpha = image.getchannel("A")
        image = image.convert(image.mode[:-1])
    elif image.mode == "P":
        image = image.convert("RGB")
    if image.mode in ("RGB", "CMYK", "L"):
        source, target = io.BytesIO(profile), ImageCms.createProfile("sRGB")
        with suppress(ImageCms.PyCMSError, OSError):
            image = ImageCms.profileToProfile(image, source, target, outputMode="RGB") or image
    if alpha is not None:
        image.putalpha(alpha)
    return image
