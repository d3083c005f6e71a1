"""The brush: bristled strokes of oil paint on a canvas, lit from the upper left.

Lengths are in units of the picture's height: x runs from 0 to the aspect ratio, y from 0 at the
top to 1. Random draws belong to strokes, not to pixels, so that a seed gives one picture at every
resolution. Paths are (strokes, knots, 2), colours (2, strokes, 3) RGB in [0, 1]: two to a stroke.
"""

from typing import Any, ClassVar

import numpy as np
from PIL import Image
from scipy import ndimage
from skimage.draw import polygon2mask
from skimage.exposure import equalize_hist

from studies.painting.paths import across, ramp

OVERSAMPLE = 2
SAMPLES = 1.42  # per pixel along each axis of a stroke; below the root of 2 it has pinholes
TEXTURE = (1024, 512)  # cells of the texture across the bristles and along them
CELLS = (1900.0, 640.0)  # per unit of length, across and along
LIGHT = (0.6, 0.8)  # falls from the upper left

PerStroke = Any  # one number for all strokes, or an array with one for each


class Painting:
    """A picture in progress: its colour and the height of its paint, at twice the final size.

    A subclass says how high its picture is by default (pixels), its aspect ratio, the colour of
    its ground, and which draw of the random numbers is seed 0; it paints in `compose`.
    """

    draw: ClassVar[int] = 0
    height: ClassVar[int]
    aspect: ClassVar[float]
    ground: ClassVar[np.ndarray]

    def __init__(self, height: int | None = None, seed: int = 0) -> None:
        height = height or self.height
        self.size = (round(height * self.aspect), height)
        self.scale = float(height * OVERSAMPLE)
        shape = (height * OVERSAMPLE, self.size[0] * OVERSAMPLE)
        self.rng = np.random.default_rng(self.draw + seed)
        self.colour = np.full((*shape, 3), self.ground, np.float32)
        self.relief = np.zeros(shape, np.float32)
        self.hills = self.rng.normal(0, 1.6, (64, 64))
        white = self.rng.normal(size=TEXTURE)
        fine, broad = (ndimage.gaussian_filter(white, s, mode="wrap") for s in ((3, 26), (11, 50)))
        self.bristles = equalize_hist(fine / fine.std() + 0.6 * broad / broad.std())

    def compose(self) -> None:
        """Lay the strokes of the picture."""
        raise NotImplementedError

    def noise(self, points: np.ndarray, scale: float, octaves: int = 1) -> np.ndarray:
        """Return smooth random hills of that scale, about -1 to 1, at points (..., 2)."""
        total = np.zeros(points.shape[:-1])
        for octave in range(octaves):
            place = np.moveaxis(points[..., ::-1], -1, 0) * (2**octave / scale) + 17.3 * octave
            layer = ndimage.map_coordinates(self.hills, place, mode="grid-wrap", prefilter=False)
            total += layer / 2**octave
        return total

    def scatter(self, spacing: float, margin: float = 0.05) -> np.ndarray:
        """Return points that cover the picture evenly (a jittered grid), in random order."""
        sides = (np.arange(-margin, side + margin, spacing) for side in (self.aspect, 1))
        points = np.stack(np.meshgrid(*sides), axis=-1).reshape(-1, 2)
        return self.rng.permutation(points + self.rng.uniform(-0.6, 0.6, points.shape) * spacing)

    def load(
        self, palette: np.ndarray, tone: np.ndarray, step: float = 0.12, light: float = 0.03
    ) -> np.ndarray:
        """Return the colours of strokes: at `tone` in the palette and a step further, varied."""
        return self.vary(ramp(palette, np.stack([tone, tone + step])), light)

    def vary(self, colours: np.ndarray, light: float) -> np.ndarray:
        """Shift colours in lightness, and half as much in hue: no two brush loads are the same."""
        shift = self.rng.normal(0, light, (*colours.shape[:-1], 1))
        return np.clip(colours + shift + self.rng.normal(0, light / 2, colours.shape), 0, 1)

    def lay(
        self,
        paths: np.ndarray,
        width: PerStroke,
        colours: np.ndarray,
        ends: tuple[float, float] = (0.6, 0.4),
        dry: PerStroke = 0.2,
        body: float = 0.004,
        blend: float = 0.4,
        wet: PerStroke = 0.0,
        melt: float = 0.0,
        rounded: float = 1.0,
        inside: np.ndarray | None = None,
    ) -> None:
        """Paint strokes, each over those before it.

        Args:
            width: swells from and thins to the shares `ends` of it; taken as it is if given as
                (strokes, knots).
            dry: opens gaps between the bristles towards the end of the stroke.
            body: thickness of the paint.
            blend: 1 puts one colour at each edge of the brush, 0 leaves them on the bristles.
            wet, melt: share of the colour below that is picked up, everywhere and at one edge.
            rounded: how round the ends are.
            inside: corners (n, 2) of a polygon outside of which nothing is painted.
        """
        count = len(paths)
        colours = np.broadcast_to(colours if colours.ndim == 3 else colours[:, None], (2, count, 3))
        dry, wet = (np.broadcast_to(each, count).astype(np.float32) for each in (dry, wet))
        cover = self._cover(_ribbons(paths, width, ends), dry, rounded)
        painted = cover[0] >= 0
        if inside is not None:
            painted &= polygon2mask(painted.shape, inside[:, ::-1] * self.scale - 0.5)
        stroke, v, bristle = cover[0, painted].astype(int), *cover[1:, painted]
        share = np.clip(0.5 + 0.5 * blend * v + (1.15 - blend) * (bristle - 0.5), 0, 1)[:, None]
        first, second = colours.astype(np.float32)[:, stroke]
        colour = (first + (second - first) * share) * (0.92 + 0.16 * bristle[:, None])
        below = (wet[stroke] + melt * np.clip(v + 0.6 * (bristle - 0.5), 0, 1))[:, None]
        self.colour[painted] = colour * (1 - below) + self.colour[painted] * below
        ridge = np.exp(-(((np.abs(v) - 0.82) / 0.14) ** 2))
        crown = 0.35 + 0.5 * bristle + 0.4 * ridge - 0.5 * np.abs(v) ** 8
        self.relief[painted] = 0.35 * self.relief[painted] + body * crown

    def _cover(self, ribbons: np.ndarray, dry: np.ndarray, rounded: float) -> np.ndarray:
        """Return (3, H, W): the stroke on top at each pixel or -1, the place v and bristle of it.

        v runs from -1 to 1 across the brush; the bristle's value, from 0 to 1, is its load.
        """
        cover = np.full((3, *self.relief.shape), -1, np.float32)
        start = self.rng.integers(0, TEXTURE, (len(ribbons), 2))
        for number, ribbon in enumerate(ribbons):
            x, y, nx, ny, half, run = _refine(ribbon, self.scale * SAMPLES)[..., None]
            v = np.linspace(-1, 1, int(2 * half.max() * self.scale * SAMPLES) + 2, dtype=np.float32)
            column, line = (((a + n * v) * self.scale) for a, n in ((x, nx), (y, ny)))
            cell = (half.max() * v * CELLS[0], run * CELLS[1])
            row, place = (c.astype(int) + s for c, s in zip(cell, start[number], strict=True))
            bristle = self.bristles[row % TEXTURE[0], place % TEXTURE[1]]
            length = run[-1] + 1e-6
            needed = dry[number] * (0.15 + 0.85 * (run / length) ** 1.5)
            keep = bristle > needed + v**6 * (0.12 + 0.5 * dry[number])
            ragged = 0.5 * np.minimum(half, 0.008) * (1 - bristle)
            cap = half * rounded * (1 - np.sqrt(1 - v * v)) + ragged
            keep &= np.minimum(run, (length - run) * 1.3) >= cap
            keep &= (column >= 0) & (line >= 0)
            keep &= (column < cover.shape[2]) & (line < cover.shape[1])
            at = line[keep].astype(int), column[keep].astype(int)
            cover[0][at], cover[2][at] = number, bristle[keep]  # of equal places the last one wins
            cover[1][at] = np.broadcast_to(v, keep.shape)[keep]
        return cover

    def picture(self, depth: float = 0.3) -> np.ndarray:
        """Paint the picture, light its relief and return it as (H, W, 3) uint8 RGB."""
        self.compose()
        relief = ndimage.gaussian_filter(self.relief, 0.0011 * self.scale)
        down, right = np.gradient(relief, 1 / self.scale)
        shade = np.tanh(1.2 * (right * LIGHT[0] + down * LIGHT[1]))[..., None]
        colour = self.colour * (1 + depth * shade) + 0.25 * depth * np.maximum(shade, 0) ** 2
        pixels = (np.clip(colour, 0, 1) * 255 + 0.5).astype(np.uint8)
        return np.asarray(Image.fromarray(pixels).resize(self.size, Image.Resampling.LANCZOS))


