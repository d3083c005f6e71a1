"""An abstract composition: big curved patches of colour in whirls, and bold black calligraphy."""

from typing import Any

import numpy as np

from studies.painting.canvas import Painting
from studies.painting.paths import (
    Array,
    T,
    across,
    curl,
    pigments,
    rings,
    table,
    trace,
    way,
    whirls,
)

WHIRLS = table("0.6 0.55 0.34 0.5, 1.16 0.32 0.25 -0.4, 0.22 0.28 0.19 -0.3, 1.12 0.84 0.18 0.25")
GROUND = pigments("bccbd4 dfe0d6 fbf6ea f6eedb f3e2bd f0cfa6 e8b9a0")
COLOURS = pigments(  # of the two sides of a patch
    "b3121be2341f d7261cf47b20 1b3fa62f74d0 12287a1d55b8 f2b705fbe04e f7c81efdf0a8 ee7412f9b233"
    "0f7a465bb548 0b4f4a1f9a6a f4ead2fffdf6 e9dcc0fbf5e4 0b0b1224304f 6d1f5fc23a6b 3f93d6b7dcec"
).reshape(-1, 2, 3)
SHARE = np.array([13, 9, 9, 7, 9, 5, 7, 6, 5, 7, 4, 13, 3, 5]) / 102
INK, WHITE = pigments("07070b 1b2136")[:, None], pigments("fffdf4 f8f0dc")[:, None]
SHAPES = np.stack([np.sin(np.pi * T**k) ** 0.75 for k in (0.55, 1, 1.8)] + [T**0.7, 1 - 0.3 * T])


def _stream(p: Array) -> Array:
    """Return the stream function: up the diagonal, and round each whirl."""
    return p @ [0.37, 0.65] - whirls(p, WHIRLS)


class Composition(Painting):
    height, aspect, ground, body, draw = 560, 3 / 2, GROUND[3], 0.003, 5

    def compose(self) -> None:
        p = self.scatter(0.055)  # of whites and creams, the room between the forms
        colours = self.load(GROUND, 0.5 + 0.35 * self.noise(p + 50, 0.4), step=0)
        self.sweep(p, curl(_stream), 0.2, 0.07, colours)
        for kind in table("0.22 0.9 0.42 0.2, 0.15 0.72 0.28 0.105, 0.14 0.5 0.17 0.055"):
            self.patches(*kind)
        self.discs()
        self.calligraphy()

    def patches(self, spacing: float, share: float, length: float, width: float) -> None:
        """Paint one size of patches along the flow, where the picture is not left to breathe."""
        p = self.scatter(spacing, 0.02)
        crowd = self.noise(p + 31, 0.35) + self.rng.normal(0, 0.4, len(p))
        p = p[crowd < np.quantile(crowd, share)]
        size = self.rng.uniform(0.7, 1.4, len(p))
        paths = trace(curl(_stream), p, length * size)
        room = np.linalg.norm(p[:, None] - WHIRLS[:, :2], axis=2).min(axis=1)
        thick = np.minimum(width * size, 0.03 + 1.1 * room)[:, None]  # for the turn of the brush
        widths = 0.004 + thick * self.rng.choice(SHAPES, len(p))
        edges = 0.5 * widths[..., None] * across(paths)
        pairs = self.rng.choice(COLOURS, len(p), p=SHARE)
        for path, edge, wide, pair in zip(paths, edges, widths, pairs, strict=True):
            at = self.rng.permutation(np.linspace(-0.88, 0.88, 9))
            strands = path + at[:, None, None] * edge
            colours = self.load(pair, 0.5 + 0.5 * at, 0.1, 0)
            self.lay(strands, np.tile(0.27 * wide, (len(at), 1)), colours)
            if self.rng.uniform() < 0.4:
                self.lay((path + edge)[None], 0.01, INK, (0.3, 0.3))

    def write(self, p: Array, angle: Array, bend: float, *brush: Any) -> None:
        """Paint lines through the points, which leave their headings by about `bend` radians."""
        self.sweep(p, lambda q: way(angle + bend * self.noise(q, 0.2)), *brush, ends=(0.3, 0.3))

    def discs(self) -> None:
        """Paint ringed discs of two colours, the first one large and on white."""
        p, radius = self.scatter(0.36, -0.1)[:7], np.array([8, 4.5, 4, 3.5, 3, 2.5, 2]) / 100
        start = self.rng.uniform(0, 2 * np.pi, 7)
        self.lay(rings(p, 1.4 * radius, start, 6.6)[:1], 0.046, WHITE)
        for part in (0.75, 0.35):
            colours = self.rng.choice(COLOURS, 7, p=SHARE).swapaxes(0, 1)[::-1]
            self.lay(rings(p, part * radius, start, 7), 0.72 * radius, colours, blend=1)
        self.lay(rings(p, 1.12 * radius, start + 1, 5.6), 0.013, INK)

    def calligraphy(self) -> None:
        """Paint combs, like oars and ribs, then sweeps and arcs; white accents last."""
        for centre in self.scatter(0.42, -0.1)[:7]:
            angle, gap = self.rng.uniform([0, 0.028], [np.pi, 0.04])
            row = centre + gap * np.arange(-2, 3)[:, None] * way(angle + np.pi / 2)
            self.write(row, angle, 0.2, 0.17, 0.6 * gap, INK)
        for count, bend, length, width, colours in (
            (7, 0.6, 0.75, 0.018, INK), (14, 1.2, 0.35, 0.017, INK), (34, 1.4, 0.14, 0.017, WHITE)
        ):  # fmt: skip
            p = self.scatter(0.2, -0.06)[:count]
            self.write(p, self.rng.normal(-0.5, 0.7, len(p)), bend, length, width, colours)
