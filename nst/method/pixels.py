"""Images as tensors x (1, 3, H, W), RGB in [0, 1]: noise, resizing, and removing colour."""

import torch
import torch.nn.functional as F
from torch import Tensor

from nst.method.parametrization import spectral_weights

LARGEST = 8  # waves of pink noise to the longer side


def to_grey(x: Tensor) -> Tensor:
    """Return an image (1, 3, H, W) with the mean of its channels in each of them."""
    return x.mean(1, keepdim=True).repeat(1, 3, 1, 1)


def resize(x: Tensor, height: int, width: int) -> Tensor:
    """Return an image (1, 3, H, W) at another size, by bicubic interpolation within [0, 1]."""
    if x.shape[2:] == (height, width):
        return x
    scaled = F.interpolate(x, (height, width), mode="bicubic", antialias=True)
    return scaled.clamp(0, 1)


def thumbnail(x: Tensor, height: int, width: int) -> Tensor:
    """Return an image (1, 3, H, W) as bytes (height, width, 3) on the CPU."""
    small = resize(x.detach(), height, width)[0].permute(1, 2, 0)
    return (255 * small.clamp(0, 1)).round().to("cpu", torch.uint8).contiguous()


def white_noise(height: int, width: int, seed: int, mean: float, deviation: float) -> Tensor:
    """Return white noise (1, 3, height, width), drawn on the CPU to be equal on every device."""
    generator = torch.Generator().manual_seed(seed)
    return mean + deviation * torch.randn(1, 3, height, width, generator=generator)


def pink_noise(height: int, width: int, seed: int, mean: float, deviation: float) -> Tensor:
    """Return noise (1, 3, height, width) whose amplitudes fall as 1 / f, from areas of a size on.

    It is `white_noise` with another spectrum, about as strong. Larger waves than an eighth of the
    longer side (`LARGEST`) are no stronger, so that all of an image has all colours.
    """
    z = torch.fft.rfft2(white_noise(height, width, seed, 0.0, deviation))
    S = spectral_weights(1.0, height, width, LARGEST).to(z.real.dtype)
    return mean + torch.fft.irfft2(S * z, s=(height, width))
