"""An abstract composition: big curved patches of colour in whirls, and bold black calligraphy."""

import numpy as np

from studies.painting.canvas import Painting, PerStroke
from studies.painting.paths import KNOTS, across, pigments, rings, table, trace

STRANDS = 9  # brush strokes side by side in one patch
SWEEP = np.array([0.86, -0.50])  # the diagonal all of it rises along
WHIRLS = table(  # x, y, radius, spin
    "0.6 0.55 0.34 1, 1.16 0.32 0.25 -1, 0.22 0.28 0.19 -0.9, 1.12 0.84 0.18 0.9"
)
GROUND = pigments("bccbd4 dfe0d6 fbf6ea f6eedb f3e2bd f0cfa6 e8b9a0")
COLOURS = pigments(  # of the two sides of a patch
    "b3121be2341f d7261cf47b20 1b3fa62f74d0 12287a1d55b8 f2b705fbe04e f7c81efdf0a8 ee7412f9b233"
    "0f7a465bb548 0b4f4a1f9a6a f4ead2fffdf6 e9dcc0fbf5e4 0b0b1224304f 6d1f5fc23a6b 3f93d6b7dcec"
    "f0a0a0fbe0d2"
).reshape(-1, 2, 3)
SHARE = np.array([13, 9, 9, 7, 9, 5, 7, 6, 5, 7, 4, 13, 3, 5, 2]) / 104
INK = pigments("07070b 15131c 1b2136")
WHITE = pigments("fffdf4 f8f0dc")
T = np.linspace(0, 1, KNOTS)
LENS, DROP = np.sin(np.pi * T) ** 0.7, np.sin(np.pi * T**0.55) ** 0.8
SHAPES = np.stack([LENS, T**0.7, DROP, 0.75 + 0.15 * np.cos(6 * T), DROP[::-1], LENS])


def _flow(p: np.ndarray) -> np.ndarray:
    """Return the flow: up the diagonal, and round each whirl."""
    total = np.broadcast_to(0.75 * SWEEP, p.shape)
    for x, y, radius, spin in WHIRLS:
        away = p - [x, y]
        distance = np.linalg.norm(away, axis=-1, keepdims=True)
        turn = away[..., ::-1] * [-1, 1] / (distance + 1e-6)
        total = total + 2.2 * spin * np.exp(-((distance / radius) ** 2)) * turn
    return total


