"""Fetch the paper's photograph and artworks.

Files that exist are verified and kept; the others are downloaded and verified.
"""

import argparse
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from nst.config import ImageConfig
from nst.errors import InputError, UnreachableError, show_traceback
from nst.files import CONFIGS, data_folder
from nst.inputs.sources import image_file, stored


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*", help="as --list shows them (default: all)")
    parser.add_argument(
        "--data", type=Path, default=Path(data_folder()), help="default: %(default)s"
    )
    parser.add_argument("--list", action="store_true", help="list the images, download nothing")
    parser.add_argument("--configs", type=Path, default=CONFIGS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    profile: Any = OmegaConf.load(options.configs / "profile" / "paper.yaml")
    rows = (profile.content, *profile.artworks.values())
    parts = [part.name for part in fields(ImageConfig)]
    known = {row.name: ImageConfig(*(row.get(part) for part in parts)) for row in rows}
    if unknown := [name for name in options.names if name not in known]:
        parser.error(f"no image {unknown[0]!r}: use {', '.join(known)}")
    failed = 0
    for name in options.names or known:
        image = known[name]
        try:
            path = stored(image, options.data)
            if not options.list:
                path = image_file(image, "fetched", options.data)
            described = f"{image.title}, {image.artist}, {image.year} ({image.licence})"
            state = "" if path.is_file() else f", not there yet; from {image.source}"
            print(f"{path}: {described}{state}", flush=True)
        except InputError as error:
            show_traceback(error)
            print(f"error: {error}", file=sys.stderr)
            failed = 1
            if isinstance(error, UnreachableError):  # the others would fail too
                print("make images ARGS=--list lists what else is missing", file=sys.stderr)
                break
    return failed
