"""Paint the style artworks and write them as JPEG files.

    python scripts/paint.py [--height 640] [--out nst/assets/artworks] [names...]

Without --height each is drawn at the height of its committed file.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageFile

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from nst.painting import HEIGHTS, PAINTINGS

MAX_BYTES = 300_000
QUALITIES = range(94, 40, -1)
ImageFile.MAXBLOCK = 2**24  # "optimize" fails when the file does not fit one block


def encode(picture: np.ndarray) -> bytes:
    """The best JPEG of the picture that stays under MAX_BYTES."""
    for quality in QUALITIES:
        buffer = io.BytesIO()
        Image.fromarray(picture).save(
            buffer, "JPEG", quality=quality, subsampling="4:4:4", optimize=True
        )
        if buffer.tell() < MAX_BYTES:
            break
    return buffer.getvalue()


def write(path: Path, data: bytes) -> None:
    """Write the file whole or not at all: others may be reading it."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    partial.write_bytes(data)
    os.replace(partial, path)


def main(arguments: list[str] | None = None) -> int:
    """Paint what was asked for; the exit code."""
    parser = argparse.ArgumentParser(description="Paint the style artworks.")
    parser.add_argument("names", nargs="*", help=f"any of {', '.join(PAINTINGS)} (default: all)")
    parser.add_argument("--height", type=int, help="in pixels (default: as committed)")
    parser.add_argument("--out", type=Path, default=ROOT / "nst" / "assets" / "artworks")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.names if name not in PAINTINGS]
    if unknown:
        print(
            f"unknown painting {unknown[0]!r}: choose from {', '.join(PAINTINGS)}", file=sys.stderr
        )
        return 2
    if options.height is not None and options.height < 32:
        print("--height: at least 32 pixels", file=sys.stderr)
        return 2
    options.out.mkdir(parents=True, exist_ok=True)
    for name in options.names or PAINTINGS:
        data = encode(PAINTINGS[name](options.height or HEIGHTS[name]))
        write(options.out / f"{name}.jpg", data)
        print(f"{name}.jpg: {len(data) / 1000:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
