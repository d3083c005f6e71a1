"""The package has floors: none imports from one above it."""

import ast
from pathlib import Path

import pytest

import nst

HOUSE = Path(nst.__file__).parent
FLOORS = ("method", "config", "checks", "inputs", "runs", "figures", "api", "cli")  # upwards
MODULES = sorted(path for path in HOUSE.rglob("*.py") if path.name != "__init__.py")


def floor(path: Path) -> str:
    """The floor of a module: its folder, or its own name in the hall."""
    return path.relative_to(HOUSE).parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    """Return what a module imports: floors of the house, and other packages of this repository."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("nst."):
            found.add((node.module or "").split(".")[1])
        elif isinstance(node, ast.ImportFrom) and node.module == "nst":
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("studies"):
            found.add("studies")
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(HOUSE)))
def test_no_floor_imports_from_one_above_it(path: Path) -> None:
    here = floor(path)
    # Below all floors, one above the other.
    ground = ["errors", "script", "files", "convolution"]
    allowed = set(ground[: ground.index(here)] if here in ground else ground)
    if here in FLOORS:
        allowed |= set(FLOORS[: FLOORS.index(here) + 1])
    assert imported(path) <= allowed
