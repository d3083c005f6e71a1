"""A night of whirling air: impasto strokes along a flow with vortices, discs of yellow light."""

import numpy as np

from studies.painting.canvas import Painting
from studies.painting.paths import KNOTS, Array, curl, pigments, table, whirls

WHIRLS = table("0.28 0.52 0.2 0.19, 0.66 0.25 0.13 -0.12, 1.1 0.5 0.13 0.12, 0.95 0.08 0.08 -0.05")
LIGHTS = table(  # x, y, radius
    "1.07 0.21 0.15, 0.14 0.16 0.1, 0.4 0.1 0.075, 0.62 0.55 0.095, 0.03 0.62 0.07, "
    "0.55 0.3 0.045, 0.3 0.3 0.055, 1.21 0.66 0.08, 0.74 0.09 0.05, 1.02 0.6 0.045"
)
TONGUES = table(  # root, tip, height, girth
    "0.83 0.855 0.86 0.1, 0.8 0.765 0.66 0.085, 0.87 0.925 0.6 0.085, 0.78 0.735 0.45 0.07, "
    "0.9 0.965 0.41 0.072, 0.84 0.82 0.5 0.085, 0.76 0.7 0.27 0.06, 0.92 0.985 0.24 0.062"
)
AIR = pigments("0c1a4a 14307a 1f4da6 2f6fc0 5b9ccf a9cfd6 e3e6c2")
GLOW = pigments("fffbe0 ffe873 fbc922 f5b81f e9a21c fbc922 f3d95c b9cf8a")
FIELD = pigments("0d1638 1b2f56 3f4a4a 7a6a34 b58a2e dcb84a efdc86")
FLAME = pigments("070b12 101b1a 1c2f1f 38491f 6f6428 a0572a c98a3c")


def _corn(p: Array) -> Array:
    """Return the stream function of the field: 0 at the horizon, in waves nearer by."""
    x, y = p[..., 0], p[..., 1]
    depth = y - 0.79 - 0.05 * (x - 0.5) + 0.028 * np.sin(4.1 * x + 2.6) + 0.008 * np.sin(13 * x)
    return depth + 0.08 * np.clip(depth / 0.12, 0, 1) * np.sin(11 * x + 8 * y)


class Night(Painting):
    height, aspect, ground, body = 640, 5 / 4, AIR[0], 0.005

    def compose(self) -> None:
        self.sky()
        for x, y, radius in LIGHTS:
            self.disc(np.array([x, y]), radius, GLOW, 0.011)
        self.field()
        for tongue in TONGUES:
            self.flame(*tongue)

    def air(self, p: Array) -> Array:
        """Return the stream function of the sky: level lines are where the brush goes."""
        x, y = p[..., 0], p[..., 1]
        level = 0.55 * (y + 0.035 * np.sin(5.5 * x + 1)) + 0.035 * self.noise(p, 0.35)
        return level + whirls(p, WHIRLS) + whirls(p, LIGHTS[:, [0, 1, 2, 2]] * [1, 1, 0.7, 0.6])

    def sky(self) -> None:
        """Paint the sky; light and dark follow the level lines too, which makes the air turn."""
        for spacing, width, length in ((0.026, 0.032, 0.15), (0.0125, 0.0135, 0.09)):
            p = self.scatter(spacing)
            band = 0.5 + 0.5 * np.sin(62 * self.air(p) + 1.5 * self.noise(p + 3, 0.3))
            tone = 0.03 + 0.58 * band**1.6 + 0.13 * self.noise(p + 7, 0.5) + 0.1 * p[:, 1]
            self.sweep(p, curl(self.air), length, width, self.load(AIR, tone, 0.1, 0.16))

    def field(self) -> None:
        """Paint corn under the night, the near strokes over the far ones."""
        p = self.scatter(0.0135, where=lambda p: _corn(p) > 0)
        p = p[np.argsort(p[:, 1])]
        tone = 0.3 + 0.22 * np.sin(55 * _corn(p) + 5 * self.noise(p, 0.25)) + 0.4 * (p[:, 1] - 0.79)
        self.sweep(p, curl(_corn), 0.08, 0.017, self.load(FIELD, tone, 0.12))

    def flame(self, root: float, tip: float, height: float, girth: float) -> None:
        """Paint one tongue of a dark tree like a fire."""
        count = int(9000 * height * girth) + 60
        rise = np.sort(self.rng.uniform(-0.05, 0.97, count))[:, None]
        side = self.rng.uniform(-1, 1, (count, 1))
        t = rise + np.linspace(0, 0.11 / height, KNOTS)
        swell = np.clip(t, 0, 1) ** 0.35 * np.clip(1.04 - t, 0, 1) ** 0.85
        sway = 0.22 * np.sin(18 * t * height + 40 * root)
        lick = side + 0.22 * np.sin(26 * t * height + 3 * side)
        x = root + (tip - root) * np.clip(t, 0, 2) ** 1.3 + girth * (sway + swell * lick)
        tone = 0.5 - 0.48 * np.abs(side + 0.2) + 0.22 * np.sin(5 * side + 9 * rise)
        colours = self.load(FLAME, tone[:, 0], 0.12, 0.2)
        self.lay(np.stack([x, 1.03 - height * t], axis=-1), 0.013, colours, (0.5, 0.15))
