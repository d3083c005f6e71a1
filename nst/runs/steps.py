"""Pictures on the way: every so many evaluations, and the best so far if a run is interrupted."""

from collections.abc import Callable
from pathlib import Path

from PIL import Image
from torch import Tensor

from nst.files import write_files
from nst.method.synthesis import Result
from nst.runs.progress import say
from nst.runs.records import png

FOLDER = "steps"
SO_FAR = "image_so_far.png"


class Steps:
    """The pictures that a run leaves in its folder before it is done.

    Args: `every`, evaluations from one to the next, 0 for none; `finish` turns the image of any
    level into the picture that the run would end with.
    """

    def __init__(self, folder: Path, every: int, finish: Callable[[Tensor], Image.Image]) -> None:
        self.folder, self.every, self.finish = folder, every, finish
        self.result: Result | None = None

    def __call__(self, result: Result) -> None:
        """Look at a run after an evaluation."""
        self.result = result
        if self.every and result.evaluations % self.every == 0:
            self.write(self.folder / FOLDER / f"{result.evaluations:05}.png", result.image)

    def interrupted(self) -> None:
        """Leave the best picture so far."""
        if self.result and self.result.best:
            self.write(self.folder / SO_FAR, self.result.image)

    def write(self, path: Path, image: Tensor) -> None:
        """Write a picture; that it cannot be written does not end the run."""
        try:
            write_files(path.parent, {path.name: png(self.finish(image))})
        except OSError as error:
            say(f"no picture at {path} ({error.strerror}): the run goes on without")

    def remove(self) -> None:
        """The run is complete: its picture takes the place of the one so far."""
        (self.folder / SO_FAR).unlink(missing_ok=True)
