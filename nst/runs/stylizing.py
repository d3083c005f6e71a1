"""One photograph in the style of paintings, to a file of the user's choice."""

import copy
import io
import os
from pathlib import Path

from PIL import Image

from nst.config import Config
from nst.errors import InputError, OtherSettingsError
from nst.files import check_folder, write_files
from nst.runs.pipeline import compute
from nst.runs.progress import say

FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP", ".tif": "TIFF",
           ".tiff": "TIFF"}  # fmt: skip
QUALITY = 95  # of JPEG and WebP


def check_output(output: Path) -> None:
    """Raise `InputError` if a picture cannot be written to `output`."""
    if output.is_dir():
        raise InputError(f"{output} is a folder: name a file in it, such as {output / 'out.png'}")
    if output.suffix.lower() not in FORMATS:
        raise InputError(f"{output}: give it one of the suffixes {', '.join(FORMATS)}")
    check_folder(output.absolute().parent)
    if output.exists() and not os.access(output, os.W_OK):
        raise InputError(f"{output} is there and cannot be written: name another file")


def paint(config: Config, photo: Path, paintings: list[Path], output: Path, record: Path) -> str:
    """Synthesize a picture and write it to `output`; return one line on how it went.

    Its record lies in `record`. Unchanged settings and files are not computed again; otherwise the
    new picture takes the place of the old one.
    """
    config = copy.deepcopy(config)
    config.content.path, config.style.path = str(photo), str(paintings[0])
    if len(paintings) > 1:
        config.more_styles = [str(path) for path in paintings[1:]]
    config.figure, config.cell = "stylize", output.stem
    folder = record / "picture"
    try:
        line = compute(config, folder=folder)
    except OtherSettingsError:
        config.overwrite = True
        line = compute(config, folder=folder)
    say(line)
    buffer = io.BytesIO()
    with Image.open(folder / "image.png") as picture:
        picture.save(buffer, format=FORMATS[output.suffix.lower()], quality=QUALITY)
    write_files(output.parent, {output.name: buffer.getvalue()})
    return str(output)
