"""Paint a photograph in the style of a painting.

    python scripts/stylize.py photo.jpg painting.jpg -o out.png
    python scripts/stylize.py photos/ painting.jpg -o painted/      every photograph of a folder
    python scripts/stylize.py photo.jpg a.jpg b.jpg blend=[2,1]     two paintings, the first more

Files are named as they are, whatever characters they have. Any setting of configs/config.yaml may
follow as name=value; docs/controls.md shows what they do.
"""

import argparse
import re
import sys
from pathlib import Path

from hydra.errors import HydraException
from omegaconf.errors import OmegaConfBaseException

from nst.config import Config
from nst.errors import INTERRUPTED, InputError
from nst.inputs.imagefiles import is_image_name
from nst.runs.commands import explain
from nst.runs.composing import compose
from nst.runs.device import prepare_process
from nst.runs.overrides import as_typed
from nst.runs.stylizing import check_output, paint

ERRORS = (InputError, OSError, OmegaConfBaseException, HydraException)
SETTING = re.compile(r"[+~]*[a-z_]+([./][a-z_0-9]+)*=")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("photo", type=Path, help="a photograph, or a folder of them")
    add("others", nargs="+", metavar="painting", help="one painting or several; then settings")
    add("-o", "--output", type=Path, help="the picture: .png, .jpg, .webp or .tif; of a folder of "
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
    add("--record", type=Path, help="where settings, losses and the course of the synthesis go "
        "(default: a folder beside the picture)")  # fmt: skip
    return parser.parse_intermixed_args()


def settings(options: argparse.Namespace) -> tuple[list[Path], Config]:
    """Return the paintings and the configuration of a command line."""
    files = [a for a in options.others if Path(a).expanduser().exists() or not SETTING.match(a)]
    given = [as_typed(a, sweep=False) for a in options.others if a not in files]
    if not files:
        raise InputError("no painting is named: stylize.py photo.jpg painting.jpg -o out.png")
    named = {key: getattr(options, key) for key in ("ratio", "size", "network", "seed")}
    given = [f"{key}={value}" for key, value in named.items() if value is not None] + given
    config = compose([f"+quality={options.quality}", *given])
    return [Path(file).expanduser() for file in files], config


def photographs(path: Path) -> list[Path]:
    """Return a photograph, or those of a folder."""
    if not path.is_dir():
        return [path]
    found = sorted(p for p in path.iterdir() if is_image_name(p.name))
    if not found:
        raise InputError(f"no photographs in {path}: name a folder of image files")
    return found


def main() -> int:
    options = parse()
    paintings, config = settings(options)
    prepare_process(config.precision)
    photo = options.photo.expanduser()
    found, failed = photographs(photo), 0
    stem = paintings[0].stem
    for number, each in enumerate(found, 1):
        output = options.output or Path(f"{each.stem}_{stem}.png")
        if photo.is_dir():
            output = (options.output or Path(f"{photo.resolve().name}_{stem}")) / f"{each.stem}.png"
        try:
            check_output(output)
            record = options.record or output.parent / f"{output.stem}_record"
            record = record / each.stem if options.record and photo.is_dir() else record
            line = paint(config, each, paintings, output, record)
        except ERRORS as error:
            if len(found) == 1:
                raise
            failed, line = failed + 1, explain(error)
        count = f"[{number}/{len(found)}] " if len(found) > 1 else ""
        print(f"{count}{line}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("interrupted: the same command goes on with this picture", file=sys.stderr)
        sys.exit(INTERRUPTED)
    except ERRORS as error:
        sys.exit(explain(error))
