"""Where strokes go and what colours they have; paths are (strokes, knots, 2)."""

from collections.abc import Callable

import numpy as np

KNOTS = 25

Field = Callable[[np.ndarray], np.ndarray]


def pigments(codes: str) -> np.ndarray:
    """Return colours as rows of RGB in [0, 1], from hex codes with spaces between."""
    return np.frombuffer(bytes.fromhex(codes), np.uint8).reshape(-1, 3) / 255


def table(numbers: str) -> np.ndarray:
    """Return numbers as rows, which commas separate."""
    return np.array([row.split() for row in numbers.split(",")], float)


def ramp(palette: np.ndarray, tone: np.ndarray) -> np.ndarray:
    """Return the colours at `tone`, from 0 to 1, in a row of evenly spaced colours."""
    stops = np.linspace(0, 1, len(palette))
    return np.stack([np.interp(tone, stops, channel) for channel in palette.T], axis=-1)


def unit(vectors: np.ndarray) -> np.ndarray:
    """Return the vectors, at length one."""
    return vectors / (np.linalg.norm(vectors, axis=-1, keepdims=True) + 1e-9)


def across(paths: np.ndarray) -> np.ndarray:
    """Return the unit vectors at right angles to the paths."""
    return unit(np.gradient(paths, axis=1))[..., ::-1] * [-1, 1]


def trace(flow: Field, centres: np.ndarray, length: np.ndarray | float) -> np.ndarray:
    """Return paths along the direction of the flow, of that length, half before each centre."""
    step = np.reshape(length, (-1, 1)) / (KNOTS - 1)
    start = centres
    for _ in range(KNOTS // 2):
        start = start - step * unit(flow(start - 0.5 * step * unit(flow(start))))
    paths = [start]
    for _ in range(KNOTS - 1):
        paths.append(paths[-1] + step * unit(flow(paths[-1] + 0.5 * step * unit(flow(paths[-1])))))
    return np.stack(paths, axis=1)


def curl(stream: Field) -> Field:
    """Return the flow along the contour lines of a stream function."""
    dx, dy = np.array([1e-3, 0]), np.array([0, 1e-3])
    return lambda p: np.stack(
        [stream(p + dy) - stream(p - dy), stream(p - dx) - stream(p + dx)], -1
    )


def lines(starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Return straight paths."""
    return np.linspace(starts, ends, KNOTS, axis=1)


def rings(
    centres: np.ndarray, radius: np.ndarray, start: np.ndarray, turn: np.ndarray | float
) -> np.ndarray:
    """Return arcs round the centres, from the angle `start` on by `turn` radians."""
    angle = np.linspace(start, start + turn, KNOTS, axis=-1)
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    return centres[:, None] + np.reshape(radius, (-1, 1, 1)) * circle
