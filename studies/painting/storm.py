"""A storm at sea: air and spray turning about a burst of warm light, thick broken water."""

import numpy as np

from studies.painting.canvas import Painting
from studies.painting.paths import Array, bell, curl, lines, pigments, ramp, table

SUN = np.array([0.86, 0.37])
SKY = pigments("14150f 2a281a 454128 6b6140 94814f c79a48 eec063 fbe3a0 fff6da")
COLD = pigments("11161a 232d31 3c4a4d 5f6d6b 8a948a b9bda8 dcdcc6")
SEA = pigments("0a0f0d 16201a 26352a 3e4b36 5f6542 8f8a55 c4b278 f0e2b4")
EMBER = pigments("7a2f17 b4501f d8792b")
FOAM = pigments("8f9580 c4c2a4 ece6cc fffaea")
SHIP = table(  # hull, masts, yards, stays: from x, y to x, y; thickness
    "0.485 0.556 0.645 0.608 0.022, 0.5 0.572 0.64 0.618 0.026, 0.482 0.538 0.515 0.566 0.014, "
    "0.54 0.578 0.592 0.403 0.006, 0.59 0.588 0.634 0.443 0.005, 0.635 0.602 0.705 0.583 0.005, "
    "0.53 0.48 0.65 0.515 0.004, 0.592 0.403 0.7 0.583 0.002, 0.592 0.403 0.49 0.548 0.002"
)


def _depth(p: Array) -> Array:
    """Return how far below the horizon points are."""
    return p[..., 1] - 0.625 - 0.05 * (p[..., 0] - 0.6) - 0.018 * np.sin(7 * p[..., 0] + 0.5)


