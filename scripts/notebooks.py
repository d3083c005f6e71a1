"""Execute notebooks: python scripts/notebooks.py [FILE.py ...], each to FILE.ipynb beside it

The .py files are the source; the .ipynb files are the same with outputs.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import jupytext
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from traitlets.config import Config

from nst.files import write_file
from nst.script import run_script

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"


def execute(path: Path) -> Path:
    """Execute a notebook in its folder and write it, with its outputs, unless a cell fails."""
    notebook, target = jupytext.read(path), path.with_suffix(".ipynb")
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number}"  # numbered, so that one file always gives one notebook
    with TemporaryDirectory() as sockets:  # private files; ports would be open to other users
        settings = Config({"KernelManager": {"transport": "ipc", "ip": f"{sockets}/kernel"}})
        resources = {"metadata": {"path": str(path.parent)}}
        client = NotebookClient(notebook, config=settings, resources=resources, timeout=600)
        client.startup_timeout, client.record_timing = 300, False  # equal outputs, equal files
        client.execute()
    write_file(target, (nbformat.writes(notebook) + "\n").encode())
    return target


def main() -> None:
    try:
        for path in sorted(map(Path, sys.argv[1:])) or sorted(NOTEBOOKS.glob("*.py")):
            print(execute(path), flush=True)
    except CellExecutionError as error:
        sys.exit(f"error: a cell failed: {error.ename}: {error.evalue}")


if __name__ == "__main__":
    run_script(main)
