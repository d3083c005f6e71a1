"""Names in any script, in locales that have no room for them, without docstrings: as everywhere."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pandas as pd
import pytest
from command import SCRIPT, SMALL, inputs

PHOTO, PAINTING = "写真 é.png", "Gemälde.jpg"
PLAIN = {"PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
# A locale, its encoding, and what else differs there.
ENVIRONMENTS = {
    "C": ("ascii", {"PYTHONOPTIMIZE": "2"}),
    "zh_CN": ("GBK", {}),
    "de_DE": ("ISO-8859-1", {"PYTHONWARNDEFAULTENCODING": "1"}),
}
ENDINGS = ("Traceback", "UnicodeEncodeError", "UnicodeDecodeError")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    here = inputs(tmp_path / "cli")
    (here / "photo.png").rename(here / PHOTO)
    (here / "painting.jpg").rename(here / PAINTING)
    return here


def environment(locale: str, folder: Path) -> dict[str, str]:
    """A process's environment in a locale; without localedef, only what it prints is in that."""
    encoding, others = ENVIRONMENTS[locale]
    if locale == "C":
        return PLAIN | others | {"LC_ALL": locale}
    name = f"{locale}.{encoding}"
    if shutil.which("localedef"):
        command = ["localedef", "--no-archive", "-i", locale, "-f", encoding, str(folder / name)]
        if subprocess.run(command, capture_output=True).returncode == 0:
            return PLAIN | others | {"LC_ALL": name, "LOCPATH": str(folder)}
    return PLAIN | others | {"LC_ALL": "C", "PYTHONIOENCODING": encoding}


def run(folder: Path, variables: dict[str, str], script: str, *arguments: str) -> None:
    """A script in a process of its own: it succeeds, and leaves no encoding to the locale."""
    ran = subprocess.run(
        [sys.executable, str(SCRIPT.with_name(script)), *arguments],
        cwd=folder,
        env=os.environ | {"OMP_NUM_THREADS": "1"} | variables,
        capture_output=True,
    )
    said = (ran.stdout + ran.stderr).decode(errors="replace")
    assert ran.returncode == 0, said
    assert not any(word in said for word in ENDINGS), said
    own = [str(SCRIPT.parents[1] / name) for name in ("nst", "studies", "scripts")]
    warned = [line for line in said.splitlines() if "EncodingWarning" in line]
    assert not [line for line in warned if line.startswith(tuple(own))], said


@pytest.mark.parametrize("locale", ENVIRONMENTS)
def test_scripts_work_and_names_stay_what_they_are(
    locale: str, folder: Path, tmp_path: Path
) -> None:
    variables = environment(locale, tmp_path)
    settings = [*SMALL[:2], "schedule=single", "evaluations=2", "optimizer=lbfgsb"]
    run(folder, variables, "synthesize.py", *settings, "size=32", f"content.path={PHOTO}",
        f"styles={PAINTING}", "cell=画")  # fmt: skip
    run(folder, variables, "stylize.py", PHOTO, PAINTING, "-o", "絵.png", "--record",
        "outputs/記", "--size", "32", *settings)  # fmt: skip
    run(folder, variables, "collect.py", "outputs")
    run(folder, variables, "report.py", "outputs", "--output", "頁.html")
    assert (folder / "絵.png").is_file()
    assert json.loads((folder / "outputs/demo/images/画/record.json").read_bytes())
    table = pd.read_csv(folder / "outputs" / "cells.csv", encoding="utf-8")
    assert set(table["folder"]) == {"demo/images/画", "記/picture"}
    assert set(table["content.path"]) == {PHOTO}
    page = (folder / "頁.html").read_text(encoding="utf-8")
    for text in ("写真 é", "Gemälde", quote("画"), "⁻"):  # the last is of the page's own scripts
        assert text in page
