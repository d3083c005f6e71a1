"""environment.yml, pyproject.toml and constraints.txt say the same."""

import re
import tomllib
from pathlib import Path

import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
CONDA_NAMES = {"torch": "pytorch", "matplotlib": "matplotlib-base"}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def requirements() -> list[Requirement]:
    extras = PROJECT["optional-dependencies"]
    dev = [Requirement(line) for line in extras["dev"]]
    own = [line for r in dev if r.name == PROJECT["name"] for e in r.extras for line in extras[e]]
    others = [r for r in dev if r.name != PROJECT["name"]]
    return others + [Requirement(line) for line in [*PROJECT["dependencies"], *own]]


def test_conda_environment_names_the_same_packages_and_versions() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    plain = [line.split(maxsplit=1) for line in environment if isinstance(line, str)]
    listed = {name: spec for name, *rest in plain for spec in rest}
    names = {CONDA_NAMES.get(r.name, r.name): str(r.specifier) for r in requirements()}
    names["python"] = PROJECT["requires-python"]
    assert {n: sorted(s.split(",")) for n, s in listed.items()} == {
        n: sorted(s.split(",")) for n, s in names.items()
    }


def test_constraints_pin_every_requirement_within_its_range() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = dict(line.lower().split("==") for line in lines if not line.startswith("#"))
    for requirement in requirements():
        assert requirement.specifier.contains(pins[requirement.name.lower()]), requirement


def test_no_file_of_the_packaging_names_a_registry() -> None:
    for name in ("pyproject.toml", "constraints.txt", "environment.yml", "Makefile"):
        assert not re.search(r"https?://", (ROOT / name).read_text()), name
