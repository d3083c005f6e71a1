"""The brush: bristled strokes of oil paint on a canvas, lit from the upper left.

Lengths are in units of the picture's height: x runs from 0 to the aspect ratio, y from 0 at the
top to 1. Random draws belong to strokes, not to pixels, so that a seed gives one picture at every
resolution. Paths are (strokes, knots, 2), colours (2, strokes or 1, 3) RGB in [0, 1], two a stroke.
"""

from typing import Any, ClassVar

import numpy as np
from PIL import Image
from scipy import ndimage
from skimage.draw import polygon2mask
from skimage.exposure import equalize_hist

from studies.painting.paths import KNOTS, Array, Field, PerStroke, T, across, bell, ramp, trace, way

OVERSAMPLE = 2
SAMPLES = 1.42  # per pixel along each axis of a stroke; below the root of 2 it has pinholes
TEXTURE = (1024, 512)  # cells of the texture across the bristles and along them
CELLS = (1900.0, 640.0)  # per unit of length, across and along


class Painting:
    """A picture in progress, at twice its final size; a subclass paints it in `compose`."""

    height: ClassVar[int]  # in pixels, by default
    aspect: ClassVar[float]
    ground: ClassVar[Array]  # its colour
    body: ClassVar[float]  # the thickness of the paint
    draw: ClassVar[int] = 0  # the generator's seed for seed 0

    def __init__(self, height: int | None = None, seed: int = 0) -> None:
        height = height or self.height
        self.size = (round(height * self.aspect), height)
        self.scale = float(height * OVERSAMPLE)
        self.rng = np.random.default_rng(self.draw + seed)
        self.relief = np.zeros((height * OVERSAMPLE, self.size[0] * OVERSAMPLE), np.float32)
        self.colour = np.full((*self.relief.shape, 3), self.ground, np.float32)
        self.lattice = self.rng.normal(0, 1.6, (64, 64))
        white = self.rng.normal(size=TEXTURE)
        fine, broad = (ndimage.gaussian_filter(white, s, mode="wrap") for s in ((3, 26), (11, 50)))
        self.bristles = equalize_hist(fine / fine.std() + 0.6 * broad / broad.std())

    def compose(self) -> None:
        raise NotImplementedError

    def noise(self, points: Array, scale: float) -> Array:
        """Return smooth random hills of that scale, about -1 to 1, at points (..., 2)."""
        place = np.moveaxis(points, -1, 0) / scale
        return ndimage.map_coordinates(self.lattice, place, mode="grid-wrap", prefilter=False)

    def scatter(self, spacing: float, margin: float = 0.08, where: Field | None = None) -> Array:
        """Return points (a jittered grid) all over the picture, or `where` it is true, shuffled."""
        sides = (np.arange(-margin, side + margin, spacing) for side in (self.aspect, 1))
        points = np.stack(np.meshgrid(*sides), axis=-1).reshape(-1, 2)
        points = self.rng.permutation(points + self.rng.uniform(-0.6, 0.6, points.shape) * spacing)
        return points if where is None else points[where(points)]

    def load(self, palette: Array, tone: Array, spread: float = 0.08, step: float = 0.12) -> Array:
        """Return the colours of strokes: about `tone` in the palette and a step further."""
        tone = tone + self.rng.normal(0, spread, np.shape(tone))
        colours = ramp(palette, np.stack([tone, tone + step]))
        light = self.rng.normal(0, 0.03, (*colours.shape[:-1], 1))
        return np.clip(colours + light + self.rng.normal(0, 0.013, colours.shape), 0, 1)

    def disc(self, place: Array, radius: float, palette: Array, width: float) -> None:
        """Paint a disc of turning strokes, from its rim in; the palette begins at its heart."""
        reach = np.sort(self.rng.beta(1.8, 1.4, int(8 * (radius / width) ** 2)))[::-1]
        colours = self.load(palette, reach - 0.1 * np.sin(14 * reach))
        points = place + radius * reach[:, None] * way(self.rng.uniform(0, 2 * np.pi, len(reach)))
        self.sweep(points, lambda p: (p - place) @ [[0.1, 1], [-1, 0.1]], 0.04, width, colours)

    def sweep(self, p: Array, flow: Field, long: Any, wide: Any, load: Array, **brush: Any) -> None:
        """Paint strokes along a flow through points, about so long and wide, no two the same."""
        by = self.rng.uniform(0.6, 1.3, (2, len(p)))
        self.lay(trace(flow, p, long * by[0]), wide * by[1], load, **brush)

    def lay(
        self,
        paths: Array,
        width: PerStroke,
        colours: Array,
        ends: tuple[float, float] = (0.6, 0.4),
        dry: PerStroke = 0.25,
        blend: float = 0.4,
        wet: PerStroke = 0.0,
        inside: Array | None = None,
    ) -> None:
        """Paint strokes, each over those before it.

        Args:
            width: of each stroke, less at its ends, or (strokes, knots) as it is.
            ends: shares of the width there; (1, 1) are square, others are rounded.
            dry: opens gaps between the bristles towards the end of the stroke.
            blend: 1 puts one colour at each edge of the brush, 0 leaves them on the bristles.
            wet: share of the colour below that is picked up; two rows are for the two edges.
            inside: corners (n, 2) of a polygon outside of which nothing is painted.
        """
        count = len(paths)
        if np.ndim(width) < 2:
            swell = np.interp(T, [0, 0.25, 0.55, 1], [ends[0], 1, 1, ends[1]])
            width = np.reshape(width, (-1, 1)) * swell
        half, dry = np.broadcast_to(0.5 * width, (count, KNOTS)), np.broadcast_to(dry, count)
        cover = self._cover(paths, half, dry, rounded=ends != (1, 1))
        painted = cover[0] >= 0
        if inside is not None:
            painted &= polygon2mask(painted.shape, inside[:, ::-1] * self.scale - 0.5)
        stroke, v, bristle = cover[0, painted].astype(int), *cover[1:, painted]
        share = np.clip(0.5 + 0.5 * blend * v + (1.15 - blend) * (bristle - 0.5), 0, 1)[:, None]
        first, second = np.broadcast_to(np.float32(colours), (2, count, 3))[:, stroke]
        colour = (first + (second - first) * share) * (0.92 + 0.16 * bristle[:, None])
        here, there = np.broadcast_to(np.float32(wet), (2, count))[:, stroke]
        melt = np.clip(v + 0.6 * (bristle - 0.5), 0, 1)
        below = (here + (there - here) * melt)[:, None]
        self.colour[painted] = colour * (1 - below) + self.colour[painted] * below
        crown = 0.35 + 0.5 * bristle + 0.4 * bell(np.abs(v) - 0.82, 0.14) - 0.5 * np.abs(v) ** 8
        self.relief[painted] = 0.35 * self.relief[painted] + self.body * crown

    def _cover(self, paths: Array, halves: Array, dry: Array, rounded: bool) -> Array:
        """Return (3, H, W): the stroke on top or -1, its v (-1 to 1 across) and bristle (load)."""
        cover, samples = np.full((3, *self.relief.shape), -1, np.float32), self.scale * SAMPLES
        start = self.rng.integers(0, TEXTURE, (len(paths), 2))
        for number, (path, half) in enumerate(zip(paths, halves, strict=True)):
            edge = half[:, None] * across(path)
            run = np.cumsum(np.linalg.norm(np.diff(path, axis=0, prepend=path[:1]), axis=1))
            longest = np.linalg.norm(np.diff([path - edge, path + edge], axis=1), axis=2).max()
            ribbon = np.column_stack([path, edge, half, run]).astype(np.float32).T
            finer = (1, (int(longest * KNOTS * samples) + 3) / KNOTS)
            x, y, nx, ny, half, run = ndimage.zoom(ribbon, finer, order=1, mode="nearest")[
                ..., None
            ]
            v = np.linspace(-1, 1, int(2 * half.max() * samples) + 2, dtype=np.float32)
            column, line = (((a + n * v) * self.scale) for a, n in ((x, nx), (y, ny)))
            cell = (half.max() * v * CELLS[0], run * CELLS[1])
            row, place = (c.astype(int) + s for c, s in zip(cell, start[number], strict=True))
            bristle = self.bristles[row % TEXTURE[0], place % TEXTURE[1]]
            length = run[-1] + 1e-6
            needed = dry[number] * (0.15 + 0.85 * (run / length) ** 1.5)
            keep = bristle > needed + v**6 * (0.12 + 0.5 * dry[number])
            cap = rounded * half * (1 - np.sqrt(1 - v * v)) + (1 - bristle) * np.minimum(
                half / 2, 0.004
            )
            keep &= np.minimum(run, (length - run) * 1.3) >= cap
            keep &= (
                (column >= 0) & (line >= 0) & (column < cover.shape[2]) & (line < cover.shape[1])
            )
            at = line[keep].astype(int), column[keep].astype(int)
            cover[0][at], cover[2][at] = number, bristle[keep]  # of equal places the last one wins
            cover[1][at] = np.broadcast_to(v, keep.shape)[keep]
        return cover

    def picture(self, depth: float = 0.3) -> Array:
        """Paint the picture, light its relief and return it as (H, W, 3) uint8 RGB."""
        self.compose()
        relief = ndimage.gaussian_filter(self.relief, 0.0011 * self.scale)
        down, right = np.gradient(relief, 1 / self.scale)
        shade = np.tanh(0.72 * right + 0.96 * down)[..., None]  # the light is at the upper left
        colour = self.colour * (1 + depth * shade) + 0.25 * depth * np.maximum(shade, 0) ** 2
        pixels = (np.clip(colour, 0, 1) * 255 + 0.5).astype(np.uint8)
        return np.asarray(Image.fromarray(pixels).resize(self.size, Image.Resampling.LANCZOS))
