"""A fiery evening over dark water: long sinuous bands of paint, cut by a hard diagonal jetty."""

import numpy as np

from studies.painting.canvas import Painting
from studies.painting.paths import KNOTS, curl, lines, pigments, ramp, rings, trace

HORIZON = 0.47
VANISH = np.array([0.66, 0.455])
SUN = np.array([0.22, 0.385])
FIRE = pigments("8e1f16 c22a14 de4517 ee6a1c f3932a f6bd4a f5dc8c")
CHILL = pigments("3c5a7a 6f8f9c a9b9a0 d9cfa0")
DEEP = pigments("070b16 0e1730 152748 1f3d66 3a6485 7f9a93")
SHORE = pigments("10131c 1d2630 2c3b36 4a5238 7a5a30 a8532a")
PLANK = pigments("2a1512 54231a 833a20 ad5a2c c98a4e 7d8a80")
HILLS = ((0.36, 0.95, 0.060, 0.45), (-0.1, 0.17, 0.034, 0.3), (0.50, 1.0, 0.034, 0.1))
LEFT, BOARDS = -0.62, 9  # of the jetty, at the lower edge of the picture
FAR = 1.03 - np.linspace(0, 1, KNOTS)  # how wide a line is on its way to the vanishing point


def _toward(x: np.ndarray, y: np.ndarray | float) -> np.ndarray:
    """Return straight paths from (x, y) to the vanishing point."""
    starts = np.stack(np.broadcast_arrays(x, y), axis=-1)
    return lines(starts, np.broadcast_to(VANISH, starts.shape))


