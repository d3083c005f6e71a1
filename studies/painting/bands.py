"""A fiery evening over dark water: long sinuous bands of paint, cut by a hard diagonal jetty."""

from __future__ import annotations

import numpy as np

from studies.painting.canvas import Canvas, Strokes, pigments, ramp, vary
from studies.painting.paths import Noise, curl, scatter, taper, trace

ASPECT = 4 / 5
HORIZON = 0.47
VANISH = np.array([0.66, 0.455])
SUN = np.array([0.22, 0.385])
FIRE = pigments("#8e1f16", "#c22a14", "#de4517", "#ee6a1c", "#f3932a", "#f6bd4a", "#f5dc8c")
CHILL = pigments("#3c5a7a", "#6f8f9c", "#a9b9a0", "#d9cfa0")
DEEP = pigments("#070b16", "#0e1730", "#152748", "#1f3d66", "#3a6485", "#7f9a93")
SHORE = pigments("#10131c", "#1d2630", "#2c3b36", "#4a5238", "#7a5a30", "#a8532a")
PLANK = pigments("#2a1512", "#54231a", "#833a20", "#ad5a2c", "#c98a4e", "#7d8a80")


class _Currents:
    """Stream functions of the sky and of the water."""

    def __init__(self, noise: Noise) -> None:
        self.noise = noise

    def sky(self, p: np.ndarray) -> np.ndarray:
        x, y = p[..., 0], p[..., 1]
        high = np.clip((HORIZON - y) / HORIZON, 0, 1.2)
        wave = 0.085 * np.sin(5.2 * x + 3.1 * y + 0.4) + 0.035 * np.sin(11.5 * x - 6 * y + 2)
        return y + wave * high**0.7 + 0.03 * high * self.noise(p, 0.4)

    def water(self, p: np.ndarray) -> np.ndarray:
        x, y = p[..., 0], p[..., 1]
        deep = np.clip((y - HORIZON) / 0.5, 0, 1.2)
        bay = 0.55 * np.clip(x - 0.42, 0, None) ** 1.5 * deep**0.5 * 3
        return y - bay + deep * (0.05 * np.sin(9 * x + 7 * y) + 0.03 * self.noise(p + 4, 0.3))


def _sky(canvas: Canvas, currents: _Currents) -> None:
    """Paint the sky; colour belongs to the band and hardly changes along it."""
    rng = canvas.rng
    for spacing, width, length in ((0.046, 0.040, 0.9), (0.026, 0.019, 0.62)):
        starts = scatter(rng, ASPECT, spacing, 0.1)
        starts = starts[starts[:, 1] < HORIZON + 0.03]
        count = len(starts)
        paths = trace(curl(currents.sky), starts, length * rng.uniform(0.5, 1.3, count), 41)
        level = currents.sky(starts)
        drift = starts[:, 0] * 0.25
        tone = currents.noise(np.stack([level, drift], -1), 0.040) * 0.34 + 0.38
        sun = np.hypot(starts[:, 0] - SUN[0], (starts[:, 1] - SUN[1]) * 1.6)
        tone = tone + 0.35 * np.exp(-((sun / 0.16) ** 2)) + rng.normal(0, 0.05, count)
        first = ramp(FIRE, np.clip(tone, 0, 1))
        second = ramp(FIRE, np.clip(tone + 0.12, 0, 1))
        cool = currents.noise(np.stack([level + 3, drift], -1), 0.06) > 0.62
        first[cool] = ramp(CHILL, np.clip(tone[cool] + rng.normal(0, 0.1, cool.sum()), 0, 1))
        widths = taper(width * rng.uniform(0.6, 1.3, count), 41, 0.5, 0.4)
        first, second = vary(rng, first, 0.03, 0.015), vary(rng, second, 0.025, 0.015)
        canvas.lay(Strokes(paths, widths, first, second, 0.3, 0.0035))


