"""A figure broken into large angular planes, each shaded from one hard edge till it melts away."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from studies.painting.canvas import Canvas, Strokes, pigments, ramp, vary
from studies.painting.paths import scatter, taper

ASPECT = 3 / 4
OCHRE = pigments(
    "#0e0f12",
    "#26221d",
    "#4a3d2b",
    "#735c38",
    "#9a7d4b",
    "#bd9f6a",
    "#dcc798",
    "#f0e4c6",
    "#fbf5e6",
)
STEEL = pigments(
    "#090c13",
    "#141c29",
    "#26344a",
    "#3f5068",
    "#627286",
    "#8b98a3",
    "#b4bcbd",
    "#dbdcd3",
    "#f6f3e8",
)
INK = pigments("#090b10", "#14161c", "#22252b")
AXES = np.radians([86.0, 96.0, 66.0, 116.0, 48.0, 134.0, 8.0])  # of the hard edges
LEANING = np.array([5, 4, 5, 5, 3, 3, 2])  # how common each is

# Generations of planes, from the back: spacing, size, share of the places taken.
LAYERS = ((0.23, 0.46, 1.0), (0.17, 0.34, 0.75), (0.135, 0.24, 0.62), (0.11, 0.165, 0.42))
KNOTS = 7


@dataclass
class _Plane:
    """A quadrilateral, or nearly a triangle, that fades out away from its hard edge."""

    corners: np.ndarray  # (4, 2), the hard edge first
    hard: float  # tone at the hard edge, 0 to 1
    soft: float  # and where it fades out
    cold: bool
    melts: float  # how far it fades

    def sides(self) -> np.ndarray:
        """Return the half-planes (4, 3) whose intersection is the plane."""
        a, b = self.corners, np.roll(self.corners, -1, axis=0)
        normal = np.stack([-(b - a)[:, 1], (b - a)[:, 0]], axis=-1)
        return np.column_stack([normal, -(normal * a).sum(axis=1)])

    def axes(self) -> tuple[np.ndarray, np.ndarray, float]:
        """Return the directions along the hard edge and away from it, and how deep the plane is."""
        way = self.corners[1] - self.corners[0]
        way = way / np.linalg.norm(way)
        depth = np.array([-way[1], way[0]])
        return way, depth, float(((self.corners - self.corners[0]) @ depth).max())

    def tones(self, share: np.ndarray, warmth: np.ndarray) -> np.ndarray:
        """Return colours at that share of the depth."""
        tone = np.clip(self.hard + (self.soft - self.hard) * share, 0, 1)
        return np.where(warmth, ramp(OCHRE, tone), ramp(STEEL, tone))


def _figure(p: np.ndarray) -> np.ndarray:
    """Return how much a point belongs to the figure: a head, shoulders and a broad lap."""
    x, y = p[..., 0], p[..., 1]
    lean = 0.375 + 0.03 * np.sin(5 * y + 0.5)
    half = 0.10 + 0.17 / (1 + np.exp(-(y - 0.36) / 0.06))
    return np.exp(-(np.abs((x - lean) / half) ** 3)) / (1 + np.exp(-(y - 0.03) / 0.03))


def _planes(rng: np.random.Generator, spacing: float, size: float, share: float) -> list[_Plane]:
    """Paint one generation of planes, more of them where the figure is."""
    planes = []
    for centre in scatter(rng, ASPECT, spacing, 0.04):
        draw = rng.uniform(0, 1, 14)
        inside = float(_figure(centre))
        if draw[0] < share * (0.3 + 0.9 * inside) + (share == 1):
            planes.append(_plane(centre, size, inside, draw))
    return planes


def _plane(centre: np.ndarray, size: float, inside: float, draw: np.ndarray) -> _Plane:
    """Return a plane on one of the axes, lighter and with more contrast inside the figure."""
    axis = np.searchsorted(LEANING.cumsum(), draw[1] * LEANING.sum(), side="right")
    angle = AXES[axis] + 0.1 * (draw[2] - 0.5)
    angle += np.pi * (draw[3] < 0.5)
    long, deep = size * (0.8 + 0.7 * draw[4]), size * (0.4 + 0.55 * draw[5])
    close = 0.04 if draw[6] < 0.5 else 0.1 + 0.9 * draw[6]
    shift = 0.9 * (draw[7] - 0.5) * long
    far = np.array([0.5 * close * long + shift, -0.5 * close * long + shift])
    box = np.array(
        [[-long / 2, 0], [long / 2, 0], [far[0], deep * (0.45 + 0.55 * draw[8])], [far[1], deep]]
    )
    box -= box.mean(axis=0)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    border = np.clip(1.35 * np.abs(2 * centre / [ASPECT, 1] - 1).max() - 0.75, 0, 0.6)
    middle = 0.16 + 0.46 * inside + 0.26 * (draw[9] - 0.45) - 0.22 * border
    span = (0.18 + 0.18 * draw[10]) * (0.6 + 0.9 * inside) * (1 if draw[11] < 0.62 else -1)
    return _Plane(
        box @ turn.T + centre, middle - span, middle + span, draw[12] < 0.66, 0.75 + 0.25 * draw[13]
    )


def _lay(canvas: Canvas, plane: _Plane, drawn: bool) -> None:
    """Paint the shadow beside its hard edge, its shading, its dabs and a line along the edge."""
    rng = canvas.rng
    way, depth, deep = plane.axes()
    start, end = plane.corners[0], plane.corners[1]
    t = np.linspace(0, 1, KNOTS)[:, None]
    edge = start * (1 - t) + end * t
    thick = 2 * min(0.3 * deep, 0.05) * np.sin(np.pi * np.linspace(0.04, 0.96, KNOTS))
    dark = ramp(STEEL, np.array([max(min(plane.hard, plane.soft) - 0.35, 0.0)]))
    canvas.lay(Strokes(edge[None, ::-1], thick[None], dark, dark, 0.0, 0.001, 1.1, 0.25, 1.0))
    along = (plane.corners - start) @ way
    t = np.linspace(along.min() - 0.02, along.max() + 0.02, KNOTS)[:, None]
    path = start + 0.5 * depth * deep + way * t
    both = plane.tones(np.array([0.0, 1.0]), np.array([[not plane.cold]]))
    first, second = vary(rng, both, 0.012, 0.006)[:, None]
    broad = Strokes(path[None], np.array([1.12 * deep]), first, second, 0.0, 0.0012, 1.1)
    canvas.lay(replace(broad, passage=plane.melts, rounded=0.0, clip=plane.sides()[None]))
    _dabs(canvas, plane)
    if drawn:
        over = rng.uniform(-0.05, 0.18, 2)
        t = np.linspace(-over[0], 1 + over[1], KNOTS)[:, None]
        line = start * (1 - t) + end * t
        width = taper(rng.uniform(0.004, 0.0075, 1), KNOTS, 0.6, 0.35)
        canvas.lay(Strokes(line[None], width, INK[0], INK[2], 0.2, 0.002))


def _dabs(canvas: Canvas, plane: _Plane) -> None:
    """Paint short dry dabs all over the plane, hardly off its shading."""
    rng = canvas.rng
    way, depth, deep = plane.axes()
    count = int(900 * np.linalg.norm(plane.corners[1] - plane.corners[0]) * deep * 2)
    a, b, c, d = plane.corners
    u, w = rng.uniform(0, 1, (2, count, 1))
    centre = (1 - w) * ((1 - u) * a + u * b) + w * ((1 - u) * d + u * c)
    share = (centre - a) @ depth / deep
    reach = rng.uniform(0.008, 0.018, (count, 1)) * (way if rng.uniform() < 0.6 else depth)
    paths = centre[:, None] + reach[:, None] * np.linspace(-1, 1, 5)[:, None]
    stray = rng.uniform(0, 1, (count, 1)) < 0.10
    shift = share + rng.normal(0, 0.13, count)
    first = vary(rng, plane.tones(shift, stray ^ (not plane.cold)), 0.012, 0.006)
    wet = np.clip(0.35 + 0.75 * share, 0, 0.95)
    widths = rng.uniform(0.008, 0.014, count)
    dabs = Strokes(paths, widths, first, vary(rng, first, 0.02, 0.006), 0.45, 0.0012, 0.4, wet)
    canvas.lay(replace(dabs, rounded=0.4, clip=np.tile(plane.sides(), (count, 1, 1))))


def _scaffold(canvas: Canvas) -> None:
    """Paint a few long straight lines on the axes of the planes, with shade on one side of them."""
    rng = canvas.rng
    count = 9
    centres = rng.uniform(0.15, 0.85, (count, 2)) * [ASPECT, 1]
    angle = AXES[rng.permutation(np.arange(count) % 6)] + rng.normal(0, 0.03, count)
    way = np.stack([np.cos(angle), np.sin(angle)], axis=-1) * rng.uniform(0.12, 0.3, (count, 1))
    paths = centres[:, None] + way[:, None] * np.linspace(-1, 1, 11)[:, None]
    broad = taper(np.full(count, 0.08), 11, 0.0, 0.0)
    aside = 0.45 * broad[..., None] * np.stack([-way[:, 1], way[:, 0]], -1)[:, None]
    aside /= np.linalg.norm(way, axis=1)[:, None, None]
    tone = ramp(STEEL, 0.04 + 0.2 * _figure(centres))
    canvas.lay(Strokes(paths + aside, broad, tone, tone, 0.0, 0.001, 1.1, 0.3, 1.0))
    lines = taper(rng.uniform(0.004, 0.0065, count), 11, 0.4, 0.2)
    canvas.lay(Strokes(paths, lines, INK[0], INK[2], 0.25, 0.002))


def _arcs(canvas: Canvas) -> None:
    """Paint a few curves: what is left of a head, of a shoulder and of an instrument."""
    rng = canvas.rng
    arcs = np.array(
        [
            [0.34, 0.62, 0.12, 1.9, 4.6],
            [0.46, 0.68, 0.14, -1.3, 1.2],
            [0.37, 0.19, 0.10, 3.0, 5.7],
            [0.39, 0.635, 0.042, 0, 5.6],
            [0.42, 0.25, 0.07, -0.6, 1.9],
            [0.22, 0.43, 0.10, 3.2, 4.7],
        ]
    )
    turn = arcs[:, 3:4] + (arcs[:, 4:5] - arcs[:, 3:4]) * np.linspace(0, 1, 31)
    paths = arcs[:, None, :2] + arcs[:, 2:3, None] * np.stack([np.cos(turn), np.sin(turn)], -1)
    centres = arcs[:, None, :2]
    shade = taper(np.full(len(arcs), 0.05), 31, 0.0, 0.0)
    inner = paths + (centres - paths) * (0.45 * shade / arcs[:, 2:3])[..., None]
    canvas.lay(Strokes(inner, shade, INK[1], STEEL[2], 0.0, 0.001, 1.1, 0.35, 0.9))
    dark = taper(rng.uniform(0.005, 0.008, len(arcs)), 31, 0.4, 0.2)
    canvas.lay(Strokes(paths, dark, INK[0], INK[2], 0.2, 0.003))


def paint(height: int, seed: int = 0) -> np.ndarray:
    """Paint the picture at `height` pixels, as (H, W, 3) uint8 RGB."""
    canvas = Canvas(height, ASPECT, seed, STEEL[2])
    wall = np.array([[-0.1, -0.1], [ASPECT + 0.1, -0.1], [ASPECT + 0.1, 1.1], [-0.1, 1.1]])
    _dabs(canvas, _Plane(wall, 0.12, 0.20, True, 0.0))
    for layer in LAYERS:
        planes = _planes(canvas.rng, *layer)
        for plane in planes:
            drawn = canvas.rng.uniform() < 0.45 + 0.3 * _figure(plane.corners.mean(axis=0))
            _lay(canvas, plane, bool(drawn))
        if layer is LAYERS[2]:
            _scaffold(canvas)
            _arcs(canvas)
    return canvas.finish()
