"""A storm at sea: air and spray turning about a burst of warm light, thick broken water."""

from __future__ import annotations

import numpy as np

from studies.painting.canvas import Canvas, Strokes, pigments, ramp, vary
from studies.painting.paths import Noise, curl, scatter, taper, trace

ASPECT = 4 / 3
SUN = np.array([0.86, 0.37])
SKY = pigments(
    "#14150f",
    "#2a281a",
    "#454128",
    "#6b6140",
    "#94814f",
    "#c79a48",
    "#eec063",
    "#fbe3a0",
    "#fff6da",
)
COLD = pigments("#11161a", "#232d31", "#3c4a4d", "#5f6d6b", "#8a948a", "#b9bda8", "#dcdcc6")
SEA = pigments(
    "#0a0f0d", "#16201a", "#26352a", "#3e4b36", "#5f6542", "#8f8a55", "#c4b278", "#f0e2b4"
)
EMBER = pigments("#7a2f17", "#b4501f", "#d8792b")
FOAM = pigments("#8f9580", "#c4c2a4", "#ece6cc", "#fffaea")


class _Weather:
    """Where the light, the air and the water are."""

    def __init__(self, noise: Noise) -> None:
        self.noise = noise

    def horizon(self, x: np.ndarray) -> np.ndarray:
        return 0.625 + 0.05 * (x - 0.6) + 0.018 * np.sin(7 * x + 0.5)

    def distance(self, p: np.ndarray) -> np.ndarray:
        """Return the distance from the light, stretched sideways and frayed."""
        dx, dy = (p[..., 0] - SUN[0]) * 0.72, p[..., 1] - SUN[1]
        lean = dx * 0.25
        return np.hypot(dx, dy + lean) * (1 + 0.22 * self.noise(p, 0.24, 2))

    def wind(self, p: np.ndarray) -> np.ndarray:
        """Return the wind: outwards at the light, turning about it further off, torn everywhere."""
        x, y = p[..., 0] - SUN[0], p[..., 1] - SUN[1]
        far = np.clip(np.hypot(0.7 * x, y) / 0.34, 0, 1)
        turn = 1.35 * far + 0.55 * self.noise(p + 5, 0.28) + 0.2 * self.noise(p + 30, 0.1)
        cos, sin = np.cos(turn), np.sin(turn)
        return np.stack([1.25 * (x * cos - y * sin), x * sin + y * cos - 0.04], axis=-1)

    def water(self, p: np.ndarray) -> np.ndarray:
        """Return the stream function of the sea: its level lines rear up into waves."""
        x, y = p[..., 0], p[..., 1]
        depth = np.clip(y - self.horizon(x), 0, 0.5)
        heave = 0.9 * self.noise(p * [1.0, 1.6] + 9, 0.26)
        swell = 0.5 - np.abs(np.sin(5.2 * x / (0.6 + depth) + 8 * y + 1.3 * heave))
        return y + (0.018 + 0.27 * depth) * (swell + 0.45 * heave)

    def cloud(self, p: np.ndarray) -> np.ndarray:
        """Return masses of cloud, leaning with the wind, darkest at the upper left."""
        sheared = np.stack([p[..., 0] + 0.7 * p[..., 1], 1.5 * p[..., 1]], axis=-1)
        wall = np.exp(-(((p[..., 0] + 0.8 * p[..., 1] - 0.42) / 0.22) ** 2))
        return self.noise(sheared + 2, 0.32, 3) - 0.5 * wall

    def glow(self, p: np.ndarray) -> np.ndarray:
        """Return the light, 1 at its heart."""
        return np.exp(-((self.distance(p) / 0.235) ** 1.3))


