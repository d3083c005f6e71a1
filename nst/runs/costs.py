"""The cost of a run, counted from its configuration, and the time this machine takes for it.

The unit is a multiplication; moving responses through memory counts as many as take that time.
"""

import time

import torch

from nst.config import Config, layers_used
from nst.convolution import layout
from nst.method.objective import Objective, loss_and_gradient
from nst.method.vgg import VGG19, channels, deepest, layers_up_to, random_weights, stride
from nst.runs.device import choose_device, choose_precision, convolving, response_type

RESPONSE = 200  # multiplications that take as long as moving one response through memory
PIXEL = 20 * RESPONSE  # for the optimizer's step
CALL = 5e8  # per evaluation, whatever its size: Python, the optimizer's bookkeeping
LARGEST = 224  # px of the probe at most
REPEATS = 2


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
    """Return the cost of one evaluation of loss and gradient at a size in px."""
    N = channels(config.network.width)
    style = config.style_layers if config.beta else []
    cost, before = CALL + size**2 * PIXEL, 3
    for name in layers_up_to(deepest(layers_used(config))):
        positions = (size / stride(name)) ** 2
        kernel = 9 * before if name.startswith("conv") else 0  # pooling only moves responses
        gram = N[name] + RESPONSE if name in style else 0
        cost += positions * N[name] * (kernel + gram + RESPONSE)
        before = N[name]
    return cost


def probe(config: Config, workers: int = 1) -> float:
    """Return the seconds per unit of cost on this machine, measured in about a second.

    The probe has a configuration's layers and precision, random weights, and at most `LARGEST` px;
    each of several `workers` has its share of the threads.
    """
    device, size = choose_device(config.device), min(config.size, LARGEST)
    precision = choose_precision(config.precision, device)
    dtype = response_type(precision)
    network = VGG19(random_weights(config.network.width), deepest=deepest(layers_used(config)))
    network = network.to(device, dtype).to(memory_format=layout(device, dtype))
    image = torch.rand(1, 3, size, size, generator=torch.Generator().manual_seed(0)).to(device)
    objective = Objective(network, image, image, config.alpha, config.beta,
                          config.content_layers, config.style_layers)  # fmt: skip
    threads, begin = torch.get_num_threads(), 0.0
    torch.set_num_threads(max(1, threads // workers))
    try:
        with convolving(precision):
            for number in range(1 + REPEATS):
                begin = time.perf_counter() if number == 1 else begin  # the first one warms up
                loss_and_gradient(objective, image / 2)[0].total.sum().item()
    finally:
        torch.set_num_threads(threads)
    return (time.perf_counter() - begin) / REPEATS / evaluation(config, size)
