"""Damaged image files, each an image or one line: python tests/fuzz_images.py --count 1000

Not collected by pytest. Whatever else a file gives is printed, with its traceback.
"""

import argparse
import io
import logging
import random
import struct
import sys
import tempfile
import traceback
import warnings
from collections import Counter
from pathlib import Path

from PIL import Image

from nst.errors import InputError
from nst.inputs.imagefiles import is_picture, open_rgb
from nst.inputs.images import load_mask

SIZE = (12, 9)
TYPES = range(14)  # of EXIF's values, and two that do not exist
TAGS = (0x0112, 0x011A, 0x011B, 0x0128, 0x0132, 0x8769, 0x8825, 0x9003, 0x010E)
KINDS = {"png": ("RGB", "RGBA", "P", "L", "LA", "1", "I;16"), "jpeg": ("RGB", "L", "CMYK"),
         "tiff": ("RGB", "RGBA", "L", "CMYK", "LAB", "I;16", "F", "I"), "webp": ("RGB", "RGBA"),
         "gif": ("P", "L"), "bmp": ("RGB", "P", "1"), "ppm": ("RGB", "L", "1"),
         "jpeg2000": ("RGB", "RGBA", "L"), "tga": ("RGB", "RGBA", "P"), "ico": ("RGBA",),
         "avif": ("RGB", "RGBA")}  # fmt: skip
RARE = {"avif": 0.1}  # of the others: a video's encoder takes its time


def exif(rng: random.Random) -> bytes:
    """EXIF of a few tags, any of them of a wrong type, count or value."""
    count = rng.randrange(4)
    entries = b"".join(
        struct.pack(">HHI4s", rng.choice(TAGS), rng.choice(TYPES), rng.choice([0, 1, 2, 9, 2**31]),
                    rng.choice([rng.randbytes(4), b"\0\6\0\0", b"\0\0\0\x08"]))
        for _ in range(count)
    )  # fmt: skip
    return b"Exif\0\0MM\0*\0\0\0\x08" + struct.pack(">H", count) + entries + b"\0\0\0\0"


def whole(kind: str, rng: random.Random) -> bytes:
    """An intact file, apart from its metadata."""
    mode, buffer = rng.choice(KINDS[kind]), io.BytesIO()
    pixels = Image.frombytes("RGB", SIZE, rng.randbytes(3 * SIZE[0] * SIZE[1]))
    if mode in ("I;16", "I", "F"):
        picture = Image.frombytes(mode, SIZE, rng.randbytes(4 * SIZE[0] * SIZE[1]))
    else:
        picture = pixels.convert("L").convert(mode) if mode == "LA" else to_mode(pixels, mode)
    options = {"exif": exif(rng)} if kind in ("png", "jpeg", "webp") and rng.random() < 0.7 else {}
    if kind == "gif":
        options = {"save_all": True, "append_images": [picture.transpose(1)]}
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def to_mode(picture: Image.Image, mode: str) -> Image.Image:
    """A picture in another mode; LAB by its bytes alone."""
    return (
        Image.frombytes(mode, SIZE, picture.tobytes()) if mode == "LAB" else picture.convert(mode)
    )


def damaged(data: bytes, rng: random.Random) -> bytes:
    """A file with bytes flipped, cut, moved or left out; sometimes none."""
    content = bytearray(data)
    for _ in range(rng.randrange(4)):
        a, b = sorted(rng.randrange(len(content) + 1) for _ in range(2))
        match rng.randrange(5):
            case 0 if a < len(content):
                content[a] = rng.randrange(256)
            case 1:
                content[min(a, 60) : min(a, 60) + 4] = rng.randbytes(4)  # headers are at the front
            case 2:
                content = content[:b] + content[a:b] + content[b:]
            case 3:
                content = content[b:] + content[:a] if rng.random() < 0.2 else content[: b + 1]
            case 4:
                content[a:b] = content[a:b][::-1]
    return bytes(content)


def outcome(path: Path, kind: str) -> str:
    """What a file gives as a photograph and as a mask."""
    try:
        result = f"{kind} read" if open_rgb(path).mode == "RGB" else "odd mode"
        load_mask(path, *SIZE)
    except InputError as error:
        result = f"{kind} refused" if "\n" not in str(error) else "many lines"
    return result if isinstance(is_picture(path), bool) else "odd answer"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng, counts = random.Random(options.seed), Counter[str]()
    warnings.simplefilter("ignore")  # Pillow's, on metadata
    weights = [RARE.get(kind, 1) for kind in KINDS]
    logging.basicConfig(stream=(printed := io.StringIO()))  # beside the one line of an error
    with tempfile.TemporaryDirectory() as folder:
        for number in range(options.count):
            path = Path(folder) / f"a.{(kind := rng.choices(list(KINDS), weights)[0])}"
            path.write_bytes(damaged(whole(kind, rng), rng))
            try:
                result = outcome(path, kind)
            except Exception as error:
                traceback.print_exc(limit=-4)
                print(f"file {number} of seed {options.seed}: {kind}", flush=True)
                result = type(error).__name__
            if printed.tell():
                print(f"file {number} of seed {options.seed}: {kind}: {printed.getvalue()}", end="")
                printed.seek(printed.truncate(0))
                result = "printed"
            counts[result] += 1
            if (number + 1) % 5000 == 0:
                print(number + 1, dict(sorted(counts.items())), flush=True)
    print(options.count, dict(sorted(counts.items())))


if __name__ == "__main__":
    sys.exit(main())
