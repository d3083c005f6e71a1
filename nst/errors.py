"""The exceptions that a user is meant to read."""

import sys
from collections.abc import Callable
from typing import NoReturn


class InputError(ValueError):
    """Something given by the user cannot be used; one line: what, where, and what to do."""


class UnreachableError(InputError):
    """No connection to where an input comes from: what else is missing will not come either."""


class BusyError(InputError):
    """Another process is computing the cell: nothing is wrong with it."""


class CellError(InputError):
    """A cell of a sweep failed in another process; the other cells go on."""


def run(main: Callable[[], int | None]) -> NoReturn:
    """Run the `main` of a script; an error that a user can act on ends it with one line."""
    try:
        sys.exit(main())
    except (InputError, OSError) as error:
        sys.exit(f"error: {error}")
