"""One photograph in the style of paintings, to a file of the user's choice."""

import copy
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf
from PIL import Image

from nst.config import Config
from nst.errors import InputError, OtherSettingsError
from nst.files import CONFIGS, check_folder, check_names, write_files
from nst.inputs.imagefiles import Source
from nst.runs import records
from nst.runs.checkpoint import way_on
from nst.runs.overrides import compose
from nst.runs.pipeline import compute
from nst.runs.progress import say

FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP", ".tif": "TIFF",
           ".tiff": "TIFF"}  # fmt: skip
QUALITY = 95  # of JPEG and WebP
# Settings that the images of a command or call, and where its picture goes, decide.
DECIDED = ("content", "style", "more_styles", "output", "cell", "figure", "launcher", "hydra")


def configure(quality: str, overrides: Sequence[str]) -> Config:
    """Return the configuration of a picture, still without its images."""
    settings: Any = OmegaConf.load(CONFIGS / "quality.yaml")
    if quality not in settings:
        raise InputError(f"quality={quality} is unknown: use {' or '.join(map(str, settings))}")
    return compose([*(f"{key}={value}" for key, value in settings[quality].items()), *overrides])


def with_images(
    config: Config,
    photograph: Source,
    artworks: Sequence[Source],
    masks: Sequence[Source | None] | None = None,
    start: Source | None = None,
) -> Config:
    """Return a configuration with its images."""
    config = copy.deepcopy(config)
    config.content.path, config.style.path = str(photograph), str(artworks[0])
    if len(artworks) > 1:
        config.more_styles = [str(artwork) for artwork in artworks[1:]]
    if masks is not None:
        config.masks = [None if mask is None else str(mask) for mask in masks]
    if start:
        config.start_path = str(start)
    return config


def check_output(output: Path, inputs: list[Path]) -> None:
    """Raise `InputError` if a picture cannot be written to `output`, or would replace an input."""
    check_names(output)
    if output.is_dir():
        raise InputError(f"{output} is a folder: name a file in it, such as {output / 'out.png'}")
    if output.suffix.lower() not in FORMATS:
        raise InputError(f"{output}: give it one of the suffixes {', '.join(FORMATS)}")
    if any(output.exists() and path.exists() and output.samefile(path) for path in inputs):
        raise InputError(f"{output} is one of the images to paint from: name another file with -o")
    check_folder(Path(os.path.realpath(output)).parent)
    if output.exists() and not os.access(output, os.W_OK):
        raise InputError(f"{output} is there and cannot be written: name another file")


def paint(config: Config, photo: Path, paintings: list[Path], output: Path, record: Path) -> str:
    """Synthesize a picture and write it to `output`; return one line on how it went.

    Its record lies in `record`. Unchanged settings and files are not computed again; otherwise the
    new picture takes the place of the old one. On Ctrl-C, the exception says how the same command
    goes on.
    """
    config = with_images(config, photo, paintings)
    config.figure, config.cell = "stylize", output.stem.lstrip(".") or "picture"
    folder = record / "picture"
    try:
        line = compute_anew(config, folder)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(way_on(folder)) from None
    say(line)
    target = Path(os.path.realpath(output))  # a link stays, and leads to the picture
    write_files(target.parent, {target.name: encoded(folder / "image.png", output)})
    return str(output)


def compute_anew(config: Config, folder: Path) -> str:
    """Compute a picture, also where one of other settings is; return one line on it."""
    try:
        return compute(config, folder=folder)
    except OtherSettingsError:
        config.overwrite = True
        return compute(config, folder=folder)


def encoded(source: Path, output: Path) -> bytes:
    """Return a picture as the bytes of another file, in the format of that one's suffix."""
    form = FORMATS[output.suffix.lower()]
    try:
        with Image.open(source) as picture:
            return records.encoded(picture, form, quality=QUALITY)
    except (OSError, ValueError) as error:  # too wide for JPEG or WebP
        raise InputError(f"{source} cannot be saved as {form} ({error}): use .png") from error
