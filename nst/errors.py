"""The exceptions that a user is meant to read."""

import errno
import os
import traceback


class InputError(ValueError):
    """Something given by the user cannot be used; one line: what, where, and what to do."""


class CallError(InputError, TypeError):
    """A function of the library is called with an argument that it does not have or cannot take."""


class UnreachableError(InputError):
    """No connection to where an input comes from: other downloads would fail too."""


class TooSmallError(InputError):
    """An image has fewer pixels, at the size that is asked for, than the network needs."""


class OtherSettingsError(InputError):
    """A record of other settings is where the run's would be."""


class BrokenError(InputError):
    """What a run has left is damaged, or not all there: the cell is computed again."""


class BusyError(InputError):
    """Another process is computing the cell: nothing is wrong with it."""


class DiskFullError(OSError):
    """No room is left for files of a folder."""

    def __str__(self) -> str:
        return f"{self.filename} cannot be written ({self.strerror}): make room, and run it again"


class CellError(InputError):
    """A cell of a sweep failed in another process; the other cells go on."""


def one_line(error: BaseException) -> str:
    """Return what an error says, with its kind unless a user is meant to read it."""
    kind = "" if isinstance(error, InputError | OSError) else type(error).__name__
    too_long = isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG
    remedy = "choose a shorter name" if too_long else ""
    return ": ".join(filter(None, (kind, " ".join(str(error).split()), remedy)))


def was_interrupted(error: BaseException | None) -> bool:
    """Return whether Ctrl-C is behind an error: libraries that it interrupts may raise others."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__context__
    return error is not None


def show_traceback(error: BaseException) -> None:
    """Print the traceback that one line stands for, if NST_DEBUG=1 asks for it."""
    if os.environ.get("NST_DEBUG", "0") not in ("", "0"):
        traceback.print_exception(error)
