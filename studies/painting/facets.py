"""A figure broken into large angular planes, each shaded from one hard edge till it melts away."""

import numpy as np

from studies.painting.canvas import Painting
from studies.painting.paths import lines, pigments, ramp, rings, table

OCHRE = pigments("0e0f12 26221d 4a3d2b 735c38 9a7d4b bd9f6a dcc798 f0e4c6 fbf5e6")
STEEL = pigments("090c13 141c29 26344a 3f5068 627286 8b98a3 b4bcbd dbdcd3 f6f3e8")
INK = pigments("090b10 14161c 22252b")
AXES = np.radians([86.0, 96.0, 66.0, 116.0, 48.0, 134.0, 8.0])  # of the hard edges
COMMON = np.array([5, 4, 5, 5, 3, 3, 2]) / 27  # how common each is
LAYERS = (  # generations of planes, from the back: spacing, size, share of the places taken
    (0.23, 0.46, 1.0), (0.17, 0.34, 0.75), (0.135, 0.24, 0.62), (0.11, 0.165, 0.42)
)  # fmt: skip
ARCS = table(  # of a head, shoulders, an instrument: x, y, radius, from one angle to another
    "0.34 0.62 0.12 1.9 4.6, 0.46 0.68 0.14 -1.3 1.2, 0.37 0.19 0.1 3 5.7, "
    "0.39 0.635 0.042 0 5.6, 0.42 0.25 0.07 -0.6 1.9, 0.22 0.43 0.1 3.2 4.7"
)


def _way(angle: np.ndarray) -> np.ndarray:
    return np.stack([np.cos(angle), np.sin(angle)], axis=-1)


def _figure(p: np.ndarray) -> np.ndarray:
    """Return how much a point belongs to the figure: a head, shoulders and a broad lap."""
    x, y = p[..., 0], p[..., 1]
    lean = 0.375 + 0.03 * np.sin(5 * y + 0.5)
    half = 0.10 + 0.17 / (1 + np.exp(-(y - 0.36) / 0.06))
    return np.exp(-(np.abs((x - lean) / half) ** 3)) / (1 + np.exp(-(y - 0.03) / 0.03))


