"""Where strokes go: points spread over the picture, flows to follow, widths that taper."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import ndimage

Flow = Callable[[np.ndarray], np.ndarray]


def scatter(
    rng: np.random.Generator, aspect: float, spacing: float, margin: float = 0.04
) -> np.ndarray:
    """Return points that cover the picture evenly (a jittered grid), in random order."""
    xs = np.arange(-margin, aspect + margin, spacing)
    ys = np.arange(-margin, 1 + margin, spacing)
    points = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)
    points += rng.uniform(-0.6, 0.6, points.shape) * spacing
    return rng.permutation(points)


def trace(flow: Flow, starts: np.ndarray, length: np.ndarray | float, knots: int) -> np.ndarray:
    """Return paths (strokes, knots, 2) that follow the direction of `flow`, centred on `starts`."""
    step = np.broadcast_to(np.asarray(length) / (knots - 1), len(starts))[:, None]

    def walk(sign: float, count: int) -> list[np.ndarray]:
        points = [starts]
        for _ in range(count):
            here = points[-1]
            middle = here + 0.5 * sign * step * unit(flow(here))
            points.append(here + sign * step * unit(flow(middle)))
        return points[1:]

    back = (knots - 1) // 2
    return np.stack(walk(-1, back)[::-1] + [starts] + walk(1, knots - 1 - back), axis=1)


def curl(stream: Callable[[np.ndarray], np.ndarray], reach: float = 1e-3) -> Flow:
    """Return the flow along the contour lines of a stream function."""
    dx, dy = np.array([reach, 0.0]), np.array([0.0, reach])

    def flow(p: np.ndarray) -> np.ndarray:
        return np.stack([stream(p + dy) - stream(p - dy), stream(p - dx) - stream(p + dx)], -1)

    return flow


def unit(vectors: np.ndarray) -> np.ndarray:
    """Return the vectors, at length one."""
    return vectors / (np.linalg.norm(vectors, axis=-1, keepdims=True) + 1e-9)


def taper(width: np.ndarray, knots: int, start: float, end: float) -> np.ndarray:
    """Return widths (strokes, knots) that swell from `start` of `width` and thin to `end`."""
    t = np.linspace(0, 1, knots)
    shape = np.minimum(start + (1 - start) * t / 0.25, end + (1 - end) * (1 - t) / 0.45)
    return np.asarray(width)[:, None] * np.clip(shape, 0, 1)


class Noise:
    """Smooth random hills, periodic over 64 cells, about -1 to 1."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.lattice = rng.normal(0, 1.6, (64, 64))

    def __call__(self, points: np.ndarray, scale: float, octaves: int = 1) -> np.ndarray:
        total = np.zeros(points.shape[:-1])
        for octave in range(octaves):
            where = np.moveaxis(points, -1, 0)[::-1] * (2**octave / scale) + 17.3 * octave
            layer = ndimage.map_coordinates(
                self.lattice, where, order=3, mode="grid-wrap", prefilter=False
            )
            total += layer / 2**octave
        return total
