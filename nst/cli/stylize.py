"""Paint a photograph in the style of a painting.

    %(prog)s photo.jpg painting.jpg -o out.png
    %(prog)s photos/ painting.jpg -o painted/          every photograph of a folder
    %(prog)s photo.jpg a.jpg b.jpg style_blend=[2,1]   two paintings, the first more

File names are taken literally. Any setting of configs/config.yaml may follow as name=value;
docs/controls.md shows what they do.
"""

import argparse
import os
import re
import sys
from pathlib import Path

from nst.config import Config
from nst.errors import InputError, UnreachableError, one_line, show_traceback, was_interrupted
from nst.files import shortened
from nst.inputs.imagefiles import is_image_name, open_rgb
from nst.runs.device import prepare_process
from nst.runs.overrides import as_typed
from nst.runs.stylizing import DECIDED, check_output, configure, free_name, paint, with_images

SETTING = re.compile(r"[+~]*[a-z_]+([./][a-z_0-9]+)*=")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("photo", help="a photograph, or a folder of them")
    add("others", nargs="+", metavar="painting", help="one painting or several; then settings")
    add("-o", "--output", help="the picture: .png, .jpg, .webp or .tif; for a folder of "
        "photographs, a folder (default: PHOTO_PAINTING.png here, or PHOTO_PAINTING-NUMBER.png if "
        "that is another picture)")  # fmt: skip
    add("--ratio", type=float, help="how much of the photograph is kept: 1e-2 nearly all, 1e-3 "
        "objects and strokes, 1e-4 mostly strokes (default: 1e-3)")  # fmt: skip
    add("--size", type=int, help="the picture has the area of a square of this side in px; time "
        "grows with the area")  # fmt: skip
    add("--quality", choices=("draft", "good", "best"), default="good",
        help="draft: a preview in seconds; best: 512 px, minutes (default: good)")  # fmt: skip
    add("--network", help="oxford: the paper's VGG-19 (default: the small one that comes with the "
        "code)")  # fmt: skip
    add("--seed", type=int, help="another seed gives another picture")
    add("--record", help="folder for settings, losses and the trajectory of the synthesis "
        "(default: beside the picture)")  # fmt: skip
    options = parser.parse_intermixed_args(without_dashes(sys.argv[1:]))
    for key in ("photo", "output", "record"):
        if given := getattr(options, key):
            setattr(options, key, named(given))
    return options


def without_dashes(arguments: list[str]) -> list[str]:
    """Return a command line without ``--``; what follows it are files, also with a dash."""
    if "--" not in arguments:
        return arguments
    end = arguments.index("--")
    return [*arguments[:end], *(f"./{a}" if a[:1] == "-" else a for a in arguments[end + 1 :])]


def named(text: str) -> Path:
    """Return the path of a file; raise `InputError` for a URL."""
    if "://" in text:
        raise InputError(f"{text} is an address: download it, and give the file")
    return Path(os.path.expanduser(text))


def settings(options: argparse.Namespace) -> tuple[list[Path], Config]:
    """Return the paintings and the configuration of a command line.

    Raise `InputError` for a setting that files and options decide.
    """
    files = [a for a in options.others if named(a).exists() or not SETTING.match(a)]
    given = [as_typed(a, sweep=False) for a in options.others if a not in files]
    for override in given:
        key = override.partition("=")[0].lstrip("+~")
        if re.split("[./]", key)[0] in DECIDED:
            raise InputError(
                f"{override}: {key} is decided by the files, -o and --record; "
                "the synthesize command takes every setting"
            )
    if not files:
        raise InputError("no painting is named: give photo.jpg painting.jpg -o out.png")
    chosen = {key: getattr(options, key) for key in ("ratio", "size", "network", "seed")}
    given = [f"{key}={value}" for key, value in chosen.items() if value is not None] + given
    return [named(file) for file in files], configure(options.quality, given)


def photographs(path: Path) -> list[Path]:
    """Return a photograph, or all of a folder."""
    if not path.is_dir():
        return [path]
    found = sorted(p for p in path.iterdir() if is_image_name(p.name) and p.is_file())
    if not found:
        raise InputError(f"no photographs in {path}: name a folder of image files")
    return found


def main() -> int:
    options = parse()
    paintings, config = settings(options)
    prepare_process()
    found = photographs(options.photo)
    if len(paintings) > 1 and found == [options.photo] and not (config.style_blend or config.masks):
        line = f"one photograph, {options.photo}, in the style of {len(paintings)} paintings, the "
        line += f"first one {paintings[0]}; for several photographs, name their folder"
        print(line, file=sys.stderr)  # a shell's *.jpg may have meant the latter
    for painting in paintings if len(found) > 1 else []:
        open_rgb(painting)  # refused once, not again for each photograph
    failed = 0
    pictures = [place(options, photo, paintings) for photo in found]
    for number, (photo, output) in enumerate(zip(found, pictures, strict=True), 1):
        try:
            own = with_images(config, photo, paintings)
            own.figure = "stylize"
            if made := options.photo.is_dir() or not options.output:
                output = free_name(own, output, record_of(options, output))
            check_output(output, [*found, *paintings])
            line = paint(own, output, record_of(options, output), not made or config.overwrite)
        except (InputError, OSError, RuntimeError) as error:  # torch's, when out of memory
            if len(found) == 1 or isinstance(error, UnreachableError) or was_interrupted(error):
                raise
            show_traceback(error)
            failed, line = failed + 1, f"error: {one_line(error)}"
        count = f"[{number}/{len(found)}] " if len(found) > 1 else ""
        print(f"{count}{line}", file=sys.stderr)
    return 1 if failed else 0


def place(options: argparse.Namespace, photo: Path, paintings: list[Path]) -> Path:
    """Return the picture file of a photograph: the user's, or one named after the images."""
    style = "+".join(path.stem for path in paintings)
    if not options.photo.is_dir():
        return options.output or Path(f"{shortened(f'{photo.stem}_{style}')}.png")
    folder = options.output or Path(shortened(f"{options.photo.resolve().name}_{style}"))
    if folder.exists() and folder.samefile(options.photo):
        raise InputError(f"{folder} is the folder of the photographs: name another one with -o")
    return folder / f"{shortened(photo.stem)}.png"


def record_of(options: argparse.Namespace, output: Path) -> Path:
    """Return the folder of a picture's record."""
    if options.record and options.photo.is_dir():
        return options.record / output.stem
    return options.record or output.with_name(f"{output.name}_record")
