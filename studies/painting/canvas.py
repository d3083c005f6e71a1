"""The brush: bristled strokes of oil paint on a canvas, lit from the upper left.

All lengths are in units of the picture's height (x runs from 0 to the aspect ratio, y from 0 at
the top to 1), and every random draw belongs to a stroke and never to a pixel, so that one seed
gives the same picture at every resolution.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from PIL import Image
from scipy import ndimage

from studies.painting.paths import unit

OVERSAMPLE = 2
SAMPLES_PER_PIXEL = 1.42  # along each axis of a ribbon; below the root of 2 it has pinholes
CHUNK_SAMPLES = 1_500_000
BRISTLE = 0.0042  # width of one bristle's trail: two to three pixels in a 640 pixel picture
TEXTURE_SIZE = (1024, 512)  # across the bristles, along them; powers of two, for cheap wrapping
ACROSS = 8 / BRISTLE  # texture cells for a unit of length across the bristles
ALONG = 640.0  # and along them
LIGHT = np.array([0.6, 0.8])  # the way it falls: from the upper left

Rows = dict[str, np.ndarray]
PerStroke = Any  # a number for all strokes, or an array with one for each


def pigments(*codes: str) -> np.ndarray:
    """Return colours from hex codes, as rows of RGB between 0 and 1."""
    return np.array([[int(c[i : i + 2], 16) / 255 for i in (1, 3, 5)] for c in codes])


def ramp(colours: np.ndarray, value: np.ndarray) -> np.ndarray:
    """Look `value` (0 to 1) up in a row of evenly spaced colours."""
    stops = np.linspace(0, 1, len(colours))
    return np.stack([np.interp(value, stops, colours[:, c]) for c in range(3)], axis=-1)


def vary(rng: np.random.Generator, colours: np.ndarray, light: float, hue: float) -> np.ndarray:
    """Shift each colour in lightness and a little in hue: no two brush loads are the same."""
    count = len(colours)
    shift = rng.normal(0, light, (count, 1)) + rng.normal(0, hue, (count, 3))
    return np.clip(colours + shift, 0.0, 1.0)


@dataclass
class Strokes:
    """Brush strokes in the order they are laid: ribbons along `paths`, `width` wide.

    Each stroke carries two colours. `blend` 1 puts one at each edge of the brush with a clean
    passage between, 0 leaves them unmixed on the bristles. `dryness` opens gaps between the
    bristles towards the end of the stroke, `body` is the thickness of the paint, `wet` the share
    of the colour below that the brush picks up, `passage` that share at the second edge alone,
    where the stroke melts into what it lies on. `clip` keeps a stroke on the positive side of
    half-planes a x + b y + c, as rows (strokes, half-planes, 3).
    """

    paths: np.ndarray
    width: np.ndarray
    first: np.ndarray
    second: np.ndarray
    dryness: PerStroke = 0.2
    body: PerStroke = 0.003
    blend: PerStroke = 0.4
    wet: PerStroke = 0.0
    passage: PerStroke = 0.0
    rounded: float = 1.0
    clip: np.ndarray | None = None

    def __post_init__(self) -> None:
        count, knots = self.paths.shape[:2]
        width = np.asarray(self.width, dtype=float)
        self.width = np.broadcast_to(width[:, None] if width.ndim == 1 else width, (count, knots))
        for name in ("dryness", "body", "blend", "wet", "passage"):
            setattr(self, name, np.broadcast_to(getattr(self, name), count))
        for name in ("first", "second"):
            setattr(self, name, np.broadcast_to(getattr(self, name), (count, 3)))

    def only(self, chosen: np.ndarray) -> Strokes:
        """Return the strokes at the chosen places, in that order."""
        arrays = {k: v[chosen] for k, v in vars(self).items() if isinstance(v, np.ndarray)}
        return replace(self, **arrays)


class _Cover:
    """What one layer of strokes puts on each pixel: a stroke (-1 for none) and where in it."""

    def __init__(self, pixels: int) -> None:
        self.stroke = np.full(pixels, -1, dtype=np.int32)
        self.v = np.zeros(pixels, dtype=np.float32)
        self.bristle = np.zeros(pixels, dtype=np.float32)


class Canvas:
    """A picture in progress: colour and the height of the paint, at twice the final size."""

    def __init__(self, height: int, aspect: float, seed: int, ground: np.ndarray) -> None:
        self.size = (round(height * aspect), height)
        self.aspect = aspect
        self.scale = float(height * OVERSAMPLE)
        self.shape = (height * OVERSAMPLE, self.size[0] * OVERSAMPLE)
        self.rng = np.random.default_rng(seed)
        self.colour = np.tile(ground.astype(np.float32), (self.shape[0] * self.shape[1], 1))
        self.relief = np.zeros(len(self.colour), dtype=np.float32)
        self.texture = _bristle_texture(self.rng)

    def lay(self, strokes: Strokes) -> None:
        """Paint the strokes, each one over those before it."""
        offsets = self.rng.integers(0, TEXTURE_SIZE, (len(strokes.paths), 2), dtype=np.int32)
        rows = _ribbon_rows(strokes, self.scale)
        cover = _Cover(len(self.relief))
        for part in _chunks(rows["count"]):
            self._cut(strokes, {k: v[part] for k, v in rows.items()}, offsets, cover)
        self._deposit(strokes, cover)

    def _cut(self, s: Strokes, rows: Rows, offsets: np.ndarray, cover: _Cover) -> None:
        """Find which stroke ends on top at each pixel, and with which part of the brush."""
        count = rows["count"]
        row = np.repeat(np.arange(len(count), dtype=np.int32), count)
        first = (np.cumsum(count) - count).astype(np.float32) - 0.5
        place = np.arange(len(row), dtype=np.float32) - first[row]
        v = place * (2 / count).astype(np.float32)[row] - 1
        x = rows["x"][row] + rows["nx"][row] * v
        y = rows["y"][row] + rows["ny"][row] * v
        column, line = (x * self.scale).astype(np.int32), (y * self.scale).astype(np.int32)
        bristle = self._bristles(s, rows, row, v, offsets)
        keep = (x >= 0) & (y >= 0) & (column < self.shape[1]) & (line < self.shape[0])
        keep &= _touches(s, rows, row, v, bristle)
        if s.clip is not None:
            for edge in np.moveaxis(s.clip, 1, 0).astype(np.float32):
                a, b, c = edge[rows["stroke"]].T
                keep &= a[row] * x + b[row] * y + c[row] > 0
        kept = np.flatnonzero(keep)
        pixels = line[kept] * self.shape[1] + column[kept]
        cover.stroke[pixels] = rows["stroke"][row[kept]]  # of equal indices the last one wins
        cover.v[pixels] = v[kept]
        cover.bristle[pixels] = bristle[kept]

    def _bristles(
        self, s: Strokes, rows: Rows, row: np.ndarray, v: np.ndarray, offsets: np.ndarray
    ) -> np.ndarray:
        """Return what the bristle that passes over each sample carries, from 0 to 1."""
        reach = 0.5 * ACROSS * s.width.max(axis=1)
        across = (reach[rows["stroke"]].astype(np.float32))[row] * v
        across = across.astype(np.int32) + offsets[rows["stroke"], 0][row]
        along = (rows["run"] * ALONG).astype(np.int32) + offsets[rows["stroke"], 1]
        return self.texture[across & (TEXTURE_SIZE[0] - 1), (along & (TEXTURE_SIZE[1] - 1))[row]]

    def _deposit(self, s: Strokes, cover: _Cover) -> None:
        """Mix the colours of the brush on the canvas and raise ridges along its edges."""
        pixels = np.flatnonzero(cover.stroke >= 0)
        stroke, v, bristle = cover.stroke[pixels], cover.v[pixels], cover.bristle[pixels]
        blend = s.blend.astype(np.float32)[stroke]
        share = 0.5 + 0.5 * blend * v + (1.15 - blend) * (bristle - 0.5)
        share = np.clip(share, 0, 1)[:, None]
        first, second = s.first.astype(np.float32), s.second.astype(np.float32)
        colour = first[stroke] * (1 - share) + second[stroke] * share
        colour *= 1 + 0.16 * (bristle[:, None] - 0.5)
        melt = s.passage.astype(np.float32)[stroke] * np.clip(v + 0.6 * (bristle - 0.5), 0, 1)
        below = (s.wet.astype(np.float32)[stroke] + melt)[:, None]
        self.colour[pixels] = colour * (1 - below) + self.colour[pixels] * below
        ridge = np.exp(-(((np.abs(v) - 0.82) / 0.14) ** 2))
        crown = 0.35 + 0.5 * bristle + 0.4 * ridge - 0.5 * np.abs(v) ** 8
        body = s.body.astype(np.float32)[stroke]
        self.relief[pixels] = 0.35 * self.relief[pixels] + body * crown

    def finish(self, depth: float = 0.3) -> np.ndarray:
        """Light the relief of the paint and return the picture as (H, W, 3) uint8."""
        relief = ndimage.gaussian_filter(self.relief.reshape(self.shape), 0.0011 * self.scale)
        slope_y, slope_x = np.gradient(relief, 1 / self.scale)
        shade = np.tanh(1.2 * (slope_x * LIGHT[0] + slope_y * LIGHT[1]))[..., None]
        colour = self.colour.reshape(*self.shape, 3) * (1 + depth * shade)
        colour += 0.25 * depth * np.maximum(shade, 0) ** 2
        pixels = (np.clip(colour, 0, 1) * 255 + 0.5).astype(np.uint8)
        return np.asarray(Image.fromarray(pixels).resize(self.size, Image.Resampling.LANCZOS))


def _bristle_texture(rng: np.random.Generator) -> np.ndarray:
    """Return streaks, long along the second axis, with values from 0 to 1 equally common."""
    white = rng.normal(size=TEXTURE_SIZE).astype(np.float32)
    streaks = ndimage.gaussian_filter(white, (3.2, 26), mode="wrap")
    broad = ndimage.gaussian_filter(white, (11, 50), mode="wrap")
    smooth = streaks / streaks.std() + 0.6 * broad / broad.std()
    rank = np.empty(smooth.size, dtype=np.float32)
    rank[smooth.ravel().argsort()] = np.linspace(0, 1, smooth.size, dtype=np.float32)
    return rank.reshape(TEXTURE_SIZE)


def _ribbon_rows(s: Strokes, scale: float) -> Rows:
    """Cut every ribbon into cross rows less than a pixel apart; `count` samples fill each."""
    paths, knots = s.paths, s.paths.shape[1]
    tangent = unit(np.gradient(paths, axis=1))
    half = 0.5 * s.width[..., None] * np.stack([-tangent[..., 1], tangent[..., 0]], axis=-1)
    edges = np.stack([paths - half, paths, paths + half])
    steps = np.linalg.norm(np.diff(edges, axis=2), axis=3)
    run = np.pad(np.cumsum(steps[1], axis=1), ((0, 0), (1, 0)))
    lines = np.ceil(steps.max(axis=(0, 2)) * (knots - 1) * scale * SAMPLES_PER_PIXEL) + 2
    lines = lines.astype(np.int64)
    stroke = np.repeat(np.arange(len(paths), dtype=np.int32), lines)
    place = np.arange(len(stroke)) - np.repeat(np.cumsum(lines) - lines, lines)
    at = place / (lines[stroke] - 1) * (knots - 1)
    knot = np.minimum(at.astype(np.int64), knots - 2)
    part = (at - knot).astype(np.float32)

    def between(values: np.ndarray) -> np.ndarray:
        values = values.astype(np.float32)
        return values[stroke, knot] * (1 - part) + values[stroke, knot + 1] * part

    rows = {"x": between(paths[..., 0]), "y": between(paths[..., 1]), "run": between(run)}
    rows |= {"nx": between(half[..., 0]), "ny": between(half[..., 1])}
    width = between(s.width)
    rows["count"] = np.ceil(width * scale * SAMPLES_PER_PIXEL).astype(np.int64) + 1
    rows |= {"stroke": stroke, "width": width, "length": run[stroke, -1].astype(np.float32)}
    return rows


def _chunks(count: np.ndarray) -> Iterator[slice]:
    """Return slices of the rows that hold at most about CHUNK_SAMPLES samples each."""
    number = np.cumsum(count) // CHUNK_SAMPLES
    bounds = np.flatnonzero(np.diff(number, prepend=-1, append=-1))
    yield from (slice(a, b) for a, b in zip(bounds[:-1], bounds[1:], strict=True))


def _touches(
    s: Strokes, rows: Rows, row: np.ndarray, v: np.ndarray, bristle: np.ndarray
) -> np.ndarray:
    """Return where paint reaches the canvas: with rounded, ragged ends, and gaps as it runs out."""
    dry = s.dryness[rows["stroke"]].astype(np.float32)
    done = rows["run"] / (rows["length"] + 1e-9)
    threshold = dry * (0.15 + 0.85 * done**1.5)
    square = v * v
    edge = square * square * square * (0.12 + 0.5 * dry)[row]
    left = np.minimum(rows["run"], (rows["length"] - rows["run"]) * 1.3)
    cap = 0.5 * rows["width"]
    ragged = 0.5 * np.minimum(cap, 0.008)
    need = (cap * s.rounded)[row] * (1 - np.sqrt(1 - square)) + ragged[row] * (1 - bristle)
    return (bristle > threshold[row] + edge) & (left[row] >= need)
