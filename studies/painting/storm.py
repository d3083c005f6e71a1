"""A storm at sea: air and spray turning about a burst of warm light, thick broken water."""

import numpy as np

from studies.painting.canvas import Painting
from studies.painting.paths import curl, lines, pigments, ramp, table, trace

SUN = np.array([0.86, 0.37])
SKY = pigments("14150f 2a281a 454128 6b6140 94814f c79a48 eec063 fbe3a0 fff6da")
COLD = pigments("11161a 232d31 3c4a4d 5f6d6b 8a948a b9bda8 dcdcc6")
SEA = pigments("0a0f0d 16201a 26352a 3e4b36 5f6542 8f8a55 c4b278 f0e2b4")
EMBER = pigments("7a2f17 b4501f d8792b")
FOAM = pigments("8f9580 c4c2a4 ece6cc fffaea")
SHIP = table(  # hull, masts, yards, stays: from x, y to x, y; thickness
    "-0.085 -0.022 0.075 0.03 0.022, -0.07 -0.006 0.07 0.04 0.026, "
    "-0.088 -0.04 -0.055 -0.012 0.014, -0.03 0 0.022 -0.175 0.006, 0.02 0.01 0.064 -0.135 0.005, "
    "0.065 0.024 0.135 0.005 0.005, -0.04 -0.098 0.042 -0.074 0.004, "
    "0.012 -0.085 0.088 -0.062 0.0035, 0.022 -0.175 0.13 0.005 0.0018, "
    "0.022 -0.175 -0.08 -0.03 0.0018, 0.064 -0.135 -0.025 -0.02 0.0016"
)


def _horizon(x: np.ndarray) -> np.ndarray:
    return 0.625 + 0.05 * (x - 0.6) + 0.018 * np.sin(7 * x + 0.5)


def _near(p: np.ndarray) -> np.ndarray:
    """Return how near the water is, from 0.1 to 1."""
    return np.clip((p[..., 1] - 0.6) / 0.4, 0.1, 1)


