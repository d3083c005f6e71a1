"""A fiery evening over dark water: long sinuous bands of paint, cut by a hard diagonal jetty."""

import numpy as np

from studies.painting.canvas import Painting
from studies.painting.paths import Array, PerStroke, T, bell, curl, lines, pigments, ramp, table

HORIZON = 0.47
VANISH = np.array([0.66, 0.455])
SUN = np.array([0.22, 0.385])
FIRE = pigments("8e1f16 c22a14 de4517 ee6a1c f3932a f6bd4a f5dc8c")
CHILL = pigments("3c5a7a 6f8f9c a9b9a0 d9cfa0")
DEEP = pigments("070b16 0e1730 152748 1f3d66 3a6485 7f9a93")
SHORE = pigments("10131c 1d2630 2c3b36 4a5238 7a5a30 a8532a")
PLANK = pigments("2a1512 54231a 833a20 ad5a2c c98a4e 7d8a80")
TAR = pigments("10131c 2a1512")[:, None]
HILLS = table("0.36 0.95 0.06 0.4, -0.1 0.17 0.034 0.3, 0.5 1 0.034 0.15")  # x, x, height, shade
SEAMS = np.linspace(-0.62, 0.38, 10)  # between the boards of the jetty, at the lower edge
RAILS = table("0.44 0.8 0.03, 0.42 0.93 0.024, 0.41 1.07 0.034")  # x, y, width
POSTS = 1 - np.array([0.02, 0.22, 0.40, 0.54, 0.65, 0.735, 0.80, 0.85])  # how near they are


def _place(x: PerStroke, y: PerStroke, near: PerStroke) -> Array:
    """Return points on the way from the vanishing point, where `near` is 0, to (x, y)."""
    x, y, near = np.broadcast_arrays(x, y, near)
    return VANISH + near[..., None] * (np.stack([x, y], axis=-1) - VANISH)


