"""What hangs beside the cells: drawn figures, photographs, artworks. Imports no torch."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

from nst.report import cells, pictures

NOUNS = {"content": "Photograph", "style": "Artwork", "mask": "Mask"}


def figures(root: Path, beside: Path) -> list[dict[str, Any]]:
    """The drawn figures of a folder."""
    found = []
    for path in sorted(root.glob("fig*.png")):
        title, note = cells.figure_title(path.stem)
        pdf = path.with_suffix(".pdf")
        links = {p.name: link(p, beside) for p in (path, pdf) if p.exists()}
        found.append(
            {"title": title, "note": note, "picture": pictures.embed_figure(path), "links": links}
        )
    return found


def input_paths(row: dict[str, Any]) -> set[Path]:
    """The files of a cell's inputs, where they are kept."""
    kept = [row.get(f"inputs.{role}.image") for role in roles([row])]
    paths = [(row["folder"] / path).resolve() for path in kept if isinstance(path, str)]
    return {path for path in paths if path.is_file()}


def gather_inputs(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The photographs, artworks and masks of all cells, each once: what it is, and its picture.

    Every figure keeps its own: the same picture counts once.
    """
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    for role, noun in roles(rows).items():
        for path, row in first_rows(rows, role).items():
            title = cells.text(row.get(f"inputs.{role}.title"))
            own = cells.text(row.get(f"{role}.path"))  # a file of the user's has no known licence
            licence = "" if own else cells.text(row.get(f"{role}.licence"))
            picture = pictures.embed(path, pictures.BUDGET // 100)
            known = {"role": noun, "title": title, "licence": licence, "picture": picture}
            found.setdefault((noun, title, picture.address), known | {"paths": set()})
            found[noun, title, picture.address]["paths"].add(path)
    return list(found.values())


def roles(rows: list[dict[str, Any]]) -> dict[str, str]:
    """The names of all cells' inputs, photographs first, and what each is.

    >>> roles([{"inputs.style_2.image": "", "inputs.mask.image": "", "inputs.style.image": ""}])
    {'style': 'Artwork', 'style_2': 'Artwork', 'mask': 'Mask'}
    """
    keys = {key for row in rows for key in row if key.startswith("inputs.")}
    names = {key.split(".")[1] for key in keys if key.endswith(".image")}
    return {
        name: noun
        for kind, noun in NOUNS.items()
        for name in sorted(names)
        if name.partition("_")[0] == kind
    }


def first_rows(rows: list[dict[str, Any]], role: str) -> dict[Path, dict[str, Any]]:
    """Each input of a role that is on disk, with the first row that has it."""
    found: dict[Path, dict[str, Any]] = {}
    for row in rows:
        path = row.get(f"inputs.{role}.image")
        if isinstance(path, str) and (row["folder"] / path).is_file():
            found.setdefault((row["folder"] / path).resolve(), row)
    return found


def link(path: Path, beside: Path) -> str:
    """The relative address of a file beside the page."""
    relative = Path(os.path.relpath(path.resolve(), beside.resolve())).as_posix()
    return quote(relative, errors="surrogateescape")  # also of names that are no UTF-8