class Storm(Painting):
    height, aspect, ground, draw = 640, 4 / 3, SKY[2], 4

    def compose(self) -> None:
        self.sky()
        self.lay(lines(*(SHIP[:, i : i + 2] + [0.57, 0.578] for i in (0, 2))), SHIP[:, 4],
                 np.stack([SEA[0], SKY[1]]), (0.8, 0.5), 0.1)  # fmt: skip
        self.sea()
        self.foam()
        self.spray()

    def glow(self, p: np.ndarray) -> np.ndarray:
        """Return the light, 1 at its heart, stretched sideways and frayed."""
        x, y = 0.72 * (p[..., 0] - SUN[0]), p[..., 1] - SUN[1]
        distance = np.hypot(x, y + 0.25 * x) * (1 + 0.22 * self.noise(p, 0.24, 2))
        return np.exp(-((distance / 0.235) ** 1.3))

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
        depth = np.clip(y - _horizon(x), 0, 0.5)
        heave = 0.9 * self.noise(p * [1.0, 1.6] + 9, 0.26)
        swell = 0.5 - np.abs(np.sin(5.2 * x / (0.6 + depth) + 8 * y + 1.3 * heave))
        return y + (0.018 + 0.27 * depth) * (swell + 0.45 * heave)

    def band(self, p: np.ndarray) -> np.ndarray:
        """Return light and shade of the waves, from -1 to 1 at the crests."""
        return np.sin(50 * self.water(p) + 1.5 * self.noise(p, 0.3))

    def sky(self) -> None:
        """Paint broad dry sweeps first and short loaded ones last, so that the air stays broken."""
        for spacing, width, length, dry in (
            (0.054, 0.110, 0.20, 0.15), (0.030, 0.060, 0.13, 0.6), (0.022, 0.026, 0.085, 0.5)
        ):  # fmt: skip
            p = self.scatter(spacing)
            p = p[p[:, 1] < _horizon(p[:, 0]) + 0.04]
            x, y = p.T
            glow, draw = self.glow(p), self.rng.uniform(0, 1, (3, len(p)))
            wall = np.exp(-(((x + 0.8 * y - 0.42) / 0.22) ** 2))  # dark, at the upper left
            cloud = self.noise(np.stack([x + 0.7 * y, 1.5 * y], -1) + 2, 0.32, 3) - 0.5 * wall
            tone = 0.13 + 0.86 * glow + (0.24 - 0.10 * glow) * cloud
            tone += 0.16 * np.exp(-(((y - 0.60) / 0.06) ** 2)) * (0.2 + glow)
            tone += self.rng.normal(0, 0.065, len(p))
            colours = self.load(SKY, tone, 0.10)
            cold = self.noise(p + 13, 0.30, 2) - 2.2 * glow - 0.5 * (x - 0.5) > 0.1
            colours[0, cold] = ramp(COLD, 1.2 * tone[cold])
            ember = (draw[0] < 0.20) & (np.abs(glow - 0.36) < 0.2)
            colours[0, ember] = ramp(EMBER, draw[0, ember] / 0.2)
            paths = trace(self.wind, p, length * (0.4 + draw[1]))
            self.lay(paths, width * (0.5 + draw[2]), colours, (0.7, 0.5), dry, 0.0048, 0.25, 0.12)

    def sea(self) -> None:
        """Paint from the horizon forward, each row of water over the one behind it."""
        for spacing, width, length in ((0.032, 0.052, 0.18), (0.0155, 0.021, 0.10)):
            p = self.scatter(spacing, 0.08)
            p = p[p[:, 1] > _horizon(p[:, 0]) - 0.01]
            p = p[np.argsort(p[:, 1] + self.rng.normal(0, 0.02, len(p)))]
            near, band, draw = _near(p), self.band(p), self.rng.uniform(0, 1, (2, len(p)))
            lit = np.exp(-(((p[:, 0] - SUN[0] + 0.22 * (near - 0.3)) / 0.21) ** 2))
            tone = 0.27 + 0.25 * band + 0.40 * lit * (1.1 - 0.5 * near)
            tone += self.rng.normal(0, 0.075, len(p))
            colours = self.load(SEA, tone)
            gold = draw[0] < 0.55 * lit * (band > -0.2)
            colours[0, gold] = ramp(SKY, tone[gold] + 0.05)
            paths = trace(curl(self.water), p, length * (0.5 + 0.8 * near) * (0.6 + 0.7 * draw[1]))
            self.lay(paths, width * (0.55 + 0.6 * near), colours, (0.5, 0.3), 0.3, 0.0055)

    def crests(self, spacing: float) -> np.ndarray:
        """Return points along the crests of the waves, where they break."""
        p = self.scatter(spacing)
        p = p[p[:, 1] > _horizon(p[:, 0]) + 0.012]
        band, breaking = self.band(p), self.noise(p * [1, 1.5] + 21, 0.25, 2)
        return p[(band > 0.62) & (breaking + 0.35 * band > 0.42)]

    def foam(self) -> None:
        """Paint lace of foam that runs down the broken crests."""
        p = self.crests(0.0105)
        near, draw = _near(p), self.rng.uniform(0, 1, (3, len(p)))
        p[:, 1] += self.rng.normal(0.004, 0.007, len(p)) * near
        tone = 0.25 * np.exp(-(((p[:, 0] - SUN[0]) / 0.3) ** 2))
        tone += self.rng.normal(0.42, 0.24, len(p))
        paths = trace(curl(self.water), p, 0.13 * near**0.7 * (0.4 + draw[0]))
        colours = np.stack([self.load(FOAM, tone)[0], ramp(SEA, tone)])
        width = 0.012 * (0.3 + near) * (0.4 + 0.9 * draw[1])
        self.lay(paths, width, colours, (0.3, 0.15), 0.35 + 0.35 * draw[2], 0.006, 0.2)

    def spray(self) -> None:
        """Paint spindrift: plumes of small flecks that the wind tears off the crests."""
        p = np.repeat(self.crests(0.028), 14, axis=0)
        near, draw = _near(p), self.rng.uniform(0, 1, (3, len(p)))
        height = self.rng.gamma(0.8, 0.034, len(p)) * (0.35 + near)
        p[:, 0] += 0.8 * height + self.rng.normal(0, 0.014, len(p)) * (0.4 + near)
        p[:, 1] -= height
        slope = self.rng.normal(-0.75, 0.35, len(p))
        way = np.stack([np.cos(slope), np.sin(slope)]) * (0.004 + 0.016 * draw[0]) * (0.3 + near)
        colours = self.load(FOAM, self.rng.normal(0.5, 0.25, len(p)) - 1.5 * height)
        width = (0.0016 + 0.0024 * draw[1]) * (0.5 + near)
        self.lay(lines(p, p + way.T), width, colours, (0.4, 0.3), 0.3, wet=0.1 + 0.6 * draw[2])
