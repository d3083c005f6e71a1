"""An abstract composition: big curved patches of colour in whirls, and bold black calligraphy."""

from __future__ import annotations

import numpy as np

from studies.painting.canvas import Canvas, PerStroke, Strokes, pigments, vary
from studies.painting.paths import Noise, scatter, taper, trace, unit

ASPECT = 3 / 2
KNOTS = 25
STRANDS = 9  # brush strokes side by side in one patch
SWEEP = np.array([0.86, -0.50])  # the diagonal all of it rises along
WHIRLS = np.array(  # x, y, radius, spin
    [
        [0.60, 0.55, 0.34, 1.0],
        [1.16, 0.32, 0.25, -1.0],
        [0.22, 0.28, 0.19, -0.9],
        [1.12, 0.84, 0.18, 0.9],
    ]
)
DRAW = 1  # added to the seed: of the first few pictures, the one to show as that of seed 0
GROUND = pigments("#bccbd4", "#dfe0d6", "#fbf6ea", "#f6eedb", "#f3e2bd", "#f0cfa6", "#e8b9a0")
COLOURS = np.concatenate(  # of the two sides of a patch
    [
        pigments("#b3121b", "#e2341f", "#d7261c", "#f47b20", "#1b3fa6", "#2f74d0"),
        pigments("#12287a", "#1d55b8", "#f2b705", "#fbe04e", "#f7c81e", "#fdf0a8"),
        pigments("#ee7412", "#f9b233", "#0f7a46", "#5bb548", "#0b4f4a", "#1f9a6a"),
        pigments("#f4ead2", "#fffdf6", "#e9dcc0", "#fbf5e4", "#0b0b12", "#24304f"),
        pigments("#6d1f5f", "#c23a6b", "#3f93d6", "#b7dcec", "#f0a0a0", "#fbe0d2"),
    ]
).reshape(-1, 2, 3)
SHARE = np.array([13, 9, 9, 7, 9, 5, 7, 6, 5, 7, 4, 13, 3, 5, 2]) / 104
INK = pigments("#07070b", "#15131c", "#1b2136")
WHITE = pigments("#fffdf4", "#f8f0dc")


def _flow(p: np.ndarray) -> np.ndarray:
    """Return the flow: up the diagonal, and round each whirl."""
    total = np.broadcast_to(0.75 * SWEEP, p.shape).copy()
    for x, y, radius, spin in WHIRLS:
        away = p - [x, y]
        distance = np.linalg.norm(away, axis=-1, keepdims=True)
        turn = np.stack([-away[..., 1], away[..., 0]], axis=-1) / (distance + 1e-6)
        total += 2.2 * spin * np.exp(-((distance / radius) ** 2)) * turn
    return total


def _normals(paths: np.ndarray) -> np.ndarray:
    """Return the directions across the paths."""
    tangent = unit(np.gradient(paths, axis=1))
    return np.stack([-tangent[..., 1], tangent[..., 0]], axis=-1)


