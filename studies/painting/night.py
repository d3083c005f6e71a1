"""A night of whirling air: impasto strokes along a flow with vortices, discs of yellow light."""

import numpy as np

from studies.painting.canvas import Painting
from studies.painting.paths import KNOTS, curl, pigments, rings, table, trace

WHIRLS = table(  # x, y, radius, spin
    "0.28 0.52 0.2 0.19, 0.66 0.25 0.13 -0.12, 1.1 0.5 0.13 0.12, 0.95 0.08 0.08 -0.05"
)
DISCS = table(  # x, y, radius
    "1.07 0.21 0.064, 0.14 0.16 0.042, 0.4 0.1 0.03, 0.62 0.55 0.04, 0.03 0.62 0.028, "
    "0.55 0.3 0.018, 0.3 0.3 0.022, 1.21 0.66 0.032, 0.74 0.09 0.02, 1.02 0.6 0.018"
)
TONGUES = table(  # root, tip, height, girth
    "0.83 0.855 0.86 0.1, 0.8 0.765 0.66 0.085, 0.87 0.925 0.6 0.085, 0.78 0.735 0.45 0.07, "
    "0.9 0.965 0.41 0.072, 0.84 0.82 0.5 0.085, 0.76 0.7 0.27 0.06, 0.92 0.985 0.24 0.062, "
    "0.86 0.885 0.33 0.08, 0.81 0.775 0.25 0.075"
)
AIR = pigments("0c1a4a 14307a 1f4da6 2f6fc0 5b9ccf a9cfd6 e3e6c2")
GLOW = pigments("fffbe0 ffe873 fbc922 e9a21c f3d95c b9cf8a 7db7b0 3f83bd")
FIELD = pigments("0d1638 1b2f56 3f4a4a 7a6a34 b58a2e dcb84a efdc86")
FLAME = pigments("070b12 101b1a 1c2f1f 38491f 6f6428 a0572a c98a3c")


def _horizon(x: np.ndarray) -> np.ndarray:
    rolls = 0.028 * np.sin(4.1 * x + 2.6) + 0.008 * np.sin(13 * x)
    return 0.79 + 0.05 * (x - 0.5) - rolls


