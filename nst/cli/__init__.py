"""The commands of scripts/ and of the installed package: nst-stylize, nst-synthesize, ...

Each parses its arguments and calls the other floors. Their modules are imported on call, so that
Ctrl-C while torch is imported leaves no traceback.
"""

import importlib
import signal
from functools import partial

from nst.script import run_script


def command(name: str) -> None:
    """Run the command of a module in this folder, from its imports to the exit."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    module = importlib.import_module(f"nst.cli.{name}")
    signal.signal(signal.SIGINT, signal.default_int_handler)
    run_script(module.main)


run_stylize, run_synthesize = partial(command, "stylize"), partial(command, "synthesize")
run_collect, run_fetch = partial(command, "collect"), partial(command, "fetch")
