"""A figure broken into large angular planes, each shaded from one hard edge till it melts away."""

import numpy as np

from studies.painting.canvas import Painting
from studies.painting.paths import Array, bell, lines, pigments, rings, table, way

OCHRE = pigments("0e0f12 26221d 4a3d2b 735c38 9a7d4b bd9f6a dcc798 f0e4c6 fbf5e6")
STEEL = pigments("090c13 141c29 26344a 3f5068 627286 8b98a3 b4bcbd dbdcd3 f6f3e8")
INK = pigments("090b10 22252b")[:, None]
FADE, SHADOW = [[0.0], [0.95]], [[0.25], [1.2]]  # from one edge of the brush to the other
AXES = np.radians([86, 86, 96, 96, 66, 66, 116, 116, 48, 134, 8])  # of the hard edges
LAYERS = table(  # of planes, from the back: spacing, size, share of the places taken
    "0.23 0.46 4, 0.17 0.34 0.75, 0.135 0.24 0.62, 0.11 0.165 0.42"
)
ARCS = table(  # of a head, shoulders, an instrument: x, y, radius, start and turn
    "0.34 0.62 0.12 1.9 2.7, 0.46 0.68 0.14 -1.3 2.5, 0.37 0.19 0.1 3 2.7, "
    "0.39 0.635 0.042 0 5.6, 0.42 0.25 0.07 -0.6 2.5, 0.22 0.43 0.1 3.2 1.5"
)


def _figure(p: Array) -> float:
    """Return how much a point belongs to the figure: a head, shoulders and a broad lap."""
    lean = p[0] - 0.375 - 0.03 * np.sin(5 * p[1] + 0.5)
    half = 0.10 + 0.17 / (1 + np.exp(-(p[1] - 0.36) / 0.06))
    return float(bell(lean, half) / (1 + np.exp(-(p[1] - 0.03) / 0.03)))


class Facets(Painting):
    height, aspect, ground, body, draw = 720, 3 / 4, STEEL[2], 0.0012, 8

    def compose(self) -> None:
        """Paint generations of planes, more of them where the figure is."""
        self.plane(table("-0.1 -0.1, 0.85 -0.1, 0.85 1.1, -0.1 1.1"), STEEL, 0.12, 0.2)
        for spacing, size, share in LAYERS:
            if size < 0.2:  # a few curves, with shade inside them
                p, (radius, start, turn) = ARCS[:, :2], ARCS[:, 2:].T
                shade = np.stack([INK[1], STEEL[2:3]])
                self.lay(rings(p, radius - 0.018, start, turn), 0.05, shade, (0, 0), 0, 1.1, FADE)
                self.lay(rings(p, radius, start, turn), 0.0065, INK, (0.4, 0.2))
            for centre in self.scatter(spacing):
                inside = _figure(centre)
                if self.rng.uniform() < share * (0.3 + 0.9 * inside):
                    self.facet(centre, size, inside)

    def facet(self, centre: Array, size: float, inside: float) -> None:
        """Paint a plane, light in the figure and dark at the border, and often a line along it."""
        edge = np.abs(2 * centre / [self.aspect, 1] - 1).max()
        middle = 0.04 + 0.46 * inside + self.rng.uniform(0, 0.26) - 0.3 * np.clip(edge - 0.55, 0, 1)
        span = self.rng.uniform(0.18, 0.36) * (0.6 + 0.9 * inside) * self.rng.choice([-1, 1])
        palette = STEEL if self.rng.uniform() < 0.66 else OCHRE
        corners = self.corners(centre, size)
        self.plane(corners, palette, middle - span, middle + span)
        if self.rng.uniform() < 0.45 + 0.3 * inside:
            a, b = corners[:2]
            before, after = self.rng.uniform(-0.05, 0.18, 2)[:, None] * (b - a)
            self.lay(lines(a - before, b + after), self.rng.uniform(0.004, 0.0075), INK)

    def corners(self, centre: Array, size: float) -> Array:
        """Return a quadrilateral (4, 2), or nearly a triangle; its hard edge, on an axis, first."""
        far = self.rng.choice([0.02, self.rng.uniform(0.25, 0.5)])  # as a share of the hard edge
        shift, skew = self.rng.uniform([-0.45, 0.45], [0.45, 1])
        box = np.array([[-0.5, 0], [0.5, 0], [shift + far, skew], [shift - far, 1]])
        box = (box - box.mean(axis=0)) * self.rng.uniform([0.8, 0.4], [1.5, 0.95]) * size
        angle = self.rng.choice(AXES) + self.rng.choice([0, np.pi]) + self.rng.uniform(-0.05, 0.05)
        return box @ way(np.array([angle, angle + np.pi / 2])) + centre

    def plane(self, corners: Array, palette: Array, hard: float, soft: float) -> None:
        """Paint the shadow beside a hard edge, the shading from it, and dabs hardly off that."""
        a, b = corners[:2]
        frame = way(np.arctan2(*(b - a)[::-1]) + np.array([0, np.pi / 2]))
        extent = (corners - a) @ frame.T
        left, (right, deep) = extent[:, 0].min(), extent.max(axis=0)
        dark = self.load(STEEL, np.array([min(hard, soft) - 0.35]))
        self.lay(lines(b, a), min(0.6 * deep, 0.1), dark, (0.1, 0.1), 0, 1.1, SHADOW)
        middle = np.array([[left, deep / 2], [right, deep / 2]]) @ frame + a
        shade = self.load(palette, np.array([hard]), 0, soft - hard)
        self.lay(lines(*middle), 1.12 * deep, shade, (1, 1), 0, 1.1, FADE, corners)
        count = int(1800 * (right - left) * deep)
        place = self.rng.uniform((left, 0), (right, deep), (count, 2))
        share, p = place[:, 1] / deep, place @ frame + a
        tone, stray = hard + (soft - hard) * share, self.rng.uniform(0, 1, (count, 1)) < 0.1
        colours = np.where(stray, self.load(OCHRE, tone, 0.1, 0), self.load(palette, tone, 0.1, 0))
        dab = self.rng.uniform(0.008, 0.018, (count, 1)) * frame[int(hard > soft)]
        width, wet = self.rng.uniform(0.008, 0.014, count), np.clip(0.35 + 0.75 * share, 0, 0.95)
        self.lay(lines(p - dab, p + dab), width, colours, (1, 1), 0.45, wet=wet, inside=corners)
