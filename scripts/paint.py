"""Paint the demo's style artworks as JPEG files: python scripts/paint.py [names...]

Without --height each is drawn at the height of its committed file in nst/assets/artworks.
"""

import argparse
import io
from pathlib import Path

import numpy as np
from PIL import Image, ImageFile

from nst.errors import run_script
from nst.files import ASSETS, write_files
from studies.painting import HEIGHTS, PAINTINGS

MAX_BYTES = 300_000
QUALITIES = range(94, 40, -1)
ImageFile.MAXBLOCK = 2**24  # "optimize" fails when the file does not fit one block


def encode(picture: np.ndarray) -> bytes:
    """Return the best JPEG of the picture that stays under MAX_BYTES."""
    for quality in QUALITIES:
        buffer = io.BytesIO()
        Image.fromarray(picture).save(
            buffer, "JPEG", quality=quality, subsampling="4:4:4", optimize=True
        )
        if buffer.tell() < MAX_BYTES:
            break
    return buffer.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", help=f"any of {', '.join(PAINTINGS)} (default: all)")
    parser.add_argument("--height", type=int, help="in pixels (default: as committed)")
    parser.add_argument("--out", type=Path, default=ASSETS / "artworks")
    options = parser.parse_args()
    if unknown := [name for name in options.names if name not in PAINTINGS]:
        parser.error(f"no painting {unknown[0]!r}: use {', '.join(PAINTINGS)}")
    if options.height is not None and options.height < 32:
        parser.error("--height: at least 32 pixels")
    for name in options.names or PAINTINGS:
        data = encode(PAINTINGS[name](options.height or HEIGHTS[name]))
        write_files(options.out, {f"{name}.jpg": data})
        print(f"{name}.jpg: {len(data) / 1000:.0f} kB")


if __name__ == "__main__":
    run_script(main)
