"""A dense abstract composition: curved patches of colour, black calligraphy, combs and dots."""

from __future__ import annotations

import numpy as np

from nst.painting.canvas import Canvas, Strokes, pigments, vary
from nst.painting.paths import Noise, scatter, taper

ASPECT = 3 / 2
KNOTS = 25
HEART = np.array([0.70, 0.50])
GROUND = pigments("#e9dfc4", "#d9c9a8", "#c3b7a6", "#b9a7b4", "#a8b7a4", "#d8b48c", "#8fa3b4",
                  "#e3cfc0", "#c98f73")
BRIGHT = pigments("#d3211d", "#b0162a", "#e4501f", "#f2b90f", "#f7d64a", "#1d4fb0", "#12307c",
                  "#3f8fd0", "#1f8a4c", "#6fb04a", "#0f5a4a", "#8a2f6e", "#ef8f9a", "#f39a2a",
                  "#5a2a1a", "#f6efdc", "#a8cfd8", "#15151d")
SHARE = np.array([10, 6, 6, 8, 6, 9, 7, 6, 6, 5, 4, 4, 4, 5, 3, 7, 4, 3]) / 103
BLACK = pigments("#08080c", "#14121c", "#1b2030")
WHITE = pigments("#fffdf4", "#f7efd9", "#e6ecee")


