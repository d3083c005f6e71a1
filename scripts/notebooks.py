"""Execute notebooks: python scripts/notebooks.py [NAME ...], notebooks/NAME.py -> NAME.ipynb

The .py files are the source; the .ipynb files are the same with outputs.
"""

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import jupytext
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from traitlets.config import Config

from nst.files import write_files

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"


def execute(path: Path, parameters: list[str], output: Path) -> Path:
    """Execute a notebook in its folder and write it, with its outputs, to the folder `output`.

    `parameters`, such as ``size=64``, are added to the cell that is tagged ``parameters``. Raises
    `CellExecutionError`, before anything is written, if a cell fails.
    """
    notebook = jupytext.read(path)
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number}"  # numbered, so that one file always gives one notebook
        if "parameters" in cell.metadata.get("tags", []):
            cell.source = "\n".join([cell.source, *parameters])
    with TemporaryDirectory() as sockets:  # private files; ports would be open to other users
        settings = Config({"KernelManager": {"transport": "ipc", "ip": f"{sockets}/kernel"}})
        resources = {"metadata": {"path": str(path.parent)}}
        client = NotebookClient(notebook, config=settings, resources=resources, timeout=600)
        client.startup_timeout, client.record_timing = 300, False  # equal outputs, equal files
        client.execute()
    name = path.with_suffix(".ipynb").name
    write_files(output, {name: (nbformat.writes(notebook) + "\n").encode()})
    return output / name


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*", help="all, if none is given")
    parser.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE", help="parameters")
    parser.add_argument("--output", type=Path, default=NOTEBOOKS)
    options = parser.parse_args()
    names = options.names or sorted(path.stem for path in NOTEBOOKS.glob("*.py"))
    for name in names:
        if not (NOTEBOOKS / f"{name}.py").is_file():
            parser.error(f"no notebook {name!r} in notebooks/")
        print(execute(NOTEBOOKS / f"{name}.py", options.set, options.output), flush=True)


if __name__ == "__main__":
    try:
        main()
    except CellExecutionError as error:
        sys.exit(f"error: a cell failed: {error.ename}: {error.evalue}")