class Bands(Painting):
    height, aspect, ground = 640, 4 / 5, FIRE[0]

    def compose(self) -> None:
        self.sky()
        for hill in HILLS:
            self.hill(*hill)
        self.water()
        self.sun()
        self.jetty()
        self.joints()
        self.railing()

    def wind(self, p: np.ndarray) -> np.ndarray:
        """Return the stream function of the sky."""
        x, y = p[..., 0], p[..., 1]
        high = np.clip((HORIZON - y) / HORIZON, 0, 1.2)
        wave = 0.085 * np.sin(5.2 * x + 3.1 * y + 0.4) + 0.035 * np.sin(11.5 * x - 6 * y + 2)
        return y + wave * high**0.7 + 0.03 * high * self.noise(p, 0.4)

    def current(self, p: np.ndarray) -> np.ndarray:
        """Return the stream function of the water: level far away, it turns down round a bay."""
        x, y = p[..., 0], p[..., 1]
        deep = np.clip((y - HORIZON) / 0.5, 0, 1.2)
        bay = 1.65 * np.clip(x - 0.42, 0, None) ** 1.5 * deep**0.5
        return y - bay + deep * (0.05 * np.sin(9 * x + 7 * y) + 0.03 * self.noise(p + 4, 0.3))

    def sky(self) -> None:
        """Paint the sky; colour belongs to the band and hardly changes along it."""
        for spacing, width, length in ((0.046, 0.040, 0.9), (0.026, 0.019, 0.62)):
            p = self.scatter(spacing, 0.1)
            p = p[p[:, 1] < HORIZON + 0.03]
            draw = self.rng.uniform(0, 1, (2, len(p)))
            place = np.stack([self.wind(p), 0.25 * p[:, 0]], axis=-1)
            sun = np.hypot(*((p - SUN) * [1, 1.6]).T)
            tone = 0.38 + 0.34 * self.noise(place, 0.040) + 0.35 * np.exp(-((sun / 0.16) ** 2))
            tone += self.rng.normal(0, 0.05, len(p))
            colours = self.load(FIRE, tone)
            cool = self.noise(place + [3, 0], 0.06) > 0.62
            colours[0, cool] = ramp(CHILL, tone[cool] + self.rng.normal(0, 0.1, cool.sum()))
            paths = trace(curl(self.wind), p, length * (0.5 + 0.8 * draw[0]))
            self.lay(paths, width * (0.6 + 0.7 * draw[1]), colours, (0.5, 0.4), 0.3, 0.0035)

    def hill(self, left: float, right: float, height: float, shade: float) -> None:
        """Paint a low hill on the horizon, of a few bands of dark paint."""
        share = np.sort(self.rng.uniform(0, 1, 34))[::-1]
        t = np.linspace(0, 1, KNOTS)
        top = np.sin(np.pi * t) ** 0.7 * (1 + 0.25 * np.sin(9 * t + 8 * left))
        y = HORIZON + 0.003 - height * share[:, None] * top
        paths = np.stack([np.broadcast_to(left + (right - left) * t, y.shape), y], axis=-1)
        tone = shade + self.rng.normal(0, 0.14, len(share))
        colours = self.load(DEEP, tone, 0.0, 0.02)
        colours[0, share > 0.75] = ramp(SHORE, tone[share > 0.75] + 0.25)
        self.lay(paths, 0.009, colours, (0.4, 0.3), 0.2, 0.0035)

    def water(self) -> None:
        """Paint bands of dark water and of the bay's shore, with a little of the sky in them."""
        for spacing, width, length in ((0.038, 0.038, 0.55), (0.0225, 0.0175, 0.38)):
            p = self.scatter(spacing, 0.1)
            p = p[p[:, 1] > HORIZON + 0.006]
            draw, level = self.rng.uniform(0, 1, (3, len(p))), self.current(p)
            tone = self.noise(np.stack([level, 0.2 * p[:, 0]], -1) + 8, 0.045) * 0.26 + 0.36
            tone += 0.12 * np.exp((HORIZON - p[:, 1]) / 0.05) + self.rng.normal(0, 0.06, len(p))
            land = level < 0.34 - 0.02 * np.sin(20 * p[:, 0])
            colours = np.where(land[:, None], self.load(SHORE, 1.1 * tone), self.load(DEEP, tone))
            lit = ~land & (draw[0] < 0.10 * np.exp((HORIZON - p[:, 1]) / 0.25))
            colours[0, lit] = ramp(FIRE, 5 * draw[0, lit])
            paths = trace(curl(self.current), p, length * (0.5 + 0.8 * draw[1]))
            paths[..., 1] = np.maximum(paths[..., 1], HORIZON + 0.004)
            self.lay(paths, width * (0.6 + 0.7 * draw[2]), colours, (0.5, 0.4), 0.3, 0.0035)

    def sun(self) -> None:
        """Paint a low disc, and its pillar broken into dashes on the water."""
        radius = 0.045 * np.sqrt(np.sort(self.rng.uniform(0.008, 1, 100))[::-1])
        start = self.rng.uniform(0, 2 * np.pi, 100)
        disc = rings(np.tile(SUN, (100, 1)), radius, start, 1.6)
        self.lay(disc, 0.013, self.load(FIRE, self.rng.normal(0.85, 0.12, 100), 0), dry=0.1)
        down = np.linspace(0.012, 0.33, 46)
        reach = (0.022 + 0.10 * down) * self.rng.uniform(0.55, 1.25, 46)
        t = np.linspace(-1, 1, KNOTS)
        x = SUN[0] + self.rng.normal(0, 0.008, (46, 1)) + reach[:, None] * t
        y = HORIZON + down[:, None] + 0.002 * np.sin(3 * t + 40 * down[:, None])
        colours = self.load(FIRE, 0.75 - 1.3 * down + self.rng.normal(0, 0.1, 46), -0.2)
        self.lay(np.stack([x, y], axis=-1), 0.009 + 0.016 * down, colours, (0.35, 0.35), 0.15)

    def jetty(self) -> None:
        """Paint planks to the vanishing point: straight lines against all the curves."""
        foot = self.rng.permutation(np.linspace(0, 1.02, 150))
        tone = 0.15 + 0.17 * (2 * np.floor(foot * BOARDS) % 5) + self.rng.normal(0, 0.11, 150)
        width = 0.027 * FAR * self.rng.uniform(0.6, 1.3, (150, 1))
        self.lay(_toward(LEFT + foot, 1.06), width, self.load(PLANK, tone, 0.2), dry=0.3)
        seams = LEFT + np.arange(10) / BOARDS
        self.lay(_toward(seams, 1.06), 0.011 * FAR[None], np.stack([SHORE[0], PLANK[0]]), dry=0.25)

    def joints(self) -> None:
        """Paint where one board ends and the next begins: a dark line with a light edge."""
        left = LEFT + self.rng.integers(0, BOARDS, 44) / BOARDS
        near = np.sort(1 / (1 + 5 * self.rng.uniform(0, 1, 44)))
        feet = (np.stack([left + s / BOARDS, np.full(44, 1.06)], -1) for s in (0.04, 0.96))
        paths = lines(*(VANISH + (foot - VANISH) * near[:, None] for foot in feet))
        width = 0.0062 * near + 0.001
        self.lay(paths, width, np.stack([SHORE[0], PLANK[0]]))
        self.lay(paths - width[:, None, None] * [0, 1], 0.7 * width, PLANK[[4, 3]], dry=0.4)

    def railing(self) -> None:
        """Paint rails and posts on the right-hand side, with the sun along their edges."""
        rails = _toward(np.array([0.44, 0.42, 0.41, 0.45, 0.41]),
                        np.array([0.80, 0.93, 1.07, 0.785, 0.945]))  # fmt: skip
        width = np.array([[0.030], [0.024], [0.034], [0.010], [0.008]]) * FAR
        colours = np.stack([SHORE[0], DEEP[1], SHORE[0], FIRE[3], PLANK[3]])
        self.lay(rails, width, np.stack([colours, self.vary(colours, 0.03)]))
        near = 1 - np.array([0.02, 0.22, 0.40, 0.54, 0.65, 0.735, 0.80, 0.85])[:, None]
        ends = (VANISH + (np.array(end) - VANISH) * near for end in ([0.43, 0.775], [0.41, 1.09]))
        posts, width = lines(*ends), 0.034 * near[:, 0] + 0.002
        self.lay(posts, width, SHORE[[0, 2]], (1, 1), 0.1, blend=0.8, rounded=0)
        edge = np.stack([PLANK[3], FIRE[4]])
        self.lay(posts - [0.35, 0] * width[:, None, None], 0.25 * width, edge, dry=0.15)
