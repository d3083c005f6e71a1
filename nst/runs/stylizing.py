"""One photograph in the style of paintings, written to a file of the user's choice."""

import copy
import hashlib
import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf
from PIL import Image

from nst.config import Config
from nst.errors import BrokenError, InputError
from nst.files import CONFIGS, check_file, write_file
from nst.inputs.imagefiles import Source
from nst.runs import records
from nst.runs.checkpoint import settings_of, way_on
from nst.runs.overrides import compose
from nst.runs.pipeline import compute, settings_in_full
from nst.runs.progress import say

FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP", ".tif": "TIFF",
           ".tiff": "TIFF"}  # fmt: skip
QUALITY = 95  # of JPEG and WebP
# Settings that are decided by the images of a command or call, and its output.
DECIDED = ("content", "style", "styles", "output", "cell", "figure", "launcher", "hydra")
PICTURE = "picture"  # the cell in the record's folder


def configure(quality: str, overrides: Sequence[str]) -> Config:
    """Return the configuration of a picture, without its images."""
    settings: Any = OmegaConf.load(CONFIGS / "quality.yaml")
    if quality not in settings:
        raise InputError(f"quality={quality}: must be one of {', '.join(map(str, settings))}")
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
    config.content.path = str(photograph)
    config.styles = [str(artwork) for artwork in artworks]
    if masks is not None:
        config.masks = [None if mask is None else str(mask) for mask in masks]
    if init:
        config.init_path = str(init)
    return config


def check_output(output: Path, inputs: list[Path]) -> None:
    """Raise `InputError` if `output` cannot be written or is one of the inputs."""
    check_file(output, "name another file with -o")
    if output.suffix.lower() not in FORMATS:
        raise InputError(f"{output}: give it one of the suffixes {', '.join(FORMATS)}")
    if any(output.exists() and path.exists() and output.samefile(path) for path in inputs):
        raise InputError(f"{output} is one of the images to paint from: name another file with -o")


def free_name(config: Config, output: Path, record: Path) -> Path:
    """Return `output`, or a name beside it if another picture exists there or was begun.

    That name has a checksum of files and settings, so that the same command finds it again.
    """
    settings, folder, kept = settings_in_full(config), record / PICTURE, None
    digest = hashlib.sha256(json.dumps(records.identity(settings), sort_keys=True).encode())
    own = output.with_stem(f"{output.stem}-{digest.hexdigest()[:8]}")
    with suppress(BrokenError):
        kept = records.read_record(folder) or settings_of(folder)
    taken = bool(records.differences(kept, settings)) if kept else output.exists()
    return own if taken or own.exists() else output


def paint(config: Config, output: Path, record: Path, replace: bool = True) -> str:
    """Synthesize a picture and write it to `output`; return its name.

    Its record goes to `record`. With unchanged settings and files, nothing is computed again;
    otherwise the old picture is replaced. Without `replace`, an existing file stays. On Ctrl-C, the
    exception says how the same command goes on.
    """
    config = copy.deepcopy(config)
    config.cell = output.stem.lstrip(".") or "picture"
    folder = record / PICTURE
    try:
        line = compute(config, folder=folder)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(f"to {way_on(folder)}") from None
    say(line)
    if replace or not output.exists():
        write_file(output, encoded(folder / "image.png", output))
    return str(output)


def encoded(source: Path, output: Path) -> bytes:
    """Return a picture as the bytes of a file in the format of `output`'s suffix."""
    form = FORMATS[output.suffix.lower()]
    try:
        with Image.open(source) as picture:
            return records.encoded(picture, form, quality=QUALITY)
    except (OSError, ValueError) as error:  # too wide for JPEG or WebP
        raise InputError(f"{source} cannot be saved as {form} ({error}): use .png") from error
