"""A night of whirling air: impasto strokes along a flow with vortices, discs of yellow light."""

from __future__ import annotations

import numpy as np

from studies.painting.canvas import Canvas, Strokes, pigments, ramp, vary
from studies.painting.paths import Noise, curl, scatter, taper, trace

ASPECT = 5 / 4
WHIRLS = np.array(
    [  # x, y, radius, spin
        [0.28, 0.52, 0.20, 0.19],
        [0.66, 0.25, 0.13, -0.12],
        [1.10, 0.50, 0.13, 0.12],
        [0.95, 0.08, 0.08, -0.05],
    ]
)
DISCS = np.array(
    [  # x, y, radius
        [1.07, 0.21, 0.064],
        [0.14, 0.16, 0.042],
        [0.40, 0.10, 0.030],
        [0.62, 0.55, 0.040],
        [0.03, 0.62, 0.028],
        [0.55, 0.30, 0.018],
        [0.30, 0.30, 0.022],
        [1.21, 0.66, 0.032],
        [0.74, 0.09, 0.020],
        [1.02, 0.60, 0.018],
    ]
)
TONGUES = (  # root, tip, height, girth
    (0.83, 0.855, 0.86, 0.100),
    (0.80, 0.765, 0.66, 0.085),
    (0.87, 0.925, 0.60, 0.085),
    (0.78, 0.735, 0.45, 0.070),
    (0.90, 0.965, 0.41, 0.072),
    (0.84, 0.820, 0.50, 0.085),
    (0.76, 0.700, 0.27, 0.060),
    (0.92, 0.985, 0.24, 0.062),
    (0.86, 0.885, 0.33, 0.080),
    (0.81, 0.775, 0.25, 0.075),
)
AIR = pigments("#0c1a4a", "#14307a", "#1f4da6", "#2f6fc0", "#5b9ccf", "#a9cfd6", "#e3e6c2")
GLOW = pigments(
    "#fffbe0", "#ffe873", "#fbc922", "#e9a21c", "#f3d95c", "#b9cf8a", "#7db7b0", "#3f83bd"
)
FIELD = pigments("#0d1638", "#1b2f56", "#3f4a4a", "#7a6a34", "#b58a2e", "#dcb84a", "#efdc86")
FLAME = pigments("#070b12", "#101b1a", "#1c2f1f", "#38491f", "#6f6428", "#a0572a", "#c98a3c")


def _horizon(x: np.ndarray) -> np.ndarray:
    rolls = 0.028 * np.sin(4.1 * x + 2.6) + 0.008 * np.sin(13 * x)
    return 0.79 + 0.05 * (x - 0.5) - rolls


class _Air:
    """The stream function of the sky: level lines are where the brush goes."""

    def __init__(self, noise: Noise) -> None:
        self.noise = noise

    def __call__(self, p: np.ndarray) -> np.ndarray:
        x, y = p[..., 0], p[..., 1]
        psi = 0.55 * (y + 0.035 * np.sin(5.5 * x + 1.0)) + 0.035 * self.noise(p, 0.35)
        for cx, cy, radius, spin in WHIRLS:
            psi = psi + spin * np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / radius**2)
        for cx, cy, radius in DISCS:
            distance = (x - cx) ** 2 + (y - cy) ** 2
            psi = psi + 1.5 * radius * np.exp(-distance / (1.7 * radius) ** 2)
        return psi


def _sky(canvas: Canvas, air: _Air) -> None:
    """Paint the sky; light and dark follow the level lines too, which makes the air turn."""
    rng = canvas.rng
    for spacing, width, length in ((0.026, 0.032, 0.16), (0.0125, 0.0135, 0.095)):
        starts = scatter(rng, ASPECT, spacing)
        lengths = length * rng.uniform(0.6, 1.3, len(starts))
        paths = trace(curl(air), starts, lengths, 17)
        band = 0.5 + 0.5 * np.sin(62 * air(starts) + 1.5 * air.noise(starts + 3, 0.3))
        tone = 0.58 * band**1.6 + 0.13 * (air.noise(starts + 7, 0.5) + 1)
        tone += rng.normal(0, 0.10, len(band)) + 0.10 * starts[:, 1]
        first = vary(rng, ramp(AIR, np.clip(tone - 0.10, 0, 1)), 0.03, 0.025)
        second = vary(rng, ramp(AIR, np.clip(tone + 0.06, 0, 1)), 0.03, 0.03)
        widths = taper(width * rng.uniform(0.7, 1.3, len(starts)), 17, 0.7, 0.45)
        canvas.lay(Strokes(paths, widths, first, second, dryness=0.22, body=0.0045))


