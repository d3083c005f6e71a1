"""What is asked of the features linearly: pixels, and the energies of oriented filters."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nst.method.vgg import stride

ORIENTATIONS = 6


def gabor_bank(wavelength: float = 3.5, size: int = 7) -> Tensor:
    """Quadrature pairs of oriented band-pass filters: (2 ORIENTATIONS, 1, size, size)."""
    half = size // 2
    y, x = torch.meshgrid(*[torch.arange(-half, half + 1).float()] * 2, indexing="ij")
    window = torch.exp(-(x**2 + y**2) / (2 * (0.5 * wavelength) ** 2))
    filters = []
    for k in range(ORIENTATIONS):
        angle = math.pi * k / ORIENTATIONS
        phase = 2 * math.pi / wavelength * (x * math.cos(angle) + y * math.sin(angle))
        for wave in (torch.cos(phase), torch.sin(phase)):
            f = window * wave
            f = f - window * (f.sum() / window.sum())
            filters.append(f / f.norm())
    return torch.stack(filters)[:, None]


def oriented_energies(x: Tensor, octaves: int) -> list[Tensor]:
    """Energy of each orientation in each octave, in three opponent colours.

    Args: x (B, 3, H, W), standardized RGB. Returns one (B, 3 ORIENTATIONS, H / 2^k, W / 2^k)
    for octave k = 0, 1, ...
    """
    r, g, b = x.unbind(1)
    opponent = torch.stack([(r + g + b) / 3, r - g, (r + g) / 2 - b], 1).flatten(0, 1)[:, None]
    bank, energies = gabor_bank().to(x), []
    for _ in range(octaves):
        even, odd = F.conv2d(opponent, bank, padding=3).unflatten(1, (-1, 2)).unbind(2)
        energies.append((even**2 + odd**2 + 1e-6).sqrt().unflatten(0, (len(x), 3)).flatten(1, 2))
        opponent = F.avg_pool2d(opponent, 2)
    return energies


def on_grid(energies: list[Tensor], octaves: int) -> Tensor:
    """The finest `octaves` energies, pooled to a grid of 2^octaves pixels and standardized."""
    pooled = [F.avg_pool2d(energies[k], 2 ** (octaves - k)) for k in range(octaves)]
    stacked = torch.cat(pooled, 1)
    mean, std = stacked.mean((0, 2, 3), keepdim=True), stacked.std((0, 2, 3), keepdim=True)
    return (stacked - mean) / (std + 1e-6)


def readout_losses(
    pixels: nn.ModuleDict, bands: nn.ModuleDict, x: Tensor, responses: dict[str, Tensor]
) -> tuple[Tensor, Tensor]:
    """Squared errors of the linear readouts `pixels` and `bands`, summed over the layers.

    A layer is asked for the energies of every octave finer than its own grid.
    """
    octaves = {name: int(math.log2(stride(name))) for name in responses}
    energies = oriented_energies(x, max(octaves.values()))
    pixel_loss, energy_loss = x.new_zeros(()), x.new_zeros(())
    for name, response in responses.items():
        image = F.pixel_shuffle(pixels[name](response), stride(name)).float()
        pixel_loss = pixel_loss + F.mse_loss(image, x)
        target = on_grid(energies, octaves[name]).float()
        energy_loss = energy_loss + F.mse_loss(bands[name](response).float(), target)
    return pixel_loss, energy_loss