class Composition(Painting):
    height, aspect, ground, draw = 560, 3 / 2, GROUND[3], 2

    def compose(self) -> None:
        self.placed: list[tuple[np.ndarray, int]] = []
        self.backdrop()
        self.patches(0.22, 0.90, 0.42, 0.20)
        self.patches(0.15, 0.72, 0.28, 0.105)
        self.combs()
        self.patches(0.14, 0.50, 0.17, 0.055)
        self.discs()
        self.calligraphy()

    def pick(self, points: np.ndarray, reach: float) -> np.ndarray:
        """Return two colours (n, 2, 3) for each point, unlike those placed within reach of it."""
        kinds = np.arange(len(SHARE))
        liking = np.log(SHARE) + 0.9 * self.noise(
            points[:, None] + kinds[:, None] * [3.7, 1.9], 0.5
        )
        liking += 0.7 * self.rng.gumbel(size=liking.shape)
        for point, scores in zip(points, liking, strict=True):
            for other, kind in self.placed:
                scores[kind] -= 2.5 * (np.hypot(*(other - point)) < reach)
            self.placed.append((point, int(scores.argmax())))
        return COLOURS[liking.argmax(axis=1)]

    def backdrop(self) -> None:
        """Paint whites and creams in soft zones: the room between the forms."""
        p = self.scatter(0.055, 0.08)
        zone = 3.5 + 2.2 * self.noise(p + 50, 0.4) + self.rng.normal(0, 0.4, len(p))
        colours = self.vary(np.stack([GROUND[np.clip(zone, 0, 6).astype(int)]] * 2), 0.015)
        length, width = self.rng.uniform(0.6, 1.3, (2, len(p)))
        self.lay(trace(_flow, p, 0.2 * length), 0.07 * width, colours, (0.7, 0.5), 0.3)

    def patches(self, spacing: float, share: float, length: float, width: float) -> None:
        """Paint one size of patches along the flow, where the picture is not left to breathe."""
        p = self.scatter(spacing, 0.02)
        crowd = self.noise(p + 31, 0.35) + self.rng.normal(0, 0.4, len(p))
        p = p[crowd < np.quantile(crowd, share)]
        size = self.rng.uniform(0.7, 1.4, len(p))
        paths = trace(_flow, p, length * size * self.rng.uniform(0.8, 1.2, len(p)))
        room = np.linalg.norm(p[:, None] - WHIRLS[:, :2], axis=2).min(axis=1)
        thick = np.minimum(width * size, 0.03 + 1.1 * room)  # for the turn of the brush
        widths = 0.004 + thick[:, None] * self.rng.choice(SHAPES, len(p))
        colours = self.pick(p, 1.3 * spacing)
        self.bundles(paths, widths, colours)
        side = self.rng.choice([-0.5, 0.5], (len(p), 1, 1))
        edges = (paths + side * widths[..., None] * across(paths))[
            self.rng.uniform(0, 1, len(p)) < 0.4
        ]
        self.lay(edges, self.pressure(len(edges), 0.011), INK[:2], body=0.003)

    def bundles(self, paths: np.ndarray, widths: np.ndarray, colours: np.ndarray) -> None:
        """Paint patches: one broad stroke, and strands over it from its one colour to the other."""
        count = len(paths)
        place = np.zeros((count, STRANDS + 1))
        place[:, 1:] = self.rng.permuted(
            np.tile(np.linspace(-0.88, 0.88, STRANDS), (count, 1)), axis=1
        )
        strands = (0.5 * place[:, :, None] * widths[:, None])[..., None] * across(paths)[:, None]
        strands += paths[:, None]
        thick = widths[:, None] * np.array([1] + [0.19] * STRANDS)[:, None]
        share = np.tile(0.5 + 0.55 * place + self.rng.normal(0, 0.10, place.shape), (2, 1, 1))
        share[0, :, 0], share[1, :, 0] = 0, 1
        turned = self.rng.uniform(0, 1, (count, 1)) < 0.5
        share = np.clip(np.where(turned, 1 - share, share), 0, 1)[..., None]
        tones = colours[:, None, 0] * (1 - share) + colours[:, None, 1] * share
        wet = np.repeat(np.where(self.rng.uniform(0, 1, count) < 0.15, 0.22, 0), STRANDS + 1)
        dry = np.tile([0.05] + [0.3] * STRANDS, count)
        loads = self.vary(tones.reshape(2, -1, 3), 0.025)
        paths, widths = strands.reshape(-1, KNOTS, 2), thick.reshape(-1, KNOTS)
        self.lay(paths, widths, loads, dry=dry, body=0.003, blend=0.8, wet=wet)

    def pressure(self, count: int, width: float) -> np.ndarray:
        """Return widths (count, knots) of lines drawn by a hand that leans and lifts."""
        draw = self.rng.uniform(0, 1, (3, count, 1))
        beat = 0.82 + 0.18 * np.sin((3 + 5 * draw[0]) * T + 6 * draw[1])
        return width * (0.8 + 0.5 * draw[2]) * beat * np.clip(np.minimum(T, 1 - T) * 7, 0.3, 1)

    def curves(
        self, p: np.ndarray, length: PerStroke, bend: float, heading: PerStroke
    ) -> np.ndarray:
        """Return arcs and gentle S curves through the points, turning about `bend` radians."""
        turn = self.rng.normal(0, bend, (2, len(p), 1))
        angle = np.reshape(heading, (-1, 1)) + turn[0] * (T - 0.5) + turn[1] * (T - 0.5) ** 2
        steps = np.stack([np.cos(angle), np.sin(angle)], axis=-1) / (KNOTS - 1)
        paths = np.cumsum(steps * np.reshape(length, (-1, 1, 1)), axis=1)
        return paths - paths[:, KNOTS // 2, None] + p[:, None]

    def combs(self) -> None:
        """Paint groups of thick parallel stripes, like oars, strings and ribs."""
        for centre in self.scatter(0.42, -0.1)[:7]:
            teeth, heading = int(self.rng.integers(4, 7)), self.rng.uniform(0, np.pi)
            gap, length = self.rng.uniform([0.028, 0.12], [0.040, 0.24])
            row = np.outer(
                gap * (np.arange(teeth) - teeth / 2), [-np.sin(heading), np.cos(heading)]
            )
            paths = self.curves(centre[None], length, 0.7, heading) + row[:, None]
            ink = INK[0] if self.rng.uniform() < 0.65 else COLOURS[self.rng.integers(0, 8), 0]
            self.lay(paths, 0.48 * gap, np.stack([ink, ink]), dry=0.25, body=0.003)

    def discs(self) -> None:
        """Paint a few discs, the first ones large, one ringed, some with another heart."""
        p = np.concatenate([WHIRLS[:1, :2] + [0.07, -0.10], self.scatter(0.36, -0.1)[:7]])
        radius = np.append([0.034, 0.066], self.rng.uniform(0.022, 0.046, len(p) - 2))
        start = self.rng.uniform(0, 2 * np.pi, len(p))
        body, heart = self.pick(p, 0.3), self.pick(p, 0.3)
        heart = np.where(np.arange(len(p))[:, None, None] % 3 == 1, heart, body)
        big = slice(1, 2)
        self.lay(rings(p, 1.4 * radius, start, 6.6)[big], 0.7 * radius[big], WHITE)
        for part, load in ((0.75, body), (0.35, heart)):
            disc = rings(p, part * radius, start, 7.0)
            self.lay(disc, 0.72 * radius, load[:, ::-1].swapaxes(0, 1), dry=0.1, blend=1)
        rim, ring = rings(p, 1.12 * radius, start + 1, 5.6), rings(p, 1.85 * radius, start + 2, 4.5)
        self.lay(
            np.concatenate([rim, ring[big]]), self.pressure(len(p) + 1, 0.013), INK[:2], body=0.003
        )

    def calligraphy(self) -> None:
        """Paint black lines: long sweeps up the diagonal, arcs and ticks; white accents last."""
        for spacing, count, length, width, bend, colours in (
            (0.42, 7, 0.66, 0.018, 0.9, INK[[0, 2]]),
            (0.28, 14, 0.30, 0.0155, 1.7, INK[[0, 2]]),
            (0.20, 12, 0.11, 0.014, 1.2, INK[[0, 2]]),
            (0.20, 22, 0.11, 0.017, 1.0, WHITE),
        ):
            p = self.scatter(spacing, -0.06)[:count]
            heading = np.arctan2(*SWEEP[::-1]) + self.rng.normal(0, 0.7, len(p))
            paths = self.curves(p, length * self.rng.uniform(0.7, 1.4, len(p)), bend, heading)
            self.lay(paths, self.pressure(len(p), width), colours, dry=0.25)
