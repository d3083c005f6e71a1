"""What a process prints: that nobody can read it any more does not end its work."""

import io
import os
import sys


class Lasting(io.FileIO):
    """A file descriptor whose reader may go: a closed pipe, a vanished terminal, a full disk."""

    def write(self, data: object) -> int:
        """Write what can be written; what cannot is dropped."""
        count = memoryview(data).nbytes  # type: ignore[arg-type]
        try:
            written = super().write(data)  # type: ignore[arg-type]
        except OSError:
            return count
        return count if written is None else written  # None: whoever reads is too slow


def keep_printing() -> None:
    """Let nothing that happens to the process's stdout and stderr raise an error, for entry points.

    Closed descriptors lead to nowhere: the next file to be opened would get their numbers, and be
    printed into. Streams that other code has put in place, as tests and notebooks do, stay.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # the lowest that is free
    for name, descriptor in (("stdout", 1), ("stderr", 2)):
        stream = getattr(sys, name)
        if stream is getattr(sys, f"__{name}__"):
            encoding = stream.encoding if stream else "utf-8"
            buffer = io.BufferedWriter(Lasting(descriptor, "w", closefd=False))
            setattr(sys, name, io.TextIOWrapper(buffer, encoding, line_buffering=True))
        if isinstance(stream := getattr(sys, name), io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # names need not be printable
