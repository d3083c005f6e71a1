"""How a command prints and ends: with an exit code, and one line for what went wrong."""

import io
import os
import sys
from collections.abc import Callable
from typing import NoReturn

from nst.errors import InputError, one_line, show_traceback, was_interrupted

INTERRUPTED = 130  # exit code, as in shells: 128 + SIGINT


def run_script(main: Callable[[], int | None]) -> NoReturn:
    """Run a command and exit; what is wrong with files or input is one line, without traceback.

    After Ctrl-C, the line is how to resume, as the exception says.
    """
    keep_printing()
    try:
        code = main()
    except (Exception, KeyboardInterrupt) as error:
        if was_interrupted(error):
            way = str(error) if isinstance(error, KeyboardInterrupt) else ""
            print(f"interrupted: rerun the command {way or 'for what is missing'}", file=sys.stderr)
            sys.exit(INTERRUPTED)
        if not isinstance(error, InputError | OSError):
            raise
        show_traceback(error)
        sys.exit(f"error: {one_line(error)}")
    sys.exit(code)


class Lasting(io.FileIO):
    """A file descriptor whose reader may vanish: a closed pipe or terminal, a full disk."""

    def write(self, data: object) -> int:
        """Write what can be written and drop the rest."""
        count = memoryview(data).nbytes  # type: ignore[arg-type]
        try:
            written = super().write(data)  # type: ignore[arg-type]
        except OSError:
            return count
        return count if written is None else written  # None: the reader is too slow


def keep_printing() -> None:
    """Let nothing that happens to stdout and stderr raise an error; for entry points.

    Closed descriptors are opened to nowhere, as the next file would get their numbers and be
    printed into. Streams that other code has replaced, as tests and notebooks do, stay.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # gets the lowest that is free
    for name, descriptor in (("stdout", 1), ("stderr", 2)):
        stream = getattr(sys, name)
        if stream is getattr(sys, f"__{name}__"):
            encoding = stream.encoding if stream else "utf-8"
            buffer = io.BufferedWriter(Lasting(descriptor, "w", closefd=False))
            setattr(sys, name, io.TextIOWrapper(buffer, encoding, line_buffering=True))
        if isinstance(stream := getattr(sys, name), io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # names need not be printable