def _discs(canvas: Canvas) -> None:
    """Paint lights in rings: a pale heart, yellow, orange, a halo that thins out into the blue."""
    for number, (cx, cy, radius) in enumerate(DISCS):
        rng = canvas.rng
        count = int(1000 * (radius / 0.05) ** 1.35)
        reach = np.sort(2.7 * np.sqrt(rng.uniform(0, 1, count)))[::-1]
        angle = rng.uniform(0, 2 * np.pi, count)
        lengths = rng.uniform(0.03, 0.06, count)
        sweep = np.minimum(lengths / (reach * radius + 0.006), 2.4)
        turn = angle[:, None] + sweep[:, None] * np.linspace(-0.5, 0.5, 13)
        r = (reach * radius)[:, None] * (1 + 0.05 * np.linspace(-1, 1, 13))
        paths = np.stack([cx + r * np.cos(turn), cy + 0.96 * r * np.sin(turn)], axis=-1)
        paths[-1] = np.linspace([cx - 0.3 * radius, cy], [cx + 0.3 * radius, cy], 13)
        rings = np.sin(reach * (5.2 + 0.7 * (number % 3)) + 1.3 * number)
        heart = 0.12 + 0.05 * (number % 4) - 0.04 * rings
        tone = np.where(reach < 1, heart * reach + 0.16 * reach**2, 0.30 + 0.25 * (reach - 1))
        tone += np.where(reach < 0.9, 0.04, 0.17) * rings * np.clip(reach, 0.2, 1)
        tone = np.clip(tone + rng.normal(0, 0.07, count), 0, 1)
        first, second = ramp(GLOW, tone), ramp(GLOW, np.clip(tone + 0.1, 0, 1))
        widths = rng.uniform(0.008, 0.0125, count)
        widths[-1] = 0.55 * radius
        strokes = Strokes(
            paths,
            taper(widths, 13, 0.7, 0.5),
            vary(rng, first, 0.025, 0.02),
            vary(rng, second, 0.025, 0.02),
            0.2,
            0.0055,
        )
        canvas.lay(strokes.only(rng.uniform(0, 1, count) < 2.1 - 0.78 * reach))


def _field(canvas: Canvas, noise: Noise) -> None:
    """Paint corn under the night, the near strokes over the far ones."""
    rng = canvas.rng
    starts = scatter(rng, ASPECT, 0.0135, 0.08)
    starts = starts[starts[:, 1] > _horizon(starts[:, 0])]
    starts = starts[np.argsort(starts[:, 1])]

    def flow(p: np.ndarray) -> np.ndarray:
        slope = (_horizon(p[..., 0] + 0.01) - _horizon(p[..., 0] - 0.01)) / 0.02
        wave = 0.9 * np.sin(9 * p[..., 0] + 14 * p[..., 1]) + 0.7 * noise(p, 0.2)
        depth = np.clip((p[..., 1] - _horizon(p[..., 0])) / 0.12, 0, 1)
        return np.stack([np.ones_like(slope), slope * (1 - depth) + wave * depth], axis=-1)

    depth = starts[:, 1] - _horizon(starts[:, 0])
    band = np.sin(55 * depth + 5 * noise(starts, 0.25))
    tone = np.clip(0.30 + 0.22 * band + rng.normal(0, 0.13, len(starts)) + 0.4 * depth, 0, 1)
    tone = np.where(depth < 0.022, tone * 0.35, tone)
    paths = trace(flow, starts, rng.uniform(0.05, 0.10, len(starts)), 13)
    widths = taper(rng.uniform(0.011, 0.018, len(starts)), 13, 0.6, 0.4)
    first, second = ramp(FIELD, tone), ramp(FIELD, np.clip(tone + 0.15, 0, 1))
    canvas.lay(Strokes(paths, widths, vary(rng, first, 0.03, 0.02), second, 0.2, 0.0045))


def _flame(canvas: Canvas) -> None:
    """Paint a dark tree like a fire: tongues that rise from one root, the tall ones behind."""
    for root, tip, height, girth in TONGUES:
        rng = canvas.rng
        count = int(9000 * height * girth) + 60
        rise = np.sort(rng.uniform(-0.05, 0.97, count))
        side = rng.uniform(-1, 1, count)
        t = rise[:, None] + np.linspace(0, 0.11 / height, 15)
        body = np.clip(t, 0, 1) ** 0.35 * np.clip(1.04 - t, 0, 1) ** 0.85 + 0.35 * np.clip(-t, 0, 1)
        sway = 0.22 * girth * np.sin(9 * t * height / 0.5 + 40 * root)
        lick = side[:, None] + 0.22 * np.sin(26 * t * height + 3 * side[:, None])
        x = root + (tip - root) * np.clip(t, 0, 2) ** 1.3 + sway + girth * body * lick
        paths = np.stack([x, 1.03 - height * t], axis=-1)
        tone = 0.50 - 0.48 * np.abs(side + 0.2) + 0.22 * np.sin(5 * side + 9 * rise)
        tone = np.clip(tone + rng.normal(0, 0.12, count), 0, 1)
        widths = taper(rng.uniform(0.009, 0.017, count), 15, 0.5, 0.15)
        first, second = ramp(FLAME, tone), ramp(FLAME, np.clip(tone + 0.2, 0, 1))
        canvas.lay(Strokes(paths, widths, vary(rng, first, 0.02, 0.015), second, 0.2, 0.005))


def paint(height: int, seed: int = 0) -> np.ndarray:
    """Paint the picture at `height` pixels, as (H, W, 3) uint8 RGB."""
    canvas = Canvas(height, ASPECT, seed, AIR[0])
    air = _Air(Noise(canvas.rng))
    _sky(canvas, air)
    _discs(canvas)
    _field(canvas, air.noise)
    _flame(canvas)
    return canvas.finish()
