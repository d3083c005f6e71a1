"""The cost of a run, counted from its configuration, and the time this machine takes for it.

The unit is a multiplication of a convolution; whatever else counts as many as take that time. These
numbers fit the medians of evaluations in bfloat16 on one core of an AMD EPYC: VGG-19 at 512 px, the
embedded network at 56 to 224 px, every row and task of the figures (tests/test_costs.py).
"""

import timeit
from concurrent.futures import ThreadPoolExecutor
from statistics import median

import torch
from torch import Tensor

from nst.config import Config, layers_used
from nst.method.objective import Objective, loss_and_gradient
from nst.method.vgg import channels, deepest, layers_up_to, stride
from nst.runs.device import choose_device, choose_precision, convolving
from nst.runs.objectives import make_network

FILTER = 160  # per weight: filters are laid out for each convolution
GRAM, RESPONSE = 5, 140  # per multiplication of a Gram matrix, and per response of a style layer
PIXEL = 15_000  # per pixel: the optimizer's step
SPECTRUM = 27_000  # more per pixel, if the optimizer moves the image's spectrum
CALL = 1e8  # per evaluation, whatever its size
LARGEST = 224  # px of the probe at most
REPEATS, TOGETHER = 3, 8  # evaluations of the probe, and how many at once at most


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


def probe(config: Config, workers: int = 1) -> float:
    """Return the seconds per unit of cost on this machine, measured in about a second.

    The probe has a configuration's layers and precision, random weights, and at most `LARGEST` px.
    On a CPU, several `workers` are probed at once, each with its share of the threads: they slow
    each other down.
    """
    device, size = choose_device(config.device), min(config.size, LARGEST)
    precision, end = choose_precision(config.precision, device), deepest(layers_used(config))
    network = make_network(config.network, None, device, precision, end)  # random weights
    image = torch.rand(1, 3, size, size, generator=torch.Generator().manual_seed(0)).to(device)
    objective = Objective(network, image, image, config.alpha, config.beta,
                          config.content_layers, config.style_layers)  # fmt: skip
    together = min(workers, TOGETHER) if device.type == "cpu" else 1
    threads = torch.get_num_threads()
    torch.set_num_threads(max(1, threads // workers))
    try:
        with convolving(precision), ThreadPoolExecutor(together) as pool:
            seconds = list(pool.map(timed, [objective] * together, [image / 2] * together))
    finally:
        torch.set_num_threads(threads)
    return sum(seconds) / together / of_loss(config, size)


def timed(objective: Objective, x: Tensor) -> float:
    """Return the seconds that an evaluation of x takes, after one that warms up."""
    times = timeit.repeat(
        lambda: loss_and_gradient(objective, x)[0].total.sum().item(), number=1, repeat=1 + REPEATS
    )
    return median(times[1:])