class Night(Painting):
    height, aspect, ground = 640, 5 / 4, AIR[0]

    def compose(self) -> None:
        self.sky()
        for disc in DISCS:
            self.light(*disc)
        self.field()
        for tongue in TONGUES:
            self.flame(*tongue)

    def air(self, p: np.ndarray) -> np.ndarray:
        """Return the stream function of the sky: level lines are where the brush goes."""
        x, y = p[..., 0], p[..., 1]
        psi = 0.55 * (y + 0.035 * np.sin(5.5 * x + 1.0)) + 0.035 * self.noise(p, 0.35)
        hills = [(cx, cy, 1.7 * radius, 1.5 * radius) for cx, cy, radius in DISCS]
        for cx, cy, radius, spin in (*WHIRLS, *hills):
            psi = psi + spin * np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / radius**2)
        return psi

    def sky(self) -> None:
        """Paint the sky; light and dark follow the level lines too, which makes the air turn."""
        for spacing, width, length in ((0.026, 0.032, 0.16), (0.0125, 0.0135, 0.095)):
            p = self.scatter(spacing)
            draw = self.rng.uniform(0, 1, (2, len(p)))
            band = 0.5 + 0.5 * np.sin(62 * self.air(p) + 1.5 * self.noise(p + 3, 0.3))
            tone = 0.58 * band**1.6 + 0.13 * (self.noise(p + 7, 0.5) + 1)
            tone += self.rng.normal(0, 0.10, len(p)) + 0.10 * p[:, 1] - 0.10
            paths = trace(curl(self.air), p, length * (0.6 + 0.7 * draw[0]))
            colours = self.load(AIR, tone, 0.16, 0.035)
            self.lay(paths, width * (0.7 + 0.6 * draw[1]), colours, (0.7, 0.45), 0.22, 0.0045)

    def light(self, x: float, y: float, radius: float) -> None:
        """Paint a light in rings: a pale heart, yellow, orange, a halo that thins into the blue."""
        count = int(1000 * (radius / 0.05) ** 1.35)
        draw = self.rng.uniform(0, 1, (5, count))
        reach = np.sort(2.7 * np.sqrt(draw[0]))[::-1]
        reach = reach[draw[1] < 2.1 - 0.78 * reach]
        start, length, width = (each[: len(reach)] for each in draw[2:])
        phase = 40 * x
        rhythm = np.sin(reach * (5.2 + 0.7 * np.sin(phase)) + phase)
        heart = 0.19 + 0.07 * np.sin(3 * phase) - 0.04 * rhythm
        tone = np.where(reach < 1, heart * reach + 0.16 * reach**2, 0.30 + 0.25 * (reach - 1))
        tone += np.where(reach < 0.9, 0.04, 0.17) * rhythm * np.clip(reach, 0.2, 1)
        tone += self.rng.normal(0, 0.07, len(reach))
        turn = np.minimum(0.03 * (1 + length) / (reach * radius + 0.006), 2.4)
        centres = np.tile([x, y], (len(reach), 1))
        paths = rings(centres, reach * radius, 2 * np.pi * start, turn)
        paths += 0.05 * np.linspace(-1, 1, KNOTS)[:, None] * (paths - centres[:, None])
        colours = self.load(GLOW, tone, 0.1, 0.025)
        self.lay(paths, 0.008 + 0.0045 * width, colours, (0.7, 0.5), 0.2, 0.0055)
        dab = [x, y] + 0.3 * radius * np.linspace([[-1, 0]], [[1, 0]], KNOTS, axis=1)
        self.lay(dab, 0.55 * radius, GLOW[:2])

    def slope(self, p: np.ndarray) -> np.ndarray:
        """Return the way of the corn: along the horizon there, in waves nearer by."""
        x, y = p[..., 0], p[..., 1]
        level = (_horizon(x + 0.01) - _horizon(x - 0.01)) / 0.02
        wave = 0.9 * np.sin(9 * x + 14 * y) + 0.7 * self.noise(p, 0.2)
        depth = np.clip((y - _horizon(x)) / 0.12, 0, 1)
        return np.stack([np.ones_like(x), level + (wave - level) * depth], axis=-1)

    def field(self) -> None:
        """Paint corn under the night, the near strokes over the far ones."""
        p = self.scatter(0.0135, 0.08)
        p = p[p[:, 1] > _horizon(p[:, 0])]
        p = p[np.argsort(p[:, 1])]
        draw = self.rng.uniform(0, 1, (2, len(p)))
        depth = p[:, 1] - _horizon(p[:, 0])
        tone = 0.30 + 0.22 * np.sin(55 * depth + 5 * self.noise(p, 0.25)) + 0.4 * depth
        tone = (tone + self.rng.normal(0, 0.13, len(p))) * np.where(depth < 0.022, 0.35, 1)
        paths = trace(self.slope, p, 0.05 * (1 + draw[0]))
        self.lay(paths, 0.011 + 0.007 * draw[1], self.load(FIELD, tone, 0.15), body=0.0045)

    def flame(self, root: float, tip: float, height: float, girth: float) -> None:
        """Paint one tongue of a dark tree like a fire."""
        count = int(9000 * height * girth) + 60
        rise = np.sort(self.rng.uniform(-0.05, 0.97, count))
        side, width = self.rng.uniform(-1, 1, (2, count))
        t = rise[:, None] + np.linspace(0, 0.11 / height, KNOTS)
        body = np.clip(t, 0, 1) ** 0.35 * np.clip(1.04 - t, 0, 1) ** 0.85 + 0.35 * np.clip(-t, 0, 1)
        sway = 0.22 * np.sin(18 * t * height + 40 * root)
        lick = side[:, None] + 0.22 * np.sin(26 * t * height + 3 * side[:, None])
        x = root + (tip - root) * np.clip(t, 0, 2) ** 1.3 + girth * (sway + body * lick)
        tone = 0.50 - 0.48 * np.abs(side + 0.2) + 0.22 * np.sin(5 * side + 9 * rise)
        colours = self.load(FLAME, tone + self.rng.normal(0, 0.12, count), 0.2, 0.02)
        paths = np.stack([x, 1.03 - height * t], axis=-1)
        self.lay(paths, 0.013 + 0.004 * width, colours, (0.5, 0.15), 0.2, 0.005)
