"""A figure broken into angular planes: greys, ochres and blue-black, each plane dark to light."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nst.painting.canvas import Canvas, Strokes, pigments, ramp, vary
from nst.painting.paths import scatter, taper

ASPECT = 3 / 4
OCHRE = pigments("#0e1013", "#232322", "#403c34", "#66573f", "#917a51", "#b99d66", "#d8c18a",
                 "#ebdfbe", "#f7f0dc")
STEEL = pigments("#0b0e14", "#1a212b", "#333d48", "#545f68", "#7c868b", "#a5aca9", "#cdd0c5",
                 "#e8e7da", "#f6f3e6")
INK = pigments("#0c0d10", "#1c1a18", "#2a2722")
AXES = np.radians([84.0, 97.0, 62.0, 118.0, 28.0, -33.0, 8.0])

LAYERS = ((0.11, 0.27, 4.0), (0.10, 0.19, 0.75), (0.08, 0.125, 0.62), (0.055, 0.070, 0.42))
KNOTS = 5


@dataclass
class _Plane:
    """A convex quadrilateral that is dark along its first edge and light at the opposite one."""

    corners: np.ndarray  # (4, 2)
    dark: float
    light: float
    cold: bool
    melts: float
    dabbed: float  # how much of it is worked over with short dabs

    def sides(self) -> np.ndarray:
        """The half-planes (4, 3) whose intersection is the quadrilateral."""
        a, b = self.corners, np.roll(self.corners, -1, axis=0)
        normal = np.stack([-(b - a)[:, 1], (b - a)[:, 0]], axis=-1)
        return np.column_stack([normal, -(normal * a).sum(axis=1)])


def _figure(p: np.ndarray) -> np.ndarray:
    """How much a point belongs to the figure: a tall, leaning form in the middle."""
    x, y = p[..., 0], p[..., 1]
    lean = 0.375 + 0.05 * np.sin(5 * y + 0.5)
    half = 0.13 + 0.17 * np.clip(y, 0, 1) ** 0.8
    return np.exp(-(((x - lean) / half) ** 4))


def _planes(rng: np.random.Generator, spacing: float, size: float, share: float) -> list[_Plane]:
    """One generation of planes, more of them where the figure is."""
    planes = []
    for centre in scatter(rng, ASPECT, spacing, 0.06):
        draw = rng.uniform(0, 1, 12)
        corner = rng.uniform(0, 1, (4, 2)) - 0.5
        inside = float(_figure(centre))
        if draw[0] < share * (0.25 + 1.0 * inside):
            planes.append(_plane(centre, size, inside, draw, corner))
    return planes


def _plane(
    centre: np.ndarray, size: float, inside: float, draw: np.ndarray, corner: np.ndarray
) -> _Plane:
    """A plane on one of the axes, lighter and with more contrast inside the figure."""
    angle = AXES[int(draw[1] * len(AXES))] + 0.08 * (draw[2] - 0.5)
    long, short = size * (0.9 + 0.9 * draw[3]), size * (0.4 + 0.45 * draw[4])
    box = np.array([[-long, -short], [long, -short], [long, short], [-long, short]]) / 2
    box *= (1 + 1.0 * corner) * (-1 if draw[5] < 0.35 else 1)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    light = 0.54 + inside * (0.18 + 0.42 * draw[6]) + 0.22 * (draw[7] - 0.4)
    light -= 0.30 * (draw[7] < 0.12)
    span = (0.36 + 0.36 * draw[8]) * (0.85 + 0.55 * inside)
    return _Plane(box @ turn.T + centre, light - span, light, draw[9] < 0.36,
                  0.8 * (draw[10] < 0.4), 0.75 * draw[11] ** 3)


def _shading(rng: np.random.Generator, plane: _Plane) -> Strokes:
    """One broad, dry sweep over the whole plane, dark to light across the brush."""
    a, b, c, d = plane.corners
    t = np.linspace(-0.06, 1.06, KNOTS)[:, None]
    path = (a + d) / 2 * (1 - t) + (b + c) / 2 * t
    width = 1.05 * max(np.linalg.norm(d - a), np.linalg.norm(c - b))
    family = STEEL if plane.cold else OCHRE
    tones = np.clip([plane.dark, plane.light], 0, 1)
    first, second = vary(rng, ramp(family, tones), 0.015, 0.008)
    return Strokes(path[None], np.array([width]), first[None], second[None], 0.14, 0.003, 0.9,
                   0.0, plane.melts, 0.0, plane.sides()[None])


def _dabs(rng: np.random.Generator, plane: _Plane) -> Strokes:
    """Short brick-like dabs over part of the plane, following its shading."""
    a, b, c, d = plane.corners
    length = max(np.linalg.norm(b - a), np.linalg.norm(c - d))
    breadth = max(np.linalg.norm(d - a), np.linalg.norm(c - b))
    grid = np.meshgrid(np.arange(0, 1, 0.022 / length), np.arange(0, 1, 0.0108 / breadth))
    u, w = grid[0].ravel(), grid[1].ravel()
    chosen = rng.uniform(0, 1, len(u)) < plane.dabbed
    u, w = u[chosen] + rng.uniform(-0.5, 0.5, chosen.sum()) * 0.02 / length, w[chosen]
    centre = ((1 - u) * (1 - w))[:, None] * a + (u * (1 - w))[:, None] * b
    centre += (u * w)[:, None] * c + ((1 - u) * w)[:, None] * d
    count = len(u)
    reach = 0.0095 * rng.uniform(0.7, 1.8, count)
    way = reach[:, None] * (b - a) / length
    paths = centre[:, None] + way[:, None] * np.linspace(-1, 1, KNOTS)[:, None]
    tone = plane.dark + (plane.light - plane.dark) * w + rng.normal(0, 0.06, count)
    warm = rng.uniform(0, 1, (count, 1)) < (0.2 if plane.cold else 0.85)
    first = np.where(warm, ramp(OCHRE, tone), ramp(STEEL, tone))
    return Strokes(paths, rng.uniform(0.009, 0.013, count), vary(rng, first, 0.015, 0.006),
                   vary(rng, first, 0.03, 0.01), 0.3, 0.0035, 0.3, 0.15, 0.0, 0.35,
                   np.tile(plane.sides(), (count, 1, 1)))


def _joined(parts: list[Strokes]) -> Strokes:
    """One layer from many small ones: laying them one by one would take far longer."""
    names = [name for name, value in vars(parts[0]).items() if isinstance(value, np.ndarray)]
    joined: dict[str, Any] = {
        name: np.concatenate([getattr(part, name) for part in parts]) for name in names
    }
    return replace(parts[0], **joined)


def _fill(canvas: Canvas) -> None:
    """Lay the planes and their lines, each generation over the one before."""
    for layer in LAYERS:
        planes = _planes(canvas.rng, *layer)
        parts = [part for p in planes for part in (_shading(canvas.rng, p), _dabs(canvas.rng, p))]
        canvas.lay(_joined(parts))
        _scaffold(canvas, planes)
        if layer is LAYERS[1]:
            _beams(canvas)
        if layer is LAYERS[2]:
            _arcs(canvas)


def _beams(canvas: Canvas) -> None:
    """A few long straight lines, on the axes of the planes, to hold the picture together."""
    rng = canvas.rng
    count = 16
    centres = rng.uniform(0.1, 0.9, (count, 2)) * [ASPECT, 1]
    angle = AXES[rng.integers(0, len(AXES), count)] + rng.normal(0, 0.03, count)
    way = np.stack([np.cos(angle), np.sin(angle)], axis=-1) * rng.uniform(0.12, 0.4, (count, 1))
    paths = centres[:, None] + way[:, None] * np.linspace(-1, 1, 11)[:, None]
    side = np.stack([-way[:, 1], way[:, 0]], axis=-1)
    side = 0.012 * side / np.linalg.norm(side, axis=1, keepdims=True)
    canvas.lay(Strokes(paths + side[:, None], np.full(count, 0.022), OCHRE[7], STEEL[4],
                       0.5, 0.003, 0.8, 0.1, 0.9, 0.1))
    canvas.lay(Strokes(paths, taper(rng.uniform(0.004, 0.007, count), 11, 0.5, 0.3), INK[0],
                       INK[2], 0.3, 0.0025))


def _scaffold(canvas: Canvas, planes: list[_Plane]) -> None:
    """Black lines along some of the edges, running past the corners."""
    rng = canvas.rng
    corners = np.array([p.corners for p in planes])
    turn = rng.integers(0, 2, len(planes))
    starts = corners[np.arange(len(planes)), turn]
    ends = corners[np.arange(len(planes)), (turn + 1) % 4]
    drawn = rng.uniform(0, 1, len(planes)) < 0.34 + 0.34 * _figure(corners.mean(axis=1))
    starts, ends = starts[drawn], ends[drawn]
    count = len(starts)
    over = rng.uniform(-0.1, 0.3, (2, count, 1)) * (ends - starts)
    starts, ends = starts - over[0], ends + over[1]
    t = np.linspace(0, 1, 11)[None, :, None]
    bow = rng.normal(0, 0.012, (count, 1, 1)) * np.sin(np.pi * t) * (ends - starts)[:, None, ::-1]
    paths = starts[:, None] * (1 - t) + ends[:, None] * t + bow
    widths = taper(rng.uniform(0.0025, 0.0065, count), 11, 0.5, 0.3)
    canvas.lay(Strokes(paths, widths, ramp(INK, rng.uniform(0, 1, count)), INK[2],
                       rng.uniform(0.1, 0.5, count), 0.002))


def _arcs(canvas: Canvas) -> None:
    """A few curves and strings: what is left of an instrument."""
    rng = canvas.rng
    arcs = np.array([[0.34, 0.60, 0.10, 1.9, 4.6], [0.44, 0.66, 0.13, -1.3, 1.2],
                     [0.41, 0.47, 0.07, 2.2, 5.2], [0.33, 0.24, 0.075, 3.0, 5.9],
                     [0.42, 0.27, 0.05, -0.6, 1.9], [0.39, 0.615, 0.035, 0, 6.2],
                     [0.52, 0.83, 0.09, 3.4, 5.6], [0.22, 0.80, 0.07, -0.3, 1.6]])
    turn = arcs[:, 3:4] + (arcs[:, 4:5] - arcs[:, 3:4]) * np.linspace(0, 1, 31)
    paths = arcs[:, None, :2] + arcs[:, 2:3, None] * np.stack([np.cos(turn), np.sin(turn)], -1)
    inner = arcs[:, None, :2] + (paths - arcs[:, None, :2]) * 0.94
    pale = taper(np.full(len(arcs), 0.011), 31, 0.3, 0.2)
    canvas.lay(Strokes(inner, pale, OCHRE[7], OCHRE[5], 0.45, 0.003, 0.8, 0.1))
    dark = taper(rng.uniform(0.004, 0.008, len(arcs)), 31, 0.4, 0.2)
    canvas.lay(Strokes(paths, dark, INK[0], INK[2], 0.25, 0.003))
    strings = np.linspace(-0.015, 0.015, 4)[:, None]
    t = np.linspace(0, 1, 9)
    lines = np.stack([0.345 + 0.09 * t + strings, 0.33 + 0.36 * t + 0.15 * strings], axis=-1)
    canvas.lay(Strokes(lines, np.full(4, 0.0026), STEEL[8], OCHRE[6], 0.45, 0.002))
    canvas.lay(Strokes(lines + [0.0035, 0.001], np.full(4, 0.0026), INK[0], INK[1], 0.45, 0.002))


def paint(height: int, seed: int = 0) -> np.ndarray:
    """The picture at `height` pixels, as (H, W, 3) uint8 RGB."""
    canvas = Canvas(height, ASPECT, seed, OCHRE[3])
    _fill(canvas)
    return canvas.finish()
