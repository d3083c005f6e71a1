"""The commands, as scripts/ and an installed package have them: nst-stylize, nst-synthesize, ...

Each parses its arguments and calls what the other floors have. They are imported when they are
called: Ctrl-C while torch is imported ends them without a traceback.
"""

import importlib
import signal
from functools import partial

from nst.script import run_script


def command(name: str) -> None:
    """Run the command of a module in this folder, from its imports to the process's exit."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    module = importlib.import_module(f"nst.cli.{name}")
    signal.signal(signal.SIGINT, signal.default_int_handler)
    run_script(module.main)


run_stylize, run_synthesize = partial(command, "stylize"), partial(command, "synthesize")
run_collect, run_fetch = partial(command, "collect"), partial(command, "fetch")
