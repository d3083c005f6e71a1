"""The wheel, in an environment of its own: pictures from another folder, without a checkout."""

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest
from command import inputs
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
SMALL = ("evaluations=2", "schedule=single")
PROGRAM = """if True:
    import sys, nst
    settings = {"size": 32, "evaluations": 2, "schedule": "single"}
    nst.stylize("photo.png", "painting.jpg", **settings).save("again.png")
    for name in [name for name in sys.modules if name.split(".")[0] == "nst"]:
        print(sys.modules[name].__file__)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, built without a connection; the checkout is left as it is."""
    source = tmp_path_factory.mktemp("source")
    for name in ("nst", "studies", "configs"):
        shutil.copytree(ROOT / name, source / name)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    options = ("--quiet", "--no-deps", "--no-build-isolation", "--no-index")
    pip = [sys.executable, "-m", "pip", "wheel", *options, "-w", "dist", "."]
    subprocess.run(pip, cwd=source, check=True)
    (built,) = (source / "dist").glob("*.whl")
    return built


@pytest.fixture(scope="module")
def bin_folder(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The commands of an environment with the wheel, and the packages that it requires.

    Those are this environment's, by a path that does not lead to its own nst, which is editable.
    """
    home = tmp_path_factory.mktemp("environment")
    venv.create(home, symlinks=True)
    python = home / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-index"]
    subprocess.run([*pip, "--no-deps", str(wheel)], check=True)
    (own,) = home.glob("lib/python*/site-packages")
    folders = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (own / "required.pth").write_text("\n".join(sorted(folders)))
    return python.parent


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return inputs(tmp_path / "elsewhere")


def run(command: Path, *arguments: str, cwd: Path) -> str:
    """What a command prints, with a home of its own and without the checkout's path."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    env |= {"OMP_NUM_THREADS": "1", "XDG_CACHE_HOME": str(cwd / "cache")}
    ran = subprocess.run([command, *arguments], cwd=cwd, env=env, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_every_file_of_the_package_is_in_the_wheel(wheel: Path) -> None:
    """A folder that pyproject.toml does not name would be left out."""
    there = set(zipfile.ZipFile(wheel).namelist())
    packages = [path for name in ("nst", "studies") for path in (ROOT / name).rglob("*")]
    files = [path.relative_to(ROOT) for path in packages if path.is_file()]
    missing = {str(path) for path in files if path.suffix not in (".pyc", ".sh")} - there
    assert not missing
    configs = {f"nst/{path.relative_to(ROOT)}" for path in (ROOT / "configs").rglob("*.yaml")}
    assert configs and configs <= there


def test_the_commands_and_the_functions_paint(bin_folder: Path, folder: Path) -> None:
    arguments = ("photo.png", "painting.jpg", "-o", "out.png", "--size", "32", *SMALL)
    run(bin_folder / "nst-stylize", *arguments, cwd=folder)
    here = run(bin_folder / "python", "-c", PROGRAM, cwd=folder).splitlines()
    assert all(Path(file).is_relative_to(bin_folder.parent) for file in here), "the checkout's"
    for name in ("out", "again"):
        with Image.open(folder / f"{name}.png") as picture:
            assert picture.size == (36, 29)
    assert (folder / "out.png").read_bytes() == (folder / "again.png").read_bytes()
    run(bin_folder / "nst-synthesize", "-m", "seed=0,1", "size=32", *SMALL, cwd=folder)
    records = folder.glob("outputs/demo/images/*/record.json")
    assert sorted(path.parent.name for path in records) == [
        f"evaluations=2_schedule=single_seed={seed}_size=32" for seed in (0, 1)
    ]
    run(bin_folder / "nst-collect", "outputs", cwd=folder)
    assert len((folder / "outputs" / "cells.csv").read_text().splitlines()) == 3
    assert str(folder / "cache" / "nst") in run(bin_folder / "nst-fetch", "--list", cwd=folder)
    assert not (folder / "data").exists() and not (folder / "cache").exists()
