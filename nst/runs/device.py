"""The device and precision of a run, the setup of its process, and whether memory suffices.

Convolutions may be computed in less than float32; losses and Gram matrices never are. `float32` is
the reference, `bfloat16` keeps 8 bits of each weight and response, `tf32` rounds the inputs of a
convolution on a GPU to 11. `auto` is the fastest that the device has instructions for.
"""

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

from nst.config import Config, artworks, layers_used
from nst.errors import InputError
from nst.method.optimizers import FLOAT, OPTIMIZERS
from nst.method.vgg import CONVOLUTIONS, channels, deepest, layers_up_to, stride

AMPERE = (8, 0)  # the first GPUs with TF32 and bfloat16
# Names and numbers of glibc's malloc.h; https://man7.org/linux/man-pages/man3/mallopt.3.html
M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_MAX = -1, -2, -4
LARGEST = 2**31 - 1
PAD = 64 * 2**20
GIGABYTE = 1e9
# Factor for what is not counted, and what a convolution holds at once, in units of the largest
# responses: measured, with workspaces (docs/speed.md); for a GPU, on an NVIDIA H200.
SLACK, PASSING = {"cpu": 1.15, "mps": 1.15, "cuda": 1.2}, {"cpu": 4, "mps": 4, "cuda": 3}


def prepare_process(precision: str = "float32") -> None:
    """Set up memory and cuDNN for the whole process; for entry points."""
    keep_freed_memory()
    torch.backends.cudnn.deterministic = True  # so that a resumed run ends with the same bytes
    torch.backends.cudnn.allow_tf32 = precision == "tf32"  # torch allows it by default


@contextmanager
def convolving(precision: str) -> Iterator[None]:
    """Let cuDNN round to TF32 only if that is the precision."""
    before = torch.backends.cudnn.allow_tf32
    torch.backends.cudnn.allow_tf32 = precision == "tf32"
    try:
        yield
    finally:
        torch.backends.cudnn.allow_tf32 = before


def choose_device(name: str) -> torch.device:
    """Return the device of a name; ``auto`` is the first of cuda, mps and cpu that exists."""
    cuda, mps = torch.cuda.is_available(), torch.backends.mps.is_available()
    counts = {"cuda": torch.cuda.device_count() if cuda else 0, "mps": int(mps), "cpu": 1}
    there = [kind for kind, count in counts.items() if count]
    if name == "auto":
        return torch.device(there[0])
    kind, colon, index = name.partition(":")
    if kind not in there or (colon and index not in map(str, range(counts[kind]))):
        raise InputError(f"device={name} is not available here: use auto, {', '.join(there)}")
    return torch.device(name)


def choose_precision(name: str, device: torch.device) -> str:
    """Return the precision that ``auto`` means on a device, or any other name as it is.

    Raise `InputError` for TF32 on a device that has none.
    """
    if name in ("float32", "bfloat16"):
        return name
    if device.type == "cuda" and torch.cuda.get_device_capability(device) >= AMPERE:
        return "tf32"
    if name == "tf32":
        raise InputError(f"precision=tf32 needs a recent GPU, not {device}: use auto or float32")
    return "bfloat16" if device.type == "cpu" and cpu_has_bfloat16() else "float32"


def cpu_has_bfloat16() -> bool:
    """Return whether the processor multiplies bfloat16 natively (AVX-512 BF16, AMX)."""
    capabilities: dict[str, bool] = getattr(torch.cpu, "get_capabilities", dict)()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))


def response_type(precision: str) -> torch.dtype:
    """Return the type of weights and responses inside the network."""
    return torch.bfloat16 if precision == "bfloat16" else torch.float32


def keep_freed_memory() -> bool:
    """Let the process reuse the memory that it frees; return whether the C library can.

    An evaluation allocates and frees every response. glibc returns large blocks to the system at
    once, and the next evaluation waits until the system has cleared new ones: a sixth of the time
    of plain code at 256 px, more at larger sizes (docs/speed.md).
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    settings = ((M_MMAP_MAX, 0), (M_TRIM_THRESHOLD, LARGEST), (M_TOP_PAD, PAD))
    return mallopt is not None and all(mallopt(name, value) for name, value in settings)


def check_memory(config: Config, device: torch.device) -> str:
    """Return one line on what a run needs of a device's memory, empty below a gigabyte.

    Raise `InputError` if less is free.
    """
    need, free = memory_needed(config, device.type), memory_free(device)
    line = f"the run needs about {need / GIGABYTE:.1f} GB of memory"
    there = f"{free / GIGABYTE:.1f} GB free" if free is not None else ""
    if free is not None and need > free:
        raise InputError(f"{line}, {device} has {there}: {smaller(device, config)}")
    own = ", besides the 1 GB of Python and torch" if device.type == "cpu" else ""
    at_hand = f", of {there}" if there else ""
    return f"{line} on {device}{own}{at_hand}" if need > GIGABYTE else ""


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
    on_cpu = choose_precision(config.precision, torch.device("cpu")) if device == "cpu" else ""
    half = "bfloat16" in (config.precision, on_cpu)
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
