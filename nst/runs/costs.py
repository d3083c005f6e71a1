"""The cost of a run, counted from its configuration, in units of a machine's own speed.

The unit is a multiplication of a convolution; whatever else counts as many as take that time. These
numbers fit the medians of evaluations in bfloat16 on one core of an AMD EPYC: VGG-19 at 512 px, the
embedded network at 56 to 224 px, every row and task of the figures (tests/test_costs.py).
"""

from nst.config import Config, layers_used
from nst.method.vgg import channels, deepest, layers_up_to, stride

FILTER = 160  # per weight: filters are laid out for each convolution
GRAM, RESPONSE = 5, 140  # per multiplication of a Gram matrix, and per response of a style layer
PIXEL = 15_000  # per pixel: the optimizer's step
SPECTRUM = 27_000  # more per pixel, if the optimizer moves the image's spectrum
CALL = 1e8  # per evaluation, whatever its size


def of_run(config: Config, done: int = 0) -> float:
    """Return the cost of a run's evaluations after the first `done`."""
    cost = 0.0
    counts = shares_of(config.evaluations, config.schedule.shares)
    for count, scale in zip(counts, config.schedule.scales, strict=True):
        cost += max(0, count - done) * evaluation(config, scale * config.size)
        done = max(0, done - count)
    return cost


def shares_of(evaluations: int, shares: list[float]) -> list[int]:
    """Divide a budget of evaluations by shares; the last one takes what rounding leaves."""
    counts = [round(share * evaluations) for share in shares[:-1]]
    return [*counts, evaluations - sum(counts)]


def evaluation(config: Config, size: float) -> float:
    """Return the cost of one evaluation and of the optimizer's step, at a size in px."""
    pixel = PIXEL + (SPECTRUM if config.optimizer.spectrum else 0)
    return size**2 * pixel + of_loss(config, size)


def of_loss(config: Config, size: float) -> float:
    """Return the cost of loss and gradient at a size in px."""
    N = channels(config.network.width)
    style = config.style_layers if config.beta else []
    cost, before = CALL, 3
    for name in layers_up_to(deepest(layers_used(config))):
        positions = (size / stride(name)) ** 2
        if name.startswith("conv"):
            cost += 9 * before * N[name] * (positions + FILTER)
        if name in style:
            cost += positions * N[name] * (N[name] * GRAM + RESPONSE)
        before = N[name]
    return cost
