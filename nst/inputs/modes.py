"""Images of any mode, colour profile and orientation -> upright, opaque 8-bit sRGB."""

import io
from contextlib import suppress

import numpy as np
from PIL import Image, ImageCms

from nst.errors import InputError

ORIENTATION = 0x0112  # of EXIF
TURNS = {2: "FLIP_LEFT_RIGHT", 3: "ROTATE_180", 4: "FLIP_TOP_BOTTOM", 5: "TRANSPOSE",
         6: "ROTATE_270", 7: "TRANSVERSE", 8: "ROTATE_90"}  # fmt: skip


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