class Facets(Painting):
    height, aspect, ground, draw = 720, 3 / 4, STEEL[2], 6

    def compose(self) -> None:
        """Paint generations of planes, more of them where the figure is."""
        wall = np.array([[-0.1, -0.1], [0.85, -0.1], [0.85, 1.1], [-0.1, 1.1]])
        self.dabs(wall, STEEL, 0.12, 0.20)
        for layer in LAYERS:
            if layer is LAYERS[-1]:
                self.arcs()
            spacing, size, share = layer
            for centre in self.scatter(spacing):
                inside = float(_figure(centre))
                if self.rng.uniform() < share * (0.3 + 0.9 * inside) + (share == 1):
                    self.plane(self.corners(centre, size), centre, inside)

    def corners(self, centre: np.ndarray, size: float) -> np.ndarray:
        """Return a quadrilateral (4, 2), or nearly a triangle; its hard edge, on an axis, first."""
        draw = self.rng.uniform(0, 1, 6)
        angle = self.rng.choice(AXES, p=COMMON) + 0.1 * (draw[0] - 0.5)
        long, deep = size * (0.8 + 0.7 * draw[1]), size * (0.4 + 0.55 * draw[2])
        far = 0.04 if draw[3] < 0.5 else 0.1 + 0.9 * draw[3]  # as a share of the hard edge
        shift, skew = 0.9 * (draw[4] - 0.5), 0.45 + 0.55 * draw[5]
        box = np.array([[-0.5, 0], [0.5, 0], [shift + far / 2, skew], [shift - far / 2, 1]])
        box = (box - box.mean(axis=0)) * [long, deep] * self.rng.choice([-1, 1])
        way = _way(angle)
        return box @ np.stack([way, way[::-1] * [-1, 1]]) + centre

    def plane(self, corners: np.ndarray, centre: np.ndarray, inside: float) -> None:
        """Paint the shadow beside a hard edge, the shading from it, dabs, and often a line."""
        a, b = corners[None, 0], corners[None, 1]
        draw = self.rng.uniform(0, 1, 6)
        border = np.clip(1.35 * np.abs(2 * centre / [self.aspect, 1] - 1).max() - 0.75, 0, 0.6)
        middle = 0.16 + 0.46 * inside + 0.26 * (draw[0] - 0.45) - 0.22 * border
        span = (0.18 + 0.18 * draw[1]) * (0.6 + 0.9 * inside) * (1 if draw[2] < 0.62 else -1)
        palette, hard, soft = STEEL if draw[3] < 0.66 else OCHRE, middle - span, middle + span
        way = (b - a) / np.linalg.norm(b - a)
        down = way[:, ::-1] * [-1, 1]
        deep = ((corners - a) @ down[0]).max()
        dark = ramp(STEEL, np.full(2, min(hard, soft) - 0.35))
        self.lay(lines(b, a), 2 * min(0.3 * deep, 0.05), dark, (0.1, 0.1), 0, 0.001, 1.1, 0.25, 1)
        along = (corners - a) @ way[0]
        shade = lines(*(a + down * deep / 2 + way * end for end in (along.min(), along.max())))
        self.lay(shade, 1.12 * deep, self.load(palette, np.array([hard]), soft - hard, 0.012),
                 (1, 1), 0, 0.0012, 1.1, 0, 0.75 + 0.25 * draw[4], 0, corners)  # fmt: skip
        self.dabs(corners, palette, hard, soft)
        if draw[5] < 0.45 + 0.3 * inside:
            before, after = self.rng.uniform(-0.05, 0.18, 2)
            line = lines(a - before * (b - a), b + after * (b - a))
            self.lay(line, self.rng.uniform(0.004, 0.0075), INK[[0, 2]], body=0.002)

    def dabs(self, corners: np.ndarray, palette: np.ndarray, hard: float, soft: float) -> None:
        """Paint short dry dabs all over a plane, hardly off its shading."""
        a, b, c, d = corners
        way = (b - a) / np.linalg.norm(b - a)
        down = way[::-1] * [-1, 1]
        deep = ((corners - a) @ down).max()
        count = int(1800 * np.linalg.norm(b - a) * deep)
        u, w = self.rng.uniform(0, 1, (2, count, 1))
        p = (1 - w) * ((1 - u) * a + u * b) + w * ((1 - u) * d + u * c)
        share = (p - a) @ down / deep
        tone = hard + (soft - hard) * (share + self.rng.normal(0, 0.13, count))
        colours, other = (self.load(each, tone, 0.0, 0.015) for each in (palette, OCHRE))
        stray = self.rng.uniform(0, 1, count) < 0.10
        colours[:, stray] = other[:, stray]
        reach = self.rng.uniform(0.008, 0.018, (count, 1)) * (way if hard < soft else down)
        width, wet = self.rng.uniform(0.008, 0.014, count), np.clip(0.35 + 0.75 * share, 0, 0.95)
        self.lay(lines(p - reach, p + reach), width, colours, (1, 1), 0.45, 0.0012, wet=wet,
                 rounded=0.4, inside=corners)  # fmt: skip

    def arcs(self) -> None:
        """Paint a few curves, with shade inside them."""
        p, radius, start, turn = ARCS[:, :2], ARCS[:, 2], ARCS[:, 3], ARCS[:, 4] - ARCS[:, 3]
        shade = np.stack([INK[1], STEEL[2]])
        self.lay(
            rings(p, radius - 0.018, start, turn), 0.05, shade, (0, 0), 0, 0.001, 1.1, 0.35, 0.9
        )
        paths = rings(p, radius, start, turn)
        self.lay(paths, self.rng.uniform(0.005, 0.008, len(p)), INK[[0, 2]], (0.4, 0.2), body=0.003)