def _sun(canvas: Canvas) -> None:
    """Paint a low disc, and its pillar broken into dashes on the water."""
    rng = canvas.rng
    count = 100
    radius = np.sort(0.045 * np.sqrt(rng.uniform(0, 1, count)))[::-1]
    radius[-3:] = 0.004
    turn = rng.uniform(0, 6.28, (count, 1)) + np.linspace(0, 1.6, 13)
    x = SUN[0] + radius[:, None] * np.cos(turn)
    y = SUN[1] + radius[:, None] * np.sin(turn)
    tone = np.clip(rng.normal(0.85, 0.12, count), 0, 1)
    canvas.lay(
        Strokes(
            np.stack([x, y], -1),
            taper(np.full(count, 0.013), 13, 0.7, 0.5),
            ramp(FIRE, tone),
            vary(rng, ramp(FIRE, tone), 0.03, 0.02),
            0.1,
            0.004,
        )
    )
    count = 46
    y = np.linspace(HORIZON + 0.012, HORIZON + 0.33, count) + rng.normal(0, 0.003, count)
    reach = (0.022 + 0.10 * (y - HORIZON)) * rng.uniform(0.55, 1.25, count)
    t = np.linspace(-1, 1, 15)
    x = SUN[0] + rng.normal(0, 0.008, (count, 1)) + reach[:, None] * t
    wave = y[:, None] + 0.002 * np.sin(3 * t + 40 * y[:, None])
    tone = np.clip(0.75 - 1.3 * (y - HORIZON) + rng.normal(0, 0.10, count), 0, 1)
    widths = taper(0.009 + 0.016 * (y - HORIZON), 15, 0.35, 0.35)
    canvas.lay(
        Strokes(
            np.stack([x, wave], -1),
            widths,
            vary(rng, ramp(FIRE, tone), 0.03, 0.02),
            ramp(FIRE, np.clip(tone - 0.2, 0, 1)),
            0.15,
            0.004,
        )
    )


def _water(canvas: Canvas, currents: _Currents) -> None:
    """Paint bands, level far away, that turn down round a bay, with a little of the sky in them."""
    rng = canvas.rng
    for spacing, width, length in ((0.038, 0.038, 0.55), (0.0225, 0.0175, 0.38)):
        starts = scatter(rng, ASPECT, spacing, 0.1)
        starts = starts[starts[:, 1] > HORIZON + 0.006]
        count = len(starts)
        paths = trace(curl(currents.water), starts, length * rng.uniform(0.5, 1.3, count), 31)
        paths[..., 1] = np.maximum(paths[..., 1], HORIZON + 0.004)
        level = currents.water(starts)
        tone = currents.noise(np.stack([level, starts[:, 0] * 0.2], -1) + 8, 0.045) * 0.26 + 0.36
        tone += rng.normal(0, 0.06, count) + 0.12 * np.exp(-(starts[:, 1] - HORIZON) / 0.05)
        land = level < 0.34 - 0.02 * np.sin(20 * starts[:, 0])
        first = np.where(
            land[:, None], ramp(SHORE, np.clip(tone * 1.1, 0, 1)), ramp(DEEP, np.clip(tone, 0, 1))
        )
        second = np.where(
            land[:, None],
            ramp(SHORE, np.clip(tone * 1.1 + 0.15, 0, 1)),
            ramp(DEEP, np.clip(tone + 0.16, 0, 1)),
        )
        lit = ~land & (rng.uniform(0, 1, count) < 0.10 * np.exp(-(starts[:, 1] - HORIZON) / 0.25))
        first[lit] = ramp(FIRE, rng.uniform(0, 0.5, lit.sum()))
        widths = taper(width * rng.uniform(0.6, 1.3, count), 31, 0.5, 0.4)
        first, second = vary(rng, first, 0.02, 0.015), vary(rng, second, 0.025, 0.015)
        canvas.lay(Strokes(paths, widths, first, second, 0.3, 0.0035))


def _far_shore(canvas: Canvas) -> None:
    """Paint low hills on the horizon, each a few bands of dark paint."""
    rng = canvas.rng
    for left, right, height, shade in (
        (0.36, 0.95, 0.060, 0.45),
        (-0.1, 0.17, 0.034, 0.3),
        (0.50, 1.0, 0.034, 0.1),
    ):
        share = np.sort(rng.uniform(0, 1, 34))[::-1]
        t = np.linspace(0, 1, 41)
        hill = np.sin(np.pi * t) ** 0.7 * (1 + 0.25 * np.sin(9 * t + 8 * left))
        y = HORIZON + 0.003 - height * share[:, None] * hill
        x = np.tile(left + (right - left) * t, (len(share), 1))
        tone = np.clip(shade + rng.normal(0, 0.14, len(share)), 0, 1)
        first = np.where(share[:, None] < 0.75, ramp(DEEP, tone), ramp(SHORE, tone + 0.25))
        canvas.lay(
            Strokes(
                np.stack([x, y], -1),
                taper(np.full(len(share), 0.009), 41, 0.4, 0.3),
                vary(rng, first, 0.02, 0.015),
                ramp(DEEP, tone),
                0.2,
                0.0035,
            )
        )


