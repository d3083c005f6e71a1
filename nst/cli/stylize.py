"""Paint a photograph in the style of a painting.

    %(prog)s photo.jpg painting.jpg -o out.png
    %(prog)s photos/ painting.jpg -o painted/      every photograph of a folder
    %(prog)s photo.jpg a.jpg b.jpg blend=[2,1]     two paintings, the first more

Files are named as they are, whatever characters they have. Any setting of configs/config.yaml may
follow as name=value; docs/controls.md shows what they do.
"""

import argparse
import hashlib
import os
import re
import sys
import unicodedata
from collections import Counter
from pathlib import Path

from hydra.errors import HydraException
from omegaconf.errors import OmegaConfBaseException

from nst.config import Config
from nst.errors import INTERRUPTED, InputError, UnreachableError, show_traceback
from nst.inputs.imagefiles import is_image_name, open_rgb
from nst.runs.commands import explain
from nst.runs.device import prepare_process
from nst.runs.overrides import as_typed
from nst.runs.stylizing import DECIDED, check_output, configure, paint
from nst.streams import keep_printing

ERRORS = (InputError, OSError, OmegaConfBaseException, HydraException)
SETTING = re.compile(r"[+~]*[a-z_]+([./][a-z_0-9]+)*=")


def named(text: str) -> Path:
    """Return the file of a name; ~ is the home, unless a file here begins with it."""
    path = Path(text)
    if text.startswith("~") and path.exists():
        return path.absolute()
    return Path(os.path.expanduser(text))


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("photo", type=named, help="a photograph, or a folder of them")
    add("others", nargs="+", metavar="painting", help="one painting or several; then settings")
    add("-o", "--output", type=named, help="the picture: .png, .jpg, .webp or .tif; of a folder of "
        "photographs, a folder (default: PHOTO_PAINTING.png here)")  # fmt: skip
    add("--ratio", type=float, help="how much of the photograph stays: 1e-2 nearly all, 1e-3 "
        "things and strokes, 1e-4 mostly strokes (default: 1e-3)")  # fmt: skip
    add("--size", type=int, help="side in px of a square of the picture's area; time grows with "
        "its square")  # fmt: skip
    add("--quality", choices=("draft", "good", "best"), default="good",
        help="draft: a look in seconds; best: 512 px, minutes (default: good)")  # fmt: skip
    add("--network", help="oxford: the paper's VGG-19; default: the small one that comes with the "
        "code")  # fmt: skip
    add("--seed", type=int, help="another seed, another picture")
    add("--record", type=named, help="where settings, losses and the course of the synthesis go "
        "(default: a folder beside the picture)")  # fmt: skip
    return parser.parse_intermixed_args()


def settings(options: argparse.Namespace) -> tuple[list[Path], Config]:
    """Return the paintings and the configuration of a command line."""
    files = [a for a in options.others if named(a).exists() or not SETTING.match(a)]
    given = [as_typed(a, sweep=False) for a in options.others if a not in files]
    check_settings(given)
    if not files:
        raise InputError("no painting is named: give photo.jpg painting.jpg -o out.png")
    chosen = {key: getattr(options, key) for key in ("ratio", "size", "network", "seed")}
    given = [f"{key}={value}" for key, value in chosen.items() if value is not None] + given
    return [named(file) for file in files], configure(options.quality, given)


def check_settings(given: list[str]) -> None:
    """Raise `InputError` for an override of what files and options decide."""
    for override in given:
        key = override.partition("=")[0].lstrip("+~")
        if key.split(".")[0].split("/")[0] in DECIDED:
            raise InputError(
                f"{override}: {key} is decided by the files, -o and --record; "
                "the synthesize command takes every setting"
            )


def photographs(path: Path) -> list[Path]:
    """Return a photograph, or those of a folder."""
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
    pictures = places(options, found, paintings[0].stem)
    for painting in paintings if len(found) > 1 else []:
        open_rgb(painting, config.size)  # refused once, not again for each photograph
    failed = 0
    for number, (photo, output) in enumerate(zip(found, pictures, strict=True), 1):
        try:
            check_output(output, [*found, *paintings])
            record = options.record or output.parent / f"{output.name}_record"
            if options.record and options.photo.is_dir():
                record /= output.stem
            line = paint(config, photo, paintings, output, record)
        except (*ERRORS, RuntimeError) as error:  # torch's, where memory ends
            if len(found) == 1 or isinstance(error, UnreachableError):
                raise
            show_traceback(error)
            failed, line = failed + 1, explain(error)
        count = f"[{number}/{len(found)}] " if len(found) > 1 else ""
        print(f"{count}{line}", file=sys.stderr)
    return 1 if failed else 0


def places(options: argparse.Namespace, found: list[Path], painting: str) -> list[Path]:
    """Return each photograph's picture: in a folder STEM.png, or NAME.png where others have STEM.

    No two are one file, also where a file system does not tell a from A.
    """
    if not options.photo.is_dir():
        return [options.output or Path(f"{found[0].stem}_{painting}.png")]
    folder = options.output or Path(f"{options.photo.resolve().name}_{painting}")
    if folder.exists() and folder.samefile(options.photo):
        raise InputError(f"{folder} is the folder of the photographs: name another one with -o")
    taken = Counter(key for photo in found for key in {same(photo.stem), same(photo.name)})
    return [folder / f"{own_name(photo, taken)}.png" for photo in found]


def own_name(photo: Path, taken: Counter[str]) -> str:
    """Return the first name of a photograph, from short to long, that no other one may have."""
    digest = hashlib.sha256(os.fsencode(photo.name)).hexdigest()
    names = (photo.stem, photo.name)
    return next((name for name in names if taken[same(name)] == 1), f"{photo.name}-{digest}")


def same(name: str) -> str:
    """Return what names have in common that some file systems take for one."""
    return unicodedata.normalize("NFC", name).casefold()


def run() -> None:
    """Run the command, and end the process."""
    keep_printing()
    try:
        sys.exit(main())
    except KeyboardInterrupt as stop:
        way = str(stop) or "begin this picture again"
        print(f"interrupted: rerun the command to {way}", file=sys.stderr)
        sys.exit(INTERRUPTED)
    except ERRORS as error:
        show_traceback(error)
        sys.exit(explain(error))
