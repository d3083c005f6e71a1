"""One photograph in the style of paintings, to a file of the user's choice."""

import copy
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf
from PIL import Image

from nst.config import Config
from nst.errors import InputError, OtherSettingsError
from nst.files import CONFIGS, check_file, check_names, write_file
from nst.inputs.imagefiles import Source, open_rgb
from nst.runs import records
from nst.runs.checkpoint import settings_of, way_on
from nst.runs.overrides import compose
from nst.runs.pipeline import compute, settings_in_full
from nst.runs.progress import say

FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP", ".tif": "TIFF",
           ".tiff": "TIFF"}  # fmt: skip
QUALITY = 95  # of JPEG and WebP
# Settings that the images of a command or call, and where its picture goes, decide.
DECIDED = ("content", "style", "more_styles", "output", "cell", "figure", "launcher", "hydra")
PICTURE = "picture"  # the cell in a record's folder


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
    init: Source | None = None,
) -> Config:
    """Return a configuration with its images."""
    config = copy.deepcopy(config)
    config.content.path, config.style.path = str(photograph), str(artworks[0])
    if len(artworks) > 1:
        config.more_styles = [str(artwork) for artwork in artworks[1:]]
    if masks is not None:
        config.masks = [None if mask is None else str(mask) for mask in masks]
    if init:
        config.init_path = str(init)
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
    check_file(output, "name another file with -o")


def own_name(config: Config, output: Path) -> Path:
    """Return a name beside `output` that pictures of other files or settings do not have."""
    settings = json.dumps(records.identity(settings_in_full(config)), sort_keys=True)
    return output.with_stem(f"{output.stem}-{hashlib.sha256(settings.encode()).hexdigest()[:8]}")


def is_taken(config: Config, output: Path, record: Path) -> bool:
    """Tell whether a picture would replace another one there, or what was computed of one."""
    folder = record / PICTURE
    try:
        kept = records.read_record(folder) or settings_of(folder)
    except InputError:  # damaged
        kept = None
    if kept and records.differences(kept, settings_in_full(config)):
        return True
    return output.exists() and not same_pixels(output, folder / "image.png")


def same_pixels(a: Path, b: Path) -> bool:
    """Tell whether two files are images of the same pixels."""
    try:
        return open_rgb(a) == open_rgb(b)
    except InputError:
        return False


def paint(config: Config, output: Path, record: Path, replace: bool = True) -> str:
    """Synthesize a picture and write it to `output`; return one line on how it went.

    Its record lies in `record`. Unchanged settings and files are not computed again; otherwise the
    new picture takes the place of the old one, unless it shall not `replace` it. On Ctrl-C, the
    exception says how the same command goes on.
    """
    config = copy.deepcopy(config)
    config.cell = output.stem.lstrip(".") or "picture"
    folder = record / PICTURE
    try:
        line = compute_anew(config, folder, replace)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(way_on(folder)) from None
    say(line)
    write_file(output, encoded(folder / "image.png", output))
    return str(output)


def compute_anew(config: Config, folder: Path, replace: bool) -> str:
    """Compute a picture, if need be in place of one of other settings; return one line on it."""
    try:
        return compute(config, folder=folder)
    except OtherSettingsError:
        if not replace:  # since it was found to be free
            raise InputError(f"another command has begun {folder}: run this one again") from None
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
