"""Ctrl-C, deferred until what was computed is saved."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

REPEATS = 1.0  # seconds after a Ctrl-C in which others count as the same: a key that is held


class Interrupts:
    """A SIGINT handler: while it `waits`, the first signal is only noted, a later one raised."""

    def __init__(self) -> None:
        self.waits, self.last = False, 0.0
        self.noted = False

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """Note a signal or raise `KeyboardInterrupt`."""
        before, self.last = self.last, time.monotonic()
        if before and self.last - before < REPEATS:
            return
        if self.noted or not self.waits:
            self.waits = False
            raise KeyboardInterrupt
        self.noted = True

    def check(self) -> None:
        """Raise `KeyboardInterrupt` if one was deferred."""
        if self.noted:
            self.waits = False
            raise KeyboardInterrupt

    @contextmanager
    def handled(self) -> Iterator[None]:
        """Handle SIGINT, unless other code does; at the end, raise what was deferred.

        After an interrupt the handler stays in place: others may follow until the process ends.
        """
        before = signal.getsignal(signal.SIGINT)
        own = before is signal.default_int_handler or isinstance(before, Interrupts)
        if not own or threading.current_thread() is not threading.main_thread():
            yield  # only the main thread has handlers
            return
        signal.signal(signal.SIGINT, self)
        try:
            yield
            self.check()
        except KeyboardInterrupt:
            raise
        except BaseException:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            raise
        signal.signal(signal.SIGINT, signal.default_int_handler)
