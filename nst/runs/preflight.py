"""Before the first evaluation: is there enough memory, and an output folder?"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

from nst.config import Config, artworks, layers_used
from nst.errors import InputError
from nst.files import check_folder
from nst.method.optimizers import FLOAT, OPTIMIZERS
from nst.method.vgg import CONVOLUTIONS, channels, deepest, layers_up_to, stride
from nst.runs.device import choose_precision
from nst.runs.progress import say

GIGABYTE = 1e9
# Factor for what is not counted, and what a convolution holds at once, in units of the largest
# responses: measured, with workspaces (docs/speed.md); for a GPU, on an NVIDIA H200.
SLACK, PASSING = {"cpu": 1.15, "mps": 1.15, "cuda": 1.2}, {"cpu": 4, "mps": 4, "cuda": 3}


def check(
    config: Config, folder: Path, device: torch.device, elsewhere: str = "set output=FOLDER"
) -> None:
    """Raise `InputError` if a run cannot be written to `folder` or does not fit into memory."""
    check_folder(folder, elsewhere)
    need, free = memory_needed(config, device.type), memory_free(device)
    check_memory(need, free, device, config)
    if need > GIGABYTE:
        at_hand = f", of {free / GIGABYTE:.1f} GB free" if free else ""
        own = ", besides the 1 GB of Python and torch" if device.type == "cpu" else ""
        say(f"the run needs about {need / GIGABYTE:.1f} GB of memory on {device}{own}{at_hand}")


def check_memory(need: int, free: int | None, device: torch.device, config: Config) -> None:
    """Raise `InputError` if a device has too little memory free."""
    if free is not None and need > free:
        raise InputError(
            f"the run needs about {need / GIGABYTE:.1f} GB of memory, {device} has "
            f"{free / GIGABYTE:.1f} GB free: {smaller(device, config)}"
        )


@contextmanager
def out_of_memory(device: torch.device, config: Config) -> Iterator[None]:
    """Raise `InputError` if a GPU runs out of memory after all, as others use it too."""
    try:
        yield
    except torch.OutOfMemoryError as error:
        raise InputError(f"{device} is out of memory: {smaller(device, config)}") from error


def smaller(device: torch.device, config: Config) -> str:
    """Return what to do to need less of a device's memory."""
    side = "max_side" if config.max_side else "size"
    other = "" if device.type == "cpu" else ", or device=cpu"
    return f"set a smaller {side}, or a smaller optimizer.history{other}"


def memory_needed(config: Config, device: str = "cpu") -> int:
    """Return the bytes that a run needs: weights, responses, gradients, targets, optimizer.

    Estimated from the configuration and the kind of device, for a photograph of size^2 pixels.
    """
    layers = layers_up_to(deepest(layers_used(config)))
    N = channels(config.network.width)
    half = choose_precision(config.precision, torch.device(device)) == "bfloat16"
    responses = {name: FLOAT * N[name] * config.size**2 // stride(name) ** 2 for name in layers}
    kept = sum(responses.values()) // (2 if half else 1)
    style = config.style_layers if config.beta else []
    styled = sum(responses[name] for name in style)
    kept += styled if half else 0  # in float32 as well, for the Gram matrices
    # Rectified responses and poolings are kept for the gradients. While it runs, a convolution
    # holds its input and output in two memory layouts, or the gradients of both.
    passing = PASSING[device] * max(responses.values())
    content = sum(responses[name] for name in config.content_layers) if config.alpha else 0
    grams = 3 * len(artworks(config)) * sum(FLOAT * N[name] ** 2 for name in style)
    weights, before = 0, 3  # all of them, as read, and again those up to the deepest layer
    for name in CONVOLUTIONS:
        weights += FLOAT * (9 * before + 1) * N[name] * (2 if name in layers else 1)
        before = N[name]
    always = weights + grams
    guided = sum(map(bool, config.masks or [])) * styled  # responses times T^l
    total = always + kept + passing + 2 * content
    total += guided + optimizer_bytes(config, 3 * config.size**2)
    area = (config.style_scale or 1.0) ** 2  # of an artwork; its targets keep no gradients
    targets = always + round(area * (passing + styled))
    return round(SLACK[device] * max(total, targets))


def optimizer_bytes(config: Config, variables: int) -> int:
    """Return the bytes of an optimizer's state for an image of `variables` values."""
    history = min(config.optimizer.history, config.evaluations)  # scipy touches no more of its own
    each, fixed = OPTIMIZERS[config.optimizer.name].bytes_needed
    return variables * (each * history + fixed)


def memory_free(device: torch.device) -> int | None:
    """Return the bytes of memory that a device has free; None if unknown."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    try:
        lines = Path("/proc/meminfo").read_text(encoding="utf-8").splitlines()
        free = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvail"))
    except (OSError, StopIteration):
        return None
    try:  # a container may be limited to less
        limit = int(Path("/sys/fs/cgroup/memory.max").read_text(encoding="utf-8"))
        spent = int(Path("/sys/fs/cgroup/memory.current").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return free
    return min(free, max(0, limit - spent))
