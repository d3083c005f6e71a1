"""Image files as people have them <-> RGB images x (1, 3, H, W), float32 in [0, 1].

Whatever is in a file becomes upright 8-bit sRGB first, or an error of one line.
"""

import contextlib
import importlib
import io
import math
import warnings
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageCms, PngImagePlugin
from torch import Tensor

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
Image.MAX_IMAGE_PIXELS = 500_000_000  # refused above twice as many
PngImagePlugin.MAX_TEXT_CHUNK = PngImagePlugin.MAX_TEXT_MEMORY = 2**28  # bytes of metadata


def open_rgb(path: Path, size: float | None = None) -> Image.Image:
    """Return any image file as upright 8-bit sRGB; transparent parts become white.

    If it is to have an area of `size`^2 in the end, a much larger image may come reduced. Raise
    `InputError` if the file is missing, empty, truncated or not an image.
    """
    if not path.is_file():
        raise InputError(f"no image file at {path}: check the path")
    if path.stat().st_size == 0:
        raise InputError(f"the image file {path} is empty: supply it again")
    with contextlib.suppress(ImportError):
        importlib.import_module("pillow_heif").register_heif_opener()
    try:
        with warnings.catch_warnings(action="ignore"):  # Pillow's, on odd metadata
            image: Image.Image = Image.open(path)
            if size:
                image = reduced(image, size)
            image.load()
            return flatten(to_srgb(to_8_bits(upright(image), path)))
    except InputError:
        raise
    except Image.DecompressionBombError as error:
        raise InputError(f"{path} has more than 1,000 megapixels: make it smaller") from error
    except Image.UnidentifiedImageError as error:
        raise InputError(f"cannot read {path}: {kind_of(path)}") from error
    except Exception as error:  # Pillow's decoders raise almost any
        problem = " ".join(str(error).split())
        raise InputError(
            f"cannot read {path} as an image ({problem}): supply a complete JPEG, PNG or TIFF"
        ) from error


def kind_of(path: Path) -> str:
    """Say what a file is that Pillow cannot identify, and what to do."""
    with open(path, "rb") as file:
        head = file.read(12)
    if head[4:8] == b"ftyp" and head[8:12] in HEIF:
        return "it is a HEIC photo: save it as JPEG, or install pillow-heif"
    return "it is no image: supply a complete JPEG, PNG or TIFF"