def _ribbons(paths: np.ndarray, width: PerStroke, ends: tuple[float, float]) -> np.ndarray:
    """Return (strokes, 6, knots): x, y, the vector to one edge, half the width, the way so far."""
    t = np.linspace(0, 1, paths.shape[1])
    if np.ndim(width) < 2:
        swell = np.interp(t, [0, 0.25, 0.55, 1], [ends[0], 1, 1, ends[1]])
        width = np.reshape(width, (-1, 1)) * swell
    half = np.broadcast_to(0.5 * width, paths.shape[:2])[..., None]
    steps = np.linalg.norm(np.diff(paths, axis=1, prepend=paths[:, :1]), axis=2)
    run = np.cumsum(steps, axis=1)[..., None]
    ribbons = np.concatenate([paths, half * across(paths), half, run], axis=2)
    return ribbons.astype(np.float32).swapaxes(1, 2)


def _refine(ribbon: np.ndarray, scale: float) -> np.ndarray:
    """Return the ribbon (6, knots) with knots less than a sample apart."""
    edges = ribbon[:2] + np.array([[[-1]], [[0]], [[1]]]) * ribbon[2:4]
    longest = np.linalg.norm(np.diff(edges, axis=2), axis=1).max()
    knots = ribbon.shape[1] - 1
    at = np.linspace(0, knots, int(longest * knots * scale) + 3, dtype=np.float32)
    before = np.minimum(at.astype(int), knots - 1)
    return ribbon[:, before] + (ribbon[:, before + 1] - ribbon[:, before]) * (at - before)