def _curves(rng: np.random.Generator, centres: np.ndarray, length: np.ndarray, bend: float,
            heading: np.ndarray | None = None) -> np.ndarray:
    """Arcs and gentle S curves through `centres`, turning up to about `bend` radians."""
    count = len(centres)
    if heading is None:
        heading = rng.uniform(0, 2 * np.pi, count)
    t = np.linspace(-0.5, 0.5, KNOTS)
    turn = rng.normal(0, bend, (count, 1)) * t + rng.normal(0, bend, (count, 1)) * t**2
    angle = heading[:, None] + turn
    steps = np.stack([np.cos(angle), np.sin(angle)], -1) * (length / (KNOTS - 1))[:, None, None]
    paths = np.cumsum(steps, axis=1)
    return paths - paths[:, KNOTS // 2 : KNOTS // 2 + 1] + centres[:, None]


def _crowd(rng: np.random.Generator, count: int, spread: float) -> np.ndarray:
    """Points in a whirl about the heart of the picture, thinner towards the corners."""
    offset = rng.normal(0, 1, (count, 2)) * [0.46, 0.25] * spread
    tilt = np.array([[0.92, -0.38], [0.38, 0.92]])
    points = offset @ tilt + HEART
    return np.where(rng.uniform(0, 1, (count, 1)) < 0.3,
                    rng.uniform(0, 1, (count, 2)) * [ASPECT, 1], points)


def _whirl(rng: np.random.Generator, points: np.ndarray) -> np.ndarray:
    """Headings that turn about the heart, loosely."""
    away = points - HEART
    return np.arctan2(away[:, 1], away[:, 0]) + 1.2 + rng.normal(0, 0.8, len(points))


class _Palette:
    """Which colour goes where: each has its own regions, and strays out of them sometimes."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.noise = Noise(rng)

    def pick(self, rng: np.random.Generator, points: np.ndarray) -> np.ndarray:
        count = len(BRIGHT)
        where = points[:, None] + np.arange(count)[:, None] * [3.7, 1.9]
        liking = np.log(SHARE) + 1.5 * self.noise(where, 0.42)
        return BRIGHT[np.argmax(liking + rng.gumbel(size=(len(points), count)), axis=1)]


def _swell(rng: np.random.Generator, width: np.ndarray) -> np.ndarray:
    """Widths of a patch: lens, wedge, drop or band, one of them for each."""
    t = np.linspace(0, 1, KNOTS)
    shapes = np.stack([np.sin(np.pi * t) ** 0.8, t**0.8, np.sin(np.pi * t**0.55),
                       0.8 + 0.2 * np.cos(7 * t), 1 - 0.7 * t])
    return width[:, None] * shapes[rng.integers(0, len(shapes), len(width))] + 0.002


def _ground(canvas: Canvas) -> None:
    """Soft pale zones, so that no bare canvas is left between the patches."""
    rng = canvas.rng
    starts = scatter(rng, ASPECT, 0.045)
    count = len(starts)
    region = np.floor(2.6 * (np.sin(3.1 * starts[:, 0] + 2.2 * starts[:, 1]) + 1.2
                             + np.cos(4.3 * starts[:, 1] - 2.0 * starts[:, 0])))
    colour = GROUND[(region.astype(int) + (rng.uniform(0, 1, count) < 0.2)) % len(GROUND)]
    paths = _curves(rng, starts, np.full(count, 0.16), 0.6, _whirl(rng, starts))
    canvas.lay(Strokes(paths, taper(rng.uniform(0.04, 0.08, count), KNOTS, 0.7, 0.5),
                       vary(rng, colour, 0.04, 0.03), vary(rng, colour, 0.06, 0.03), 0.3, 0.004))


def _patches(canvas: Canvas, palette: _Palette) -> None:
    """Large, middle and small shapes, many of them edged in black on one side."""
    rng = canvas.rng
    for count, length, width, spread in ((80, 0.42, 0.17, 1.15), (170, 0.25, 0.080, 1.0),
                                         (290, 0.13, 0.038, 0.95)):
        centres = _crowd(rng, count, spread)
        lengths = length * rng.uniform(0.5, 1.5, count)
        paths = _curves(rng, centres, lengths, 1.1, _whirl(rng, centres))
        widths = _swell(rng, width * rng.uniform(0.5, 1.5, count))
        first = vary(rng, palette.pick(rng, centres), 0.03, 0.02)
        other = np.where(rng.uniform(0, 1, (count, 1)) < 0.45, palette.pick(rng, centres), WHITE[1])
        second = vary(rng, 0.68 * first + 0.32 * other, 0.03, 0.02)
        wet = np.where(rng.uniform(0, 1, count) < 0.3, 0.35, 0.0)
        canvas.lay(Strokes(paths, widths, first, second, rng.uniform(0.05, 0.4, count), 0.004,
                           0.8, wet, 0.4))
        edged = rng.uniform(0, 1, count) < 0.36
        _outline(canvas, paths[edged], widths[edged])


def _outline(canvas: Canvas, paths: np.ndarray, widths: np.ndarray) -> None:
    """A black line along one edge of a patch, swelling with the pressure of the hand."""
    rng = canvas.rng
    tangent = np.gradient(paths, axis=1)
    tangent /= np.linalg.norm(tangent, axis=2, keepdims=True)
    normal = np.stack([-tangent[..., 1], tangent[..., 0]], axis=-1)
    side = rng.choice([-0.5, 0.5], (len(paths), 1, 1))
    lines = paths + side * widths[..., None] * normal
    canvas.lay(Strokes(lines, _pressure(rng, len(lines), 0.0055), BLACK[0], BLACK[1], 0.2, 0.003))


def _pressure(rng: np.random.Generator, count: int, width: float) -> np.ndarray:
    """Widths of a line drawn by a hand that leans and lifts."""
    t = np.linspace(0, 1, KNOTS)
    beat = 0.6 + 0.4 * np.sin(rng.uniform(4, 11, (count, 1)) * t + rng.uniform(0, 6.3, (count, 1)))
    thick = width * rng.uniform(0.5, 1.5, (count, 1))
    return thick * beat * np.clip(np.minimum(t, 1 - t) * 8, 0.25, 1)


def _combs(canvas: Canvas, palette: _Palette) -> None:
    """Groups of parallel stripes, black or coloured, like oars, strings and ribs."""
    rng = canvas.rng
    for centre in _crowd(rng, 26, 1.0):
        teeth = int(rng.integers(4, 9))
        gap, length = rng.uniform(0.011, 0.02), rng.uniform(0.05, 0.16)
        heading = rng.uniform(0, np.pi)
        across = np.array([-np.sin(heading), np.cos(heading)])
        row = (np.arange(teeth) - teeth / 2)[:, None] * gap
        one = _curves(rng, np.zeros((1, 2)), np.array([length]), 0.7, np.array([heading]))[0]
        paths = one + (centre + row * across)[:, None]
        paths = paths + rng.normal(0, 0.0015, (teeth, 1, 2))
        ink = BLACK[:1] if rng.uniform() < 0.6 else palette.pick(rng, centre[None])
        width = taper(np.full(teeth, gap * rng.uniform(0.3, 0.5)), KNOTS, 0.6, 0.3)
        canvas.lay(Strokes(paths, width, ink, BLACK[1] if rng.uniform() < 0.5 else ink, 0.3, 0.003))


def _dots(canvas: Canvas, palette: _Palette) -> None:
    """Discs, some with a ring, a halo or a pupil."""
    rng = canvas.rng
    count = 52
    centres = _crowd(rng, count, 1.05)
    radius = rng.gamma(3.0, 0.0055, count) + 0.005
    halo = np.where(rng.uniform(0, 1, (count, 1)) < 0.5, WHITE[1], palette.pick(rng, centres + 1))
    for scale, colour, share in ((3.1, halo, 0.4), (2.3, BLACK[:1], 0.55),
                                 (1.8, palette.pick(rng, centres), 1.0),
                                 (0.8, palette.pick(rng, centres + 2), 0.3)):
        shown = rng.uniform(0, 1, count) < share
        size = (scale * radius)[shown]
        shift = rng.normal(0, 0.15, (count, 2)) * radius[:, None]
        paths = _curves(rng, (centres + shift)[shown], size, 0.5)
        body = np.broadcast_to(colour, (count, 3))[shown]
        canvas.lay(Strokes(paths, size, body, vary(rng, body, 0.06, 0.04), 0.1, 0.004, 0.7))


def _calligraphy(canvas: Canvas) -> None:
    """Black lines from long sweeps to ticks, and white accents last of all."""
    rng = canvas.rng
    for count, length, width in ((16, 0.60, 0.011), (42, 0.24, 0.009), (80, 0.09, 0.007)):
        centres = _crowd(rng, count, 1.0)
        paths = _curves(rng, centres, length * rng.uniform(0.5, 1.5, count), 1.7)
        canvas.lay(Strokes(paths, _pressure(rng, count, width), BLACK[0], BLACK[2],
                           rng.uniform(0.1, 0.4, count), 0.003))
    count = 110
    centres = _crowd(rng, count, 1.0)
    paths = _curves(rng, centres, 0.06 * rng.uniform(0.4, 1.8, count), 1.0)
    canvas.lay(Strokes(paths, 1.5 * _pressure(rng, count, 0.008),
                       WHITE[rng.integers(0, 3, count)], WHITE[1], 0.35, 0.005))


def paint(height: int, seed: int = 0) -> np.ndarray:
    """The picture at `height` pixels, as (H, W, 3) uint8 RGB."""
    canvas = Canvas(height, ASPECT, seed, GROUND[0])
    _ground(canvas)
    palette = _Palette(canvas.rng)
    _patches(canvas, palette)
    _combs(canvas, palette)
    _dots(canvas, palette)
    _calligraphy(canvas)
    return canvas.finish()
