"""Copy a profile's complete figures from outputs/ to results/: python scripts/publish.py paper

What is copied is small enough to be committed, and holds no photograph or artwork.
"""

import argparse
import json
from pathlib import Path

import pandas as pd
from PIL import Image

from nst.errors import InputError
from nst.figures.drawing import FIGURES
from nst.files import write_files
from nst.runs import records
from nst.script import run_script

PUBLISHED = 90  # quality of a picture


def publish(source: Path, target: Path) -> None:
    """Copy a complete cell to `target`, small enough to be committed.

    Its picture becomes a WebP, and its losses have six digits. Photographs and artworks come along
    if they are the project's own, or a package's.
    """
    record = (source / "record.json").read_bytes()
    row = records.one_row(json.loads(record))
    for name in ("content", "style"):
        given = str(row.get(f"{name}.source")).startswith(("nst:", "skimage:"))
        kept = row.get(f"inputs.{name}.image")
        if given and not records.is_own(row, name) and isinstance(kept, str):
            folder = target.parent / records.INPUTS
            write_files(folder, {Path(kept).name: (source / kept).read_bytes()})
    losses = pd.read_csv(source / "losses.csv").to_csv(index=False, float_format="%.6g")
    contents = {"losses.csv": losses.encode()}
    if (strip := source / records.TRAJECTORY).exists():
        contents[strip.name] = strip.read_bytes()
    with Image.open(records.picture_file(source)) as picture:
        contents["image.webp"] = records.encoded(picture, "WEBP", quality=PUBLISHED)
    write_files(target, contents | {"record.json": record})


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("profile", choices=("demo", "paper"))
    parser.add_argument("--source", type=Path, default=Path("outputs"))
    parser.add_argument("--target", type=Path, default=Path("results"))
    options = parser.parse_args()
    source, target = options.source / options.profile, options.target / options.profile
    cells = [path.parent for name in FIGURES for path in source.glob(f"{name}/*/record.json")]
    if not cells:
        raise InputError(f"no records in {source}: make figures PROFILE={options.profile}")
    for cell in cells:
        publish(cell, target / cell.relative_to(source))
    print(f"{len(cells)} cells of {source} are in {target}")


if __name__ == "__main__":
    run_script(main)
