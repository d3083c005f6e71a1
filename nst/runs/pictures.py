"""The pictures of a run: at intervals, when interrupted, and at the end."""

from contextlib import suppress
from pathlib import Path

from PIL import Image

from nst.config import Config
from nst.files import write_files
from nst.inputs.colours import recolour
from nst.inputs.images import to_picture
from nst.inputs.loading import Inputs
from nst.method.pixels import resize
from nst.method.synthesis import Result
from nst.runs.progress import optional
from nst.runs.records import encoded

FOLDER = "steps"
SO_FAR = "image_so_far.png"


def remove_steps(folder: Path) -> None:
    """Remove a run's intermediate pictures from a cell's folder, and no other file."""
    for path in (folder / FOLDER).glob("*.png"):
        if path.stem.isdecimal():
            path.unlink(missing_ok=True)
    with suppress(OSError):  # missing, or not empty
        (folder / FOLDER).rmdir()


class Pictures:
    """The pictures that a run writes before its end: every so many evaluations, and on Ctrl-C."""

    def __init__(self, folder: Path, config: Config, inputs: Inputs) -> None:
        self.folder, self.every, self.inputs = folder, config.save_every, inputs
        self.result: Result | None = None

    def __call__(self, result: Result) -> None:
        """Take note of a run after an evaluation."""
        self.result = result
        if self.every and result.evaluations % self.every == 0:
            self.write(self.folder / FOLDER / f"{result.evaluations:05}.png", result)

    def interrupted(self) -> None:
        """Write the best picture so far."""
        if self.result and self.result.best:
            self.write(self.folder / SO_FAR, self.result)

    def write(self, path: Path, result: Result) -> None:
        """Write the best picture; if it cannot be written, the run goes on."""
        with optional(f"no picture at {path}"):
            write_files(path.parent, {path.name: encoded(finished(result, self.inputs), "PNG")})


def finished(result: Result, inputs: Inputs) -> Image.Image:
    """Return a run's picture at full size, in the photograph's colours if they are kept."""
    x = resize(result.image.cpu(), *inputs.shape)
    return to_picture(x if inputs.in_colour is None else recolour(x, inputs.in_colour))