class _Palette:
    """Chooses the colours of patches: unlike their neighbours, in regions of like temper."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.noise = Noise(rng)
        self.points = np.zeros((0, 2))
        self.kinds = np.zeros(0, dtype=int)

    def pick(self, rng: np.random.Generator, points: np.ndarray, reach: float) -> np.ndarray:
        """Return a kind of colour, a row of COLOURS, for each point."""
        where = points[:, None] + np.arange(len(SHARE))[:, None] * [3.7, 1.9]
        liking = np.log(SHARE) + 0.9 * self.noise(where, 0.5)
        liking += 0.7 * rng.gumbel(size=liking.shape)
        for point, scores in zip(points, liking, strict=True):
            near = np.linalg.norm(self.points - point, axis=1) < reach
            np.subtract.at(scores, self.kinds[near], 2.5)
            self.points = np.vstack([self.points, point])
            self.kinds = np.append(self.kinds, scores.argmax())
        return self.kinds[-len(points) :]


def _ground(canvas: Canvas) -> None:
    """Paint whites and creams in soft zones: the room between the forms."""
    rng = canvas.rng
    starts = scatter(rng, ASPECT, 0.055, 0.08)
    count = len(starts)
    zone = 3.5 + 2.2 * Noise(rng)(starts, 0.4) + rng.normal(0, 0.4, count)
    colour = GROUND[np.clip(zone, 0, len(GROUND) - 1).astype(int)]
    paths = trace(_flow, starts, 0.2 * rng.uniform(0.6, 1.3, count), KNOTS)
    widths = taper(rng.uniform(0.05, 0.09, count), KNOTS, 0.7, 0.5)
    load = vary(rng, colour, 0.015, 0.01)
    canvas.lay(Strokes(paths, widths, load, vary(rng, load, 0.02, 0.01), 0.3, 0.004))


def _swell(rng: np.random.Generator, width: np.ndarray) -> np.ndarray:
    """Return widths of a patch: lens, wedge, drop, band or comet, one of them for each."""
    t = np.linspace(0, 1, KNOTS)
    lens, drop = np.sin(np.pi * t) ** 0.7, np.sin(np.pi * t**0.55) ** 0.8
    shapes = np.stack([lens, t**0.7, drop, 0.75 + 0.15 * np.cos(6 * t), drop[::-1], lens])
    return width[:, None] * shapes[rng.integers(0, len(shapes), len(width))] + 0.004


def _patches(
    canvas: Canvas, palette: _Palette, spacing: float, share: float, length: float, width: float
) -> None:
    """Paint one size of patches along the flow, where the picture is not left to breathe."""
    rng = canvas.rng
    centres = scatter(rng, ASPECT, spacing, 0.02)
    crowd = palette.noise(centres + 31, 0.35) + rng.normal(0, 0.4, len(centres))
    centres = centres[crowd < np.quantile(crowd, share)]
    count = len(centres)
    size = rng.uniform(0.7, 1.4, count)
    paths = trace(_flow, centres, length * size * rng.uniform(0.8, 1.2, count), KNOTS)
    room = np.linalg.norm(centres[:, None] - WHIRLS[:, :2], axis=2).min(axis=1)
    widths = _swell(rng, np.minimum(width * size, 0.03 + 1.1 * room))  # for the turn of the brush
    colours = COLOURS[palette.pick(rng, centres, 1.3 * spacing)]
    flip = rng.uniform(0, 1, count) < 0.5
    colours[flip] = colours[flip, ::-1]
    canvas.lay(_bundles(rng, paths, widths, colours))
    edged = rng.uniform(0, 1, count) < 0.4
    side = rng.choice([-0.5, 0.5], (count, 1, 1))
    lines = (paths + side * widths[..., None] * _normals(paths))[edged]
    canvas.lay(Strokes(lines, _pressure(rng, len(lines), 0.011), INK[0], INK[1], 0.2, 0.003))


def _bundles(
    rng: np.random.Generator, paths: np.ndarray, widths: np.ndarray, colours: np.ndarray
) -> Strokes:
    """Paint patches: a ground, and strokes side by side from its one colour to the other."""
    count = len(paths)
    place = rng.permuted(np.tile(np.linspace(-0.88, 0.88, STRANDS), (count, 1)), axis=1)
    offset = 0.5 * place[:, :, None] * widths[:, None]
    strands = paths[:, None] + offset[..., None] * _normals(paths)[:, None]
    thick = np.repeat(widths[:, None] * 0.19, STRANDS, axis=1)
    share = np.clip(0.5 + 0.55 * place + rng.normal(0, 0.10, place.shape), 0, 1)[..., None]
    tone = colours[:, None, 0] * (1 - share) + colours[:, None, 1] * share
    tone = vary(rng, tone.reshape(-1, 3), 0.025, 0.012).reshape(count, STRANDS, 3)
    pairs = ((paths, strands), (widths, thick), (colours[:, 0], tone), (colours[:, 1], tone))
    mixed = [np.concatenate([a[:, None], b], axis=1) for a, b in pairs]
    flat = [a.reshape(-1, *a.shape[2:]) for a in mixed]
    light = vary(rng, flat[3], 0.03, 0.012)
    dry = np.tile([0.05] + [0.3] * STRANDS, count)
    wet = np.repeat(np.where(rng.uniform(0, 1, count) < 0.15, 0.22, 0.0), STRANDS + 1)
    return Strokes(flat[0], flat[1], flat[2], light, dry, 0.003, 0.8, wet)


def _pressure(rng: np.random.Generator, count: int, width: float) -> np.ndarray:
    """Return widths of a line drawn by a hand that leans and lifts."""
    t = np.linspace(0, 1, KNOTS)
    beat = 0.82 + 0.18 * np.sin(rng.uniform(3, 8, (count, 1)) * t + rng.uniform(0, 6, (count, 1)))
    thick = width * rng.uniform(0.8, 1.3, (count, 1))
    return thick * beat * np.clip(np.minimum(t, 1 - t) * 7, 0.3, 1)


def _curves(
    rng: np.random.Generator,
    centres: np.ndarray,
    length: PerStroke,
    bend: float,
    heading: PerStroke,
) -> np.ndarray:
    """Return arcs and gentle S curves through `centres`, turning up to about `bend` radians."""
    count = len(centres)
    t = np.linspace(-0.5, 0.5, KNOTS)
    turn = rng.normal(0, bend, (count, 1)) * t + rng.normal(0, bend, (count, 1)) * t**2
    angle = np.reshape(heading, (-1, 1)) + turn
    steps = np.stack([np.cos(angle), np.sin(angle)], -1) * np.reshape(length, (-1, 1, 1))
    steps /= KNOTS - 1
    paths = np.cumsum(steps, axis=1)
    return paths - paths[:, KNOTS // 2 : KNOTS // 2 + 1] + centres[:, None]


def _apart(rng: np.random.Generator, count: int, gap: float, taken: np.ndarray) -> np.ndarray:
    """Fill `taken` up to `count` points with others at least `gap` from each other."""
    points = list(taken)
    for point in scatter(rng, ASPECT, 0.08, -0.08):
        if len(points) < count and all(np.hypot(*(point - other)) > gap for other in points):
            points.append(point)
    return np.array(points)


def _combs(canvas: Canvas) -> None:
    """Paint groups of thick parallel stripes, like oars, strings and ribs."""
    rng = canvas.rng
    for centre in _apart(rng, 7, 0.36, np.zeros((0, 2))):
        teeth = int(rng.integers(4, 7))
        gap, length = rng.uniform(0.028, 0.040), rng.uniform(0.12, 0.24)
        heading = rng.uniform(0, np.pi)
        row = np.outer(gap * (np.arange(teeth) - teeth / 2), [-np.sin(heading), np.cos(heading)])
        one = _curves(rng, np.zeros((1, 2)), length, 0.7, heading)[0]
        paths = one + (centre + row)[:, None]
        width = taper(np.full(teeth, gap * rng.uniform(0.42, 0.55)), KNOTS, 0.6, 0.4)
        ink = INK[0] if rng.uniform() < 0.65 else COLOURS[rng.integers(0, 8), 0]
        canvas.lay(Strokes(paths, width, ink, ink, 0.25, 0.003))


def _rings(centres: np.ndarray, radius: np.ndarray, start: np.ndarray, turn: float) -> np.ndarray:
    """Return paths round the centres, from the angle `start` on."""
    angle = start[:, None] + np.linspace(0, turn, KNOTS)
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    return centres[:, None] + radius[:, None, None] * circle


def _discs(canvas: Canvas, palette: _Palette) -> None:
    """Paint a few discs, the first ones large and ringed, some with a heart of another colour."""
    rng = canvas.rng
    centres = _apart(rng, 8, 0.33, WHIRLS[:1, :2] + [0.07, -0.10])
    count = len(centres)
    radius = np.append([0.034, 0.066], rng.uniform(0.022, 0.046, count - 2))
    ringed, hearted = np.arange(count) == 1, np.arange(count) % 3 == 1
    start = rng.uniform(0, 6.28, count)
    halo = _rings(centres, 1.4 * radius, start, 6.6)
    canvas.lay(Strokes(halo, 0.7 * radius, WHITE[0], WHITE[1], 0.2, 0.004).only(ringed))
    body = COLOURS[palette.pick(rng, centres, 0.3)]
    heart = np.where(hearted[:, None, None], COLOURS[palette.pick(rng, centres, 0.3)], body)
    for part, load in ((0.75, body), (0.35, heart)):
        paths = _rings(centres, part * radius, start, 7.0)
        canvas.lay(Strokes(paths, 0.72 * radius, load[:, 1], load[:, 0], 0.1, 0.004, 1.0))
    rim = _rings(centres, 1.12 * radius, start + 1, 5.6)
    canvas.lay(Strokes(rim, _pressure(rng, count, 0.013), INK[0], INK[1], 0.15, 0.003))
    arc = _rings(centres, 1.85 * radius, start + 2, 4.5)
    canvas.lay(Strokes(arc, _pressure(rng, count, 0.013), INK[0], INK[1], 0.2, 0.003).only(ringed))


def _calligraphy(canvas: Canvas) -> None:
    """Paint black lines: long sweeps up the diagonal, arcs and ticks; white accents last of all."""
    rng = canvas.rng
    rise = np.arctan2(SWEEP[1], SWEEP[0])
    for spacing, number, length, width, bend in (
        (0.42, 7, 0.66, 0.018, 0.9),
        (0.28, 14, 0.30, 0.0155, 1.7),
        (0.2, 12, 0.11, 0.014, 1.2),
    ):
        centres = scatter(rng, ASPECT, spacing, -0.06)[:number]
        heading = rise + rng.normal(0, 0.7, len(centres))
        lengths = length * rng.uniform(0.7, 1.4, len(centres))
        paths = _curves(rng, centres, lengths, bend, heading)
        canvas.lay(Strokes(paths, _pressure(rng, len(paths), width), INK[0], INK[2], 0.2, 0.003))
    centres = scatter(rng, ASPECT, 0.2, -0.05)[:22]
    paths = _curves(rng, centres, rng.uniform(0.06, 0.16, 22), 1.0, rise + rng.normal(0, 0.8, 22))
    canvas.lay(Strokes(paths, 1.3 * _pressure(rng, 22, 0.013), WHITE[0], WHITE[1], 0.3, 0.005))


def paint(height: int, seed: int = 0) -> np.ndarray:
    """Paint the picture at `height` pixels, as (H, W, 3) uint8 RGB."""
    canvas = Canvas(height, ASPECT, seed + DRAW, GROUND[3])
    _ground(canvas)
    palette = _Palette(canvas.rng)
    _patches(canvas, palette, 0.22, 0.90, 0.42, 0.20)
    _patches(canvas, palette, 0.15, 0.72, 0.28, 0.105)
    _combs(canvas)
    _patches(canvas, palette, 0.14, 0.50, 0.17, 0.055)
    _discs(canvas, palette)
    _calligraphy(canvas)
    return canvas.finish()
