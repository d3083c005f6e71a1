"""Paint artworks by code, as JPEG files: python scripts/paint.py [names...]"""

import argparse
from pathlib import Path

from PIL import Image

from nst.files import write_files
from nst.runs.records import encoded
from nst.script import run_script
from studies.painting import PAINTINGS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help=f"any of {', '.join(PAINTINGS)} (default: all)")
    parser.add_argument("--height", type=int, help="in pixels (default: that of the demo's)")
    parser.add_argument("--out", type=Path, default=Path("outputs") / "artworks")
    options = parser.parse_args()
    if unknown := [name for name in options.names if name not in PAINTINGS]:
        parser.error(f"no painting {unknown[0]!r}: use {', '.join(PAINTINGS)}")
    if options.height is not None and options.height < 32:
        parser.error("--height: at least 32 pixels")
    for name in options.names or PAINTINGS:
        picture = Image.fromarray(PAINTINGS[name](options.height).picture())
        content = encoded(picture, "JPEG", quality=90, subsampling="4:4:4")
        write_files(options.out, {f"{name}.jpg": content})
        print(options.out / f"{name}.jpg")


if __name__ == "__main__":
    run_script(main)
