"""How a plain script ends: with an exit code, and one line for what went wrong."""

import sys
from collections.abc import Callable
from typing import NoReturn

from nst.errors import INTERRUPTED, InputError, show_traceback
from nst.streams import keep_printing


def run_script(main: Callable[[], int | None]) -> NoReturn:
    """Run a script and exit; what went wrong with files or input is one line, without traceback."""
    keep_printing()
    try:
        code = main()
    except KeyboardInterrupt:
        print("interrupted: the same command begins again", file=sys.stderr)
        sys.exit(INTERRUPTED)
    except (InputError, OSError) as error:
        show_traceback(error)
        sys.exit(f"error: {' '.join(str(error).split())}")
    sys.exit(code)
