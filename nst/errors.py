"""Exceptions whose messages are meant for the user."""

import errno
import os
import traceback


class InputError(ValueError):
    """The user's input cannot be used; one line: what is wrong, where, and what to do."""


class CallError(InputError, TypeError):
    """A function of the library is called with an unknown argument or one of a wrong type."""


class UnreachableError(InputError):
    """No connection to the source of an input: other downloads would fail too."""


class TooSmallError(InputError):
    """An image has, at the size asked for, fewer pixels than the network needs."""


class BrokenError(InputError):
    """What a run has left is damaged or incomplete: the cell is computed again."""


class BusyError(InputError):
    """Another process is computing the cell."""


class DiskFullError(OSError):
    """No disk space is left for the files of a folder."""

    def __str__(self) -> str:
        return f"{self.filename} cannot be written ({self.strerror}): make room and run it again"


class CellError(InputError):
    """A cell of a sweep failed in another process; the other cells go on."""


def one_line(error: BaseException) -> str:
    """Return an error's message in one line; of unexpected errors, with the type."""
    kind = "" if isinstance(error, InputError | OSError) else type(error).__name__
    too_long = isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG
    remedy = "choose a shorter name" if too_long else ""
    return ": ".join(filter(None, (kind, " ".join(str(error).split()), remedy)))


def was_interrupted(error: BaseException | None) -> bool:
    """Return whether Ctrl-C caused an error: a library that it interrupts may raise another."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__context__
    return error is not None


def show_traceback(error: BaseException) -> None:
    """Print an error's traceback if NST_DEBUG=1 asks for it."""
    if os.environ.get("NST_DEBUG", "0") not in ("", "0"):
        traceback.print_exception(error)