class Storm(Painting):
    height, aspect, ground, body, draw = 640, 4 / 3, SKY[2], 0.0052, 4

    def compose(self) -> None:
        self.sky()
        self.lay(lines(SHIP[:, :2], SHIP[:, 2:4]), SHIP[:, 4], SEA[:2, None], (0.8, 0.6), 0)
        self.sea()
        self.foam()

    def wind(self, p: Array) -> Array:
        """Return the wind: outwards at the light, turning about it further off, torn everywhere."""
        x, y = np.moveaxis(p - SUN, -1, 0)
        far = np.clip(np.hypot(0.7 * x, y) / 0.34, 0, 1)
        turn = 1.35 * far + 0.55 * self.noise(p + 5, 0.28) + 0.2 * self.noise(p + 30, 0.1)
        cos, sin = np.cos(turn), np.sin(turn)
        return np.stack([1.25 * (x * cos - y * sin), x * sin + y * cos - 0.04], axis=-1)

    def swell(self, p: Array) -> Array:
        """Return the stream function of the sea: its level lines rear up into waves."""
        depth = np.clip(_depth(p), 0, 0.5)
        heave = 0.9 * self.noise(p * [1, 1.6] + 9, 0.26)
        wave = 0.5 - np.abs(np.sin(5.2 * p[..., 0] / (0.6 + depth) + 8 * p[..., 1] + 1.3 * heave))
        return p[..., 1] + (0.018 + 0.27 * depth) * (wave + 0.45 * heave)

    def band(self, p: Array) -> Array:
        """Return light and shade of the waves, from -1 to 1 at the crests."""
        return np.sin(50 * self.swell(p) + 1.5 * self.noise(p, 0.3))

    def sky(self) -> None:
        """Paint broad sweeps first and short dry ones last, so that the air stays broken."""
        for spacing, width, length in table("0.054 0.11 0.2, 0.03 0.06 0.12, 0.022 0.026 0.085"):
            p = self.scatter(spacing, where=lambda p: _depth(p) < 0.04)
            x, y = p.T
            away = np.hypot(0.72 * (x - SUN[0]), y - SUN[1] + 0.18 * (x - SUN[0]))
            glow = np.exp(-((away * (1 + 0.25 * self.noise(p, 0.2)) / 0.235) ** 1.3))
            slant = np.stack([x + 0.7 * y, 1.5 * y], axis=-1) + 2
            cloud = self.noise(slant, 0.32) + 0.6 * self.noise(slant, 0.14)
            cloud -= 0.5 * bell(x + 0.8 * y - 0.42, 0.22)  # dark, at the upper left
            tone = 0.14 + 0.9 * glow + (0.24 - 0.1 * glow) * cloud
            colours = self.load(SKY, tone)
            cold = self.noise(p + 13, 0.25) - 2.2 * glow - 0.5 * (x - 0.5) > 0.1
            colours[0, cold] = ramp(COLD, 1.2 * tone[cold])
            ember = (self.rng.uniform(0, 1, len(p)) < 0.2) & (np.abs(glow - 0.36) < 0.2)
            colours[0, ember] = ramp(EMBER, self.rng.uniform(0, 1, ember.sum()))
            self.sweep(p, self.wind, length, width, colours, dry=0.5, blend=0.25, wet=0.12)

    def sea(self) -> None:
        """Paint from the horizon forward, each row of water over the one behind it."""
        for spacing, width, length in ((0.032, 0.05, 0.18), (0.0155, 0.02, 0.1)):
            p = self.scatter(spacing, where=lambda p: _depth(p) > -0.01)
            p = p[np.argsort(p[:, 1] + self.rng.normal(0, 0.02, len(p)))]
            near, band = 0.12 + 2.4 * _depth(p), self.band(p)
            lit = bell(p[:, 0] - SUN[0] + 0.22 * (near - 0.3), 0.21)
            tone = 0.27 + 0.25 * band + 0.4 * lit * (1.1 - 0.5 * near)
            colours = self.load(SEA, tone)
            gold = (self.rng.uniform(0, 1, len(p)) < 0.55 * lit) & (band > -0.2)
            colours[0, gold] = ramp(SKY, tone[gold] + 0.05)
            long, wide = length * (0.5 + 0.8 * near), width * (0.55 + 0.6 * near)
            self.sweep(p, curl(self.swell), long, wide, colours, ends=(0.5, 0.3))

    def crests(self, spacing: float) -> Array:
        """Return points along the crests of the waves, where they break."""
        p = self.scatter(spacing, where=lambda p: _depth(p) > 0.012)
        breaking = self.noise(p * [1, 1.5] + 21, 0.25) + 0.3 * self.noise(p, 0.1)
        return p[(self.band(p) > 0.62) & (breaking > 0.1)]

    def foam(self) -> None:
        """Paint lace that runs down the broken crests, and flecks that the wind tears off them."""
        p = self.crests(0.0105)
        near = 0.12 + 2.4 * _depth(p)
        p[:, 1] += self.rng.normal(0.004, 0.007, len(p)) * near
        colours = self.load(FOAM, np.full(len(p), 0.45), 0.25)
        colours[1] = ramp(SEA, self.rng.normal(0.5, 0.25, len(p)))
        length, width = 0.13 * near**0.7, 0.011 * (0.3 + near)
        self.sweep(p, curl(self.swell), length, width, colours, ends=(0.3, 0.15), dry=0.5)
        p = np.repeat(self.crests(0.028), 14, axis=0)
        near = 0.12 + 2.4 * _depth(p)[:, None]
        height = self.rng.gamma(0.8, 0.034, near.shape) * (0.35 + near)
        p += height * [0.8, -1] + self.rng.normal(0, [0.014, 0], p.shape)
        fleck = self.rng.gamma(3, 0.0025, near.shape) * self.rng.normal([1, -1], 0.35, p.shape)
        colours = self.load(FOAM, 0.5 - 1.5 * height[:, 0], 0.25)
        self.lay(lines(p, p + fleck), 0.0028 * (0.5 + near), colours, wet=0.4)
