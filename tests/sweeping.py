"""Writes the records of a sweep, as a run leaves them, without running anything."""

import itertools
import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from nst.runs import records

RATIOS = (1e-5, 1e-4, 1e-3, 1e-2, 1e-1)
DEPTHS = [[f"conv{level}_1" for level in range(1, deepest + 1)] for deepest in range(1, 6)]
Painter = Callable[[int], Image.Image]


def paint(number: int) -> Image.Image:
    """A small picture that differs from those of other numbers."""
    pixels = np.random.default_rng(number).integers(0, 256, (24, 32, 3), dtype=np.uint8)
    return Image.fromarray(pixels)


def slug(name: str) -> str:
    """What of a name can be in the name of a file."""
    return re.sub(r"\W+", "_", name)


def settings(style: str, layers: list[str], ratio: float, seed: int) -> dict[str, Any]:
    return {
        "profile": "demo", "figure": "images", "cell": None, "panel": "C", "layer_set": "transfer",
        "content": {"name": "photo", "licence": "public domain", "path": None},
        "style": {"name": style, "licence": "MIT", "path": None},
        "network": {"name": "embedded", "width": 0.5, "pooling": "average"},
        "optimizer": {"name": "lbfgs", "history": 20}, "init": "noise",
        "content_layers": ["conv4_2"], "style_layers": layers, "ratio": ratio, "alpha": ratio,
        "beta": 1.0, "size": 32, "evaluations": 120, "seed": seed, "device": "auto",
        "output": "results", "checksums": {"content": "c0", "style": f"s-{style}"},
    }  # fmt: skip


def losses(layers: list[str], number: int, evaluations: int) -> list[dict[str, float]]:
    """Losses that fall, faster for a higher number."""
    rows = []
    for k in range(1, evaluations + 1):
        style, content = 10 / k ** (1 + number % 7 / 10), 5 / k**0.5
        row = {"evaluation": k, "seconds": 0.1 * k, "total": style + content, "content": content}
        row |= {"style": style, "gradient": 100 / k, "content_conv4_2_weighted": content}
        rows.append(row | {f"style_{layer}_weighted": style / len(layers) for layer in layers})
    return rows


def write_cell(
    folder: Path, own: dict[str, Any], number: int, painter: Painter = paint, evaluations: int = 12
) -> None:
    """One cell with its inputs and, as a strip of four frames, the trajectory of its synthesis."""
    lines = losses(own["style_layers"], number, evaluations)
    artwork = own["style"]["name"]
    inputs = {
        "content": {
            "title": "Photo, NASA, 1993",
            "image": records.keep_input(folder, "content_c0", paint(0)),
        },
        "style": {
            "title": f"{artwork}, this project, 2026",
            "image": records.keep_input(folder, f"style_{slug(artwork)}", paint(1)),
        },
    }
    trajectory = {"image": "trajectory.jpg", "evaluations": [1, 2, 4, evaluations]}
    record = {
        "settings": own, "inputs": inputs, "evaluations": evaluations, "seconds": 1.5 + number,
        "losses": lines[-1], "messages": [], "device": "cpu", "commit": "abc1234",
        "trajectory": trajectory,
    }  # fmt: skip
    picture = painter(number)
    strip = Image.new("RGB", (4 * picture.width, picture.height))
    for k in range(4):
        strip.paste(picture, (k * picture.width, 0))
    folder.mkdir(parents=True, exist_ok=True)
    strip.save(folder / "trajectory.jpg")
    records.write_record(folder, picture, lines, record)


def write_sweep(
    root: Path,
    styles: Sequence[str],
    seeds: int,
    painter: Painter = paint,
    evaluations: int = 12,
) -> int:
    """Cells over artworks, seeds, layers and alpha/beta, 25 for each artwork and seed."""
    axes = itertools.product(styles, range(seeds), DEPTHS, RATIOS)
    for number, (style, seed, layers, ratio) in enumerate(axes):
        name = f"style={slug(style)},seed={seed},layers={len(layers)},ratio={ratio:g}"
        own = settings(style, layers, ratio, seed) | {"cell": name}
        write_cell(root / "images" / name, own, number, painter, evaluations)
    return len(styles) * seeds * len(DEPTHS) * len(RATIOS)


def write_failure(folder: Path, error: str, own: dict[str, Any]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    failure = {"schema": records.SCHEMA, "error": error, "settings": own}
    (folder / "failure.json").write_text(json.dumps(failure))
