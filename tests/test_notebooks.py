"""The notebooks run from the committed records, and are thin."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import jupytext
import nbformat
import pytest

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "notebooks"
NAMES = ("01_representations", "02_figures", "03_sweep")
each = pytest.mark.parametrize("name", NAMES)


def committed(name: str) -> nbformat.NotebookNode:
    return nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)


def outputs(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [o for cell in notebook.cells for o in cell.get("outputs", [])]


def test_the_notebooks_are_these() -> None:
    for suffix in (".py", ".ipynb"):
        assert sorted(path.stem for path in FOLDER.glob(f"*{suffix}")) == list(NAMES)


@each
def test_a_notebook_runs_without_an_error(name: str, tmp_path: Path) -> None:
    (tmp_path / "results").symlink_to(ROOT / "results")
    path = tmp_path / "notebooks" / f"{name}.py"
    path.parent.mkdir()
    source = (FOLDER / path.name).read_text()
    path.write_text(re.sub("^size = 160", "size = 80", source, flags=re.MULTILINE))
    command = [sys.executable, "scripts/notebooks.py", str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    notebook = nbformat.read(path.with_suffix(".ipynb"), as_version=4)
    nbformat.validate(notebook)
    kinds = {o.output_type for o in outputs(notebook)}
    assert "error" not in kinds
    assert any(kind.startswith("image/") for o in outputs(notebook) for kind in o.get("data", {}))
    assert not [o for o in outputs(notebook) if o.get("name") == "stderr"]


@each
def test_the_two_files_of_a_notebook_are_the_same(name: str) -> None:
    source = [(cell.cell_type, cell.source) for cell in jupytext.read(FOLDER / f"{name}.py").cells]
    assert [(cell.cell_type, cell.source) for cell in committed(name).cells] == source


@each
def test_no_notebook_defines_a_function_or_class(name: str) -> None:
    defined = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
    tree = ast.parse((FOLDER / f"{name}.py").read_text())
    assert not [node for node in ast.walk(tree) if isinstance(node, defined)]


@each
def test_a_committed_notebook_has_its_outputs_is_small_and_names_no_machine(name: str) -> None:
    notebook, path = committed(name), FOLDER / f"{name}.ipynb"
    assert path.stat().st_size < 1.5e6
    assert notebook.metadata.kernelspec.name == "python3"
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert "error" not in {o.output_type for o in outputs(notebook)}
    text = path.read_text()
    for place in (str(ROOT), str(Path.home()), "/tmp/"):
        assert place not in text