def _toward(ends: np.ndarray, knots: int) -> np.ndarray:
    """Return straight paths from each of `ends` almost to the vanishing point."""
    t = np.linspace(0, 0.97, knots)[:, None]
    return ends[:, None, :] * (1 - t) + VANISH * t


def _jetty(canvas: Canvas) -> None:
    """Paint planks to the vanishing point: straight lines against all the curves."""
    rng = canvas.rng
    count = 150
    foot = rng.permutation(np.linspace(-0.62, 0.40, count))
    ends = np.stack([foot, np.full(count, 1.06)], axis=-1)
    paths = _toward(ends, 41)
    plank = np.floor((foot + 0.62) * 9)
    tone = np.clip(0.15 + 0.17 * (plank * 2 % 5) + rng.normal(0, 0.11, count), 0, 1)
    widths = 0.028 * (1 - np.linspace(0, 0.97, 41)) * rng.uniform(0.6, 1.3, (count, 1)) + 0.001
    canvas.lay(
        Strokes(
            paths,
            widths,
            vary(rng, ramp(PLANK, tone), 0.03, 0.015),
            ramp(PLANK, np.clip(tone + 0.2, 0, 1)),
            0.3,
            0.0035,
        )
    )
    seams = np.array([[f, 1.06] for f in np.arange(-0.62, 0.42, 1 / 9)])
    taperings = 0.011 * (1 - np.linspace(0, 0.97, 41)) + 0.0006
    canvas.lay(
        Strokes(
            _toward(seams, 41), np.tile(taperings, (len(seams), 1)), SHORE[0], PLANK[0], 0.25, 0.003
        )
    )
    _joints(canvas)
    _railing(canvas)


def _joints(canvas: Canvas) -> None:
    """Paint where one board ends and the next begins: short dark strokes across the planks."""
    rng = canvas.rng
    board = rng.integers(0, 9, 44)
    depth = np.sort(1 - 1 / (1 + 5 * rng.uniform(0, 1, 44)))[::-1, None]
    left = -0.62 + board[:, None] / 9
    t = np.linspace(0.04, 0.96, 7)
    foot = np.stack([left + t / 9, np.full((44, 7), 1.06)], axis=-1)
    paths = foot * (1 - depth[..., None]) + VANISH * depth[..., None]
    widths = 0.0062 * (1 - depth[:, 0]) + 0.001
    canvas.lay(Strokes(paths, widths, SHORE[0], PLANK[0], 0.2, 0.003))
    canvas.lay(
        Strokes(
            paths - widths[:, None, None] * [0, 1], widths * 0.7, PLANK[4], PLANK[3], 0.4, 0.003
        )
    )


def _railing(canvas: Canvas) -> None:
    """Paint rails and posts on the right-hand side, with the sun along their edges."""
    rng = canvas.rng
    rails = np.array([[0.44, 0.80], [0.42, 0.93], [0.41, 1.07], [0.45, 0.785], [0.41, 0.945]])
    thick = np.array([0.030, 0.024, 0.034, 0.010, 0.008])
    paths = _toward(rails, 41)
    widths = thick[:, None] * (1 - np.linspace(0, 0.97, 41)) + 0.0012
    first = np.array([SHORE[0], DEEP[1], SHORE[0], FIRE[3], PLANK[3]])
    canvas.lay(Strokes(paths, widths, first, vary(rng, first, 0.03, 0.02), 0.2, 0.004))
    along = np.array([0.02, 0.22, 0.40, 0.54, 0.65, 0.735, 0.80, 0.85])[:, None]
    top = np.array([[0.43, 0.775]]) * (1 - along) + VANISH * along
    foot = np.array([[0.41, 1.09]]) * (1 - along) + VANISH * along
    t = np.linspace(0, 1, 9)[:, None]
    posts = top[:, None] * (1 - t) + foot[:, None] * t
    size = 0.034 * (1 - along[:, 0]) + 0.002
    canvas.lay(Strokes(posts, size, SHORE[0], SHORE[2], 0.1, 0.004, 0.8, rounded=0.0))
    canvas.lay(
        Strokes(
            posts - [0.35, 0] * size[:, None, None], size * 0.25, PLANK[3], FIRE[4], 0.15, 0.003
        )
    )


def paint(height: int, seed: int = 0) -> np.ndarray:
    """Paint the picture at `height` pixels, as (H, W, 3) uint8 RGB."""
    canvas = Canvas(height, ASPECT, seed, FIRE[0])
    currents = _Currents(Noise(canvas.rng))
    _sky(canvas, currents)
    _far_shore(canvas)
    _water(canvas, currents)
    _sun(canvas)
    _jetty(canvas)
    return canvas.finish()
