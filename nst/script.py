"""How a command ends: with an exit code, and one line for what went wrong."""

import sys
from collections.abc import Callable
from typing import NoReturn

from nst.errors import InputError, one_line, show_traceback, was_interrupted
from nst.streams import keep_printing

INTERRUPTED = 130  # exit code, as shells have it: 128 + SIGINT


def run_script(main: Callable[[], int | None]) -> NoReturn:
    """Run a command and exit; what went wrong with files or input is one line, without traceback.

    After Ctrl-C the line says how the same command goes on: as the exception has it, if it does.
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