def _sky(canvas: Canvas, weather: _Weather) -> None:
    """Paint broad dry sweeps first and short loaded ones last, so that the air stays broken."""
    rng = canvas.rng
    layers = ((0.054, 0.110, 0.20, 0.15), (0.030, 0.060, 0.13, 0.6), (0.022, 0.026, 0.085, 0.5))
    for spacing, width, length, dryness in layers:
        starts = scatter(rng, ASPECT, spacing)
        starts = starts[starts[:, 1] < weather.horizon(starts[:, 0]) + 0.04]
        count = len(starts)
        paths = trace(weather.wind, starts, length * rng.uniform(0.4, 1.4, count), 11)
        glow, mass = weather.glow(starts), weather.cloud(starts)
        tone = 0.13 + 0.86 * glow + (0.24 - 0.10 * glow) * mass + rng.normal(0, 0.065, count)
        tone = tone + 0.16 * np.exp(-(((starts[:, 1] - 0.60) / 0.06) ** 2)) * (0.2 + glow)
        tone = np.clip(tone, 0, 1)
        cold = weather.noise(starts + 13, 0.30, 2) - 2.2 * glow - 0.5 * (starts[:, 0] - 0.5)
        first = np.where((cold > 0.1)[:, None], ramp(COLD, tone * 1.2), ramp(SKY, tone))
        second = ramp(SKY, np.clip(tone + 0.10, 0, 1))
        ember = (rng.uniform(0, 1, count) < 0.20) & (np.abs(glow - 0.36) < 0.2)
        first[ember] = ramp(EMBER, rng.uniform(0, 1, ember.sum()))
        widths = taper(width * rng.uniform(0.5, 1.5, count), 11, 0.7, 0.5)
        canvas.lay(
            Strokes(
                paths,
                widths,
                vary(rng, first, 0.03, 0.012),
                vary(rng, second, 0.03, 0.012),
                dryness,
                0.0048,
                0.25,
                0.12,
            )
        )


def _sea(canvas: Canvas, weather: _Weather) -> None:
    """Paint from the horizon forward, each row of water over the one behind it."""
    rng = canvas.rng
    for spacing, width, length in ((0.032, 0.052, 0.18), (0.0155, 0.021, 0.10)):
        starts = scatter(rng, ASPECT, spacing, 0.08)
        starts = starts[starts[:, 1] > weather.horizon(starts[:, 0]) - 0.01]
        starts = starts[np.argsort(starts[:, 1] + rng.normal(0, 0.02, len(starts)))]
        count = len(starts)
        near = np.clip((starts[:, 1] - 0.6) / 0.4, 0.12, 1)
        lengths = length * (0.5 + 0.8 * near) * rng.uniform(0.6, 1.3, count)
        paths = trace(curl(weather.water), starts, lengths, 15)
        level = weather.water(starts)
        band = np.sin(50 * level + 1.5 * weather.noise(starts, 0.3))
        path_of_light = np.exp(-(((starts[:, 0] - SUN[0] + 0.22 * (near - 0.3)) / 0.21) ** 2))
        tone = 0.27 + 0.25 * band + 0.40 * path_of_light * (1.1 - 0.5 * near)
        tone = np.clip(tone + rng.normal(0, 0.075, count), 0, 1)
        first, second = ramp(SEA, tone), ramp(SEA, np.clip(tone + 0.12, 0, 1))
        gold = rng.uniform(0, 1, count) < 0.55 * path_of_light * (band > -0.2)
        first[gold] = ramp(SKY, np.clip(tone[gold] + 0.05, 0, 1))
        widths = taper(width * (0.55 + 0.6 * near), 15, 0.5, 0.3)
        canvas.lay(
            Strokes(
                paths,
                widths,
                vary(rng, first, 0.025, 0.012),
                vary(rng, second, 0.03, 0.012),
                0.3,
                0.0055,
            )
        )


def _crests(canvas: Canvas, weather: _Weather, spacing: float) -> np.ndarray:
    """Return points along the crests of the waves, where they break."""
    starts = scatter(canvas.rng, ASPECT, spacing, 0.05)
    starts = starts[starts[:, 1] > weather.horizon(starts[:, 0]) + 0.012]
    band = np.sin(50 * weather.water(starts) + 1.5 * weather.noise(starts, 0.3))
    breaking = weather.noise(starts * [1, 1.5] + 21, 0.25, 2)
    return starts[(band > 0.62) & (breaking + 0.35 * band > 0.42)]


