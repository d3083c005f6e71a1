"""The commands, as scripts/ and an installed package have them: nst-stylize, nst-synthesize, ...

Each parses its arguments and calls what the other floors have. They are imported when they are
called: Ctrl-C while torch is imported ends them without a traceback.
"""

import importlib
import signal


def command(name: str) -> None:
    """Run the command of a module in this folder, from its imports to the process's exit."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    module = importlib.import_module(f"nst.cli.{name}")
    signal.signal(signal.SIGINT, signal.default_int_handler)
    module.run()


def run_stylize() -> None:
    """Paint a photograph in the style of a painting."""
    command("stylize")


def run_synthesize() -> None:
    """Synthesize images as Hydra's overrides say."""
    command("synthesize")


def run_collect() -> None:
    """Collect the records below a folder in one table."""
    command("collect")


def run_fetch() -> None:
    """Fetch the paper's images."""
    command("fetch")