def reduced(image: Image.Image, size: float) -> Image.Image:
    """Return an image, smaller before it is converted if it is far larger than is asked for."""
    factor = int(math.sqrt(image.width * image.height) / (SPARE * size))
    if factor < 2:
        return image
    image.draft(None, (image.width // factor, image.height // factor))  # JPEG: while decoding
    factor = int(math.sqrt(image.width * image.height) / (SPARE * size))
    if factor < 2 or image.mode not in REDUCIBLE or "transparency" in image.info:
        return image
    small = image.reduce(factor)
    small.info = image.info
    return small


def upright(image: Image.Image) -> Image.Image:
    """Turn the image as its EXIF says; metadata that cannot be read turn nothing."""
    try:  # not ImageOps.exif_transpose, which writes all tags again, also those that are bad
        turn = TURNS.get(image.getexif().get(ORIENTATION, 1))
    except Exception:  # bad tags fail in almost any way: a picture is no worse for them
        return image
    return image if turn is None else image.transpose(turn)


def to_8_bits(image: Image.Image, path: Path) -> Image.Image:
    """Scale 16-bit greyscale down to 8 bits, where Pillow's own conversion would clip it."""
    if image.mode == "F":
        raise InputError(f"{path} holds floating-point pixels: convert it to 8 or 16 bits")
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
    if profile and image.mode == "L" and "transparency" in image.info:
        image = image.convert("LA")
    if profile and image.mode == "LA":
        grey, alpha = image.split()
        grey.info["icc_profile"] = profile
        image = to_srgb(grey).convert("RGB")
        image.putalpha(alpha)
        return image
    if profile and (image.mode == "P" or "transparency" in image.info):
        image = image.convert("RGBA")  # the transform would lose what is transparent
    if not profile or image.mode not in ("RGB", "RGBA", "CMYK", "L"):
        return image
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    source, target = io.BytesIO(profile), ImageCms.createProfile("sRGB")
    try:
        return ImageCms.profileToProfile(image, source, target, outputMode=mode) or image
    except (ImageCms.PyCMSError, OSError):
        return image


def flatten(image: Image.Image) -> Image.Image:
    """Return RGB without transparency, over white."""
    if image.has_transparency_data:
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image.convert("RGBA"))
    return image.convert("RGB")


def is_image_name(name: str) -> bool:
    """Tell whether a file's name has the suffix of a picture, and is not hidden."""
    suffix = Path(name).suffix.lower()
    form = Image.registered_extensions().get(suffix)
    return not name.startswith(".") and (form in Image.OPEN or suffix in (".heic", ".heif"))


def fit(width: int, height: int, size: float) -> tuple[int, int]:
    """Return width and height with the area of a square of `size` pixels, the aspect kept.

    The authors' rule ("area 512^2"), for photograph and artwork alike: nothing is stretched.
    """
    scale = size / math.sqrt(width * height)
    return max(1, round(scale * width)), max(1, round(scale * height))


def same_aspect(a: tuple[int, int], b: tuple[int, int]) -> bool:
    """Tell whether two sizes, each (width, height), have one aspect up to a pixel of rounding.

    >>> same_aspect((600, 400), (137, 91)), same_aspect((600, 400), (400, 600))
    (True, False)
    """
    low = max((width - 1) / (height + 1) for width, height in (a, b))
    high = min((width + 1) / max(1, height - 1) for width, height in (a, b))
    return low <= high


def load_start(path: Path, width: int, height: int) -> Tensor:
    """Return an image file to start from, (1, 3, height, width) in [0, 1].

    Raise `InputError` if it cannot be read, or has another aspect up to rounding.
    """
    image = open_over(path, width, height)
    return to_tensor(image.resize((width, height), Image.Resampling.LANCZOS))


def load_mask(path: Path, width: int, height: int) -> Tensor:
    """Return an image file's luminance as a mask, (1, 1, height, width): black is 0, white 1.

    Raise `InputError` as `load_start` does, and if all of it is black.
    """
    grey = open_over(path, width, height).convert("L")
    mask = to_tensor(grey.resize((width, height), Image.Resampling.BILINEAR).convert("RGB"))[:, :1]
    if not mask.any():
        raise InputError(f"the mask {path} is black at {width} x {height} px: paint a part white")
    return mask


def open_over(path: Path, width: int, height: int) -> Image.Image:
    """Open an image file that covers the photograph, of a width and height, point by point."""
    image = open_rgb(path)
    if not same_aspect(image.size, (width, height)):
        raise InputError(
            f"{path} has another aspect than the photograph: crop it to {width} x {height} px"
        )
    return image


def load_image(path: Path, size: float, minimum: int, named: str | None = None) -> Tensor:
    """Return an image file as (1, 3, H, W) in [0, 1], resized to an area of size^2.

    Raise `InputError` if it cannot be read, or if a side is then below `minimum` pixels; the size
    may be `named` by what the user set.
    """
    image = open_rgb(path, size)
    width, height = fit(*image.size, size)
    if min(width, height) < minimum:
        raise InputError(
            f"{path} would be {width} x {height} px at {named or f'size={size:g}'}; "
            f"the network needs {minimum} px a side: raise size or supply a less elongated image"
        )
    return to_tensor(image.resize((width, height), Image.Resampling.LANCZOS))


def to_tensor(image: Image.Image) -> Tensor:
    """Return an RGB picture as (1, 3, H, W) in [0, 1]."""
    array = np.asarray(image, dtype=np.float32) / 255
    return torch.from_numpy(array).permute(2, 0, 1)[None].contiguous()


def to_picture(x: Tensor) -> Image.Image:
    """Return an image (1, 3, H, W) or mask (1, 1, H, W) as 8-bit RGB, clipped to [0, 1]."""
    array = (x[0].expand(3, -1, -1).clamp(0, 1) * 255).round().to(torch.uint8)
    return Image.fromarray(array.permute(1, 2, 0).cpu().numpy())