class Bands(Painting):
    height, aspect, ground, body = 640, 4 / 5, FIRE[0], 0.0035

    def compose(self) -> None:
        for paint in (self.sky, self.water, self.sun, self.jetty):
            paint()

    def wind(self, p: Array) -> Array:
        """Return the stream function of the sky."""
        x, y = p[..., 0], p[..., 1]
        high = np.clip((HORIZON - y) / HORIZON, 0, 1.2)
        wave = 0.085 * np.sin(5.2 * x + 3.1 * y + 0.4) + 0.035 * np.sin(11.5 * x - 6 * y + 2)
        return y + wave * high**0.7 + 0.03 * high * self.noise(p, 0.4)

    def current(self, p: Array) -> Array:
        """Return the stream function of the water: level far away, it turns down round a bay."""
        x, y = p[..., 0], p[..., 1]
        deep = np.clip((y - HORIZON) / 0.5, 0, 1.2)
        bay = 1.65 * np.clip(x - 0.42, 0, None) ** 1.5 * deep**0.5
        return y - bay + deep * (0.05 * np.sin(9 * x + 7 * y) + 0.03 * self.noise(p + 4, 0.3))

    def sky(self) -> None:
        """Paint the sky, its colour hardly changing along a band, and hills from the ridge down."""
        for spacing, width, length in ((0.046, 0.040, 0.85), (0.026, 0.018, 0.60)):
            p = self.scatter(spacing, 0.1, lambda p: p[:, 1] < HORIZON + 0.03)
            band = np.stack([self.wind(p), 0.25 * p[:, 0]], axis=-1)
            sun = bell(np.linalg.norm((p - SUN) * [1, 1.6], axis=-1), 0.16)
            tone = 0.38 + 0.34 * self.noise(band, 0.04) + 0.35 * sun
            colours = self.load(FIRE, tone, 0.05)
            cool = self.noise(band + [3, 0], 0.06) > 0.62
            colours[0, cool] = ramp(CHILL, tone[cool])
            self.sweep(p, curl(self.wind), length, width, colours)
        for left, right, height, shade in HILLS:
            ridge = np.sin(np.pi * T) ** 0.7 * (1 + 0.25 * np.sin(9 * T + 8 * left))
            y = HORIZON - np.linspace(height, 0, 34)[:, None] * ridge
            x = np.broadcast_to(left + (right - left) * T, y.shape)
            colours = self.load(DEEP, np.full(34, shade), 0.14)
            self.lay(np.stack([x, y], axis=-1), 0.009, colours)

    def water(self) -> None:
        """Paint bands of dark water and of the bay's shore, with a little of the sky in them."""
        for spacing, width, length in ((0.038, 0.038, 0.55), (0.0225, 0.0175, 0.38)):
            p = self.scatter(spacing, 0.1, lambda p: p[:, 1] > HORIZON + 0.007)
            level, depth = self.current(p), p[:, 1] - HORIZON
            band = np.stack([level, 0.2 * p[:, 0]], axis=-1) + 8
            tone = 0.36 + 0.26 * self.noise(band, 0.045) + 0.12 * np.exp(-depth / 0.05)
            land = level < 0.34 - 0.02 * np.sin(20 * p[:, 0])
            colours = np.where(land[:, None], self.load(SHORE, tone), self.load(DEEP, tone))
            lit = self.rng.uniform(0, 1, len(p)) < 0.1 * np.exp(-depth / 0.25)
            colours[0, lit] = ramp(FIRE, self.rng.uniform(0, 0.5, lit.sum()))
            self.sweep(p, curl(self.current), length, width, colours)

    def sun(self) -> None:
        """Paint a low disc, and its pillar broken into dashes on the water."""
        self.disc(SUN, 0.048, FIRE[:3:-1], 0.012)
        down = np.linspace(0.02, 0.33, 46)
        middle = np.stack([self.rng.normal(SUN[0], 0.008, 46), HORIZON + down], axis=-1)
        dash = self.rng.normal([1, 0], [0.2, 0.06], (46, 2)) * (0.022 + 0.1 * down)[:, None]
        width, colours = 0.009 + 0.016 * down, self.load(FIRE, 0.7 - 1.3 * down)
        self.lay(lines(middle - dash, middle + dash), width, colours)

    def jetty(self) -> None:
        """Paint planks to the vanishing point, with seams and ends; rails; posts in the sun."""
        feet = self.rng.permutation(np.linspace(SEAMS[0], SEAMS[-1] + 0.02, 150))
        colours = self.load(PLANK, 0.15 + 0.17 * (2 * np.digitize(feet, SEAMS) % 5), 0.11, 0.2)
        width = 0.027 * self.rng.uniform(0.6, 1.3, (150, 1))
        for x, wide, load in ((feet, width, colours), (SEAMS, np.full((10, 1), 0.011), TAR)):
            self.lay(lines(_place(x, 1.06, 1), _place(x, 1.06, 0)), wide * (1.03 - T), load)
        left, near = self.rng.choice(SEAMS[:-1], 44), 1 / (1 + 5 * self.rng.uniform(0, 1, 44))
        joints = lines(_place(left, 1.06, near), _place(left + SEAMS[1] - SEAMS[0], 1.06, near))
        self.lay(joints, 0.0062 * near + 0.001, TAR)
        x, y, width = RAILS.T
        self.lay(lines(_place(x, y, 1), _place(x, y, 0)), np.outer(width, 1.03 - T), TAR)
        top, foot = _place(0.43, 0.775, POSTS), _place(0.41, 1.09, POSTS)
        width = 0.034 * POSTS + 0.002
        self.lay(lines(top, foot), width, SHORE[[0, 2], None], (1, 1), 0.1, 0.8)
        edge = np.outer(width, [0.35, 0])
        self.lay(lines(top - edge, foot - edge), 0.25 * width, PLANK[3:5, None])
