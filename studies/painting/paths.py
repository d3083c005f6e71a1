"""Where strokes go and what colours they have; paths are (strokes, knots, 2)."""

from collections.abc import Callable
from typing import Any

import numpy as np

KNOTS = 25
T = np.linspace(0, 1, KNOTS)

Array = np.ndarray
Field = Callable[[Array], Array]
PerStroke = Any  # one number for all strokes, or an array with one for each


def pigments(codes: str) -> Array:
    """Return colours as rows of RGB in [0, 1], from hex codes with spaces between."""
    return np.frombuffer(bytes.fromhex(codes), np.uint8).reshape(-1, 3) / 255


def table(numbers: str) -> Array:
    """Return numbers as rows, which commas separate."""
    return np.array([row.split() for row in numbers.split(",")], float)


def ramp(palette: Array, tone: Array) -> Array:
    """Return the colours at `tone`, from 0 to 1, in a row of evenly spaced colours."""
    stops = np.linspace(0, 1, len(palette))
    return np.stack([np.interp(tone, stops, channel) for channel in palette.T], axis=-1)


def bell(distance: Array, width: PerStroke) -> Array:
    """Return 1 at distance 0, falling off smoothly over about that width."""
    return np.exp(-((distance / width) ** 2))


def unit(vectors: Array) -> Array:
    """Return the vectors, at length one."""
    return vectors / (np.linalg.norm(vectors, axis=-1, keepdims=True) + 1e-9)


def way(angle: PerStroke) -> Array:
    """Return the unit vectors at those angles, in radians clockwise from the right."""
    return np.stack([np.cos(angle), np.sin(angle)], axis=-1)


def whirls(p: Array, places: Array) -> Array:
    """Return a stream function with a whirl at each of the rows x, y, radius, spin."""
    away = np.linalg.norm(p[..., None, :] - places[:, :2], axis=-1)
    return (places[:, 3] * bell(away, places[:, 2])).sum(axis=-1)


def across(paths: Array) -> Array:
    """Return the unit vectors at right angles to the paths."""
    return unit(np.gradient(paths, axis=-2))[..., ::-1] * [-1, 1]


def trace(flow: Field, centres: Array, length: PerStroke) -> Array:
    """Return paths along the direction of the flow, of that length, half before each centre."""
    step = np.reshape(length, (-1, 1)) / (KNOTS - 1)
    back, on = [centres], [centres]
    for _ in range(KNOTS // 2):
        for path, way in ((back, -step), (on, step)):
            middle = path[-1] + 0.5 * way * unit(flow(path[-1]))
            path.append(path[-1] + way * unit(flow(middle)))
    return np.stack(back[:0:-1] + on, axis=1)


def curl(psi: Field) -> Field:
    """Return the flow along the contour lines of a stream function."""
    dx, dy = np.array([1e-3, 0]), np.array([0, 1e-3])
    return lambda p: np.stack([psi(p + dy) - psi(p - dy), psi(p - dx) - psi(p + dx)], axis=-1)


def lines(starts: Array, ends: Array) -> Array:
    """Return straight paths."""
    return np.linspace(np.atleast_2d(starts), np.atleast_2d(ends), KNOTS, axis=1)


def rings(centres: Array, radius: Array, start: Array, turn: PerStroke) -> Array:
    """Return arcs round the centres, from the angle `start` on by `turn` radians."""
    angle = np.linspace(start, start + turn, KNOTS, axis=-1)
    return centres[:, None] + np.reshape(radius, (-1, 1, 1)) * way(angle)