def _foam(canvas: Canvas, weather: _Weather) -> None:
    """Paint lace of foam that runs down the broken crests."""
    rng = canvas.rng
    starts = _crests(canvas, weather, 0.0105)
    count = len(starts)
    near = np.clip((starts[:, 1] - 0.6) / 0.4, 0.1, 1)
    sag = rng.normal(0.004, 0.007, count) * near
    starts = starts + np.stack([np.zeros(count), sag], axis=-1)
    lengths = 0.13 * near**0.7 * rng.uniform(0.4, 1.4, count)
    paths = trace(curl(weather.water), starts, lengths, 13)
    lit = 0.25 * np.exp(-(((starts[:, 0] - SUN[0]) / 0.3) ** 2))
    tone = np.clip(rng.normal(0.42, 0.24, count) + lit, 0, 1)
    widths = taper(0.012 * (0.3 + near) * rng.uniform(0.4, 1.3, count), 13, 0.3, 0.15)
    canvas.lay(
        Strokes(
            paths,
            widths,
            vary(rng, ramp(FOAM, tone), 0.02, 0.01),
            ramp(SEA, tone),
            rng.uniform(0.35, 0.7, count),
            0.006,
            0.2,
        )
    )


def _spray(canvas: Canvas, weather: _Weather) -> None:
    """Paint spindrift: plumes of small flecks that the wind tears off the crests."""
    rng = canvas.rng
    crests = _crests(canvas, weather, 0.02)
    crests = crests[rng.uniform(0, 1, len(crests)) < 0.5]
    roots = np.repeat(crests, 34, axis=0)
    count = len(roots)
    near = np.clip((roots[:, 1] - 0.6) / 0.4, 0.12, 1)
    height = rng.gamma(0.8, 0.034, count) * (0.35 + near)
    drift = 0.8 * height + rng.normal(0, 0.014, count) * (0.4 + near)
    starts = roots + np.stack([drift, -height], axis=-1)
    lengths = rng.uniform(0.004, 0.020, count) * (0.3 + near)
    slope = rng.normal(-0.75, 0.35, count)
    way = np.stack([np.cos(slope), np.sin(slope)], axis=-1) * lengths[:, None]
    paths = starts[:, None] + way[:, None] * np.linspace(0, 1, 5)[:, None]
    tone = np.clip(rng.normal(0.5, 0.25, count) - 1.5 * height, 0, 1)
    widths = taper(rng.uniform(0.0016, 0.0040, count) * (0.5 + near), 5, 0.4, 0.3)
    canvas.lay(
        Strokes(
            paths,
            widths,
            ramp(FOAM, tone),
            ramp(FOAM, tone + 0.1),
            0.3,
            0.004,
            wet=rng.uniform(0.1, 0.7, count),
        )
    )


def _ship(canvas: Canvas) -> None:
    """Paint a hull and two leaning masts against the light, for the size of the sea."""
    x, y = 0.57, 0.578
    lines = [
        (-0.085, -0.022, 0.075, 0.030, 0.022),
        (-0.07, -0.006, 0.07, 0.040, 0.026),
        (-0.088, -0.040, -0.055, -0.012, 0.014),
        (-0.030, 0.0, 0.022, -0.175, 0.006),
        (0.020, 0.01, 0.064, -0.135, 0.005),
        (0.065, 0.024, 0.135, 0.005, 0.005),
        (-0.040, -0.098, 0.042, -0.074, 0.004),
        (0.012, -0.085, 0.088, -0.062, 0.0035),
        (0.022, -0.175, 0.13, 0.005, 0.0018),
        (0.022, -0.175, -0.08, -0.03, 0.0018),
        (0.064, -0.135, -0.025, -0.02, 0.0016),
    ]
    ends = np.array(lines)
    t = np.linspace(0, 1, 7)[:, None]
    paths = ends[:, None, 0:2] * (1 - t) + ends[:, None, 2:4] * t + [x, y]
    paths[:2, :, 1] += 0.014 * np.sin(np.pi * np.linspace(0, 1, 7))
    canvas.lay(Strokes(paths, taper(ends[:, 4], 7, 0.8, 0.5), SEA[0], SKY[1], 0.1, 0.004))


def paint(height: int, seed: int = 0) -> np.ndarray:
    """Paint the picture at `height` pixels, as (H, W, 3) uint8 RGB."""
    canvas = Canvas(height, ASPECT, seed, SKY[2])
    weather = _Weather(Noise(canvas.rng))
    _sky(canvas, weather)
    _ship(canvas)
    _sea(canvas, weather)
    _foam(canvas, weather)
    _spray(canvas, weather)
    return canvas.finish()
