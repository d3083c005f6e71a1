"""What an optimizer moves instead of pixels: angles, or their spectrum."""

import torch
from torch import Tensor


class CosineParametrization:
    """Pixels x = (1 - cos u) / 2 from angles u = unit * S z; the optimizer moves z.

    Pixels stay in [0, 1] without bounds for a line search to run into, and can leave black and
    white, which are ordinary stationary points in u; with sigmoids they would get stuck.

    S weights the spectrum of z by 1 / f^p, f in cycles per pixel: with p > 0, large smooth areas
    move as easily as single pixels. With p = 0, S is the identity.
    Source of S: Olah et al. 2017, https://distill.pub/2017/feature-visualization, and Mordvintsev
    et al. 2018, https://distill.pub/2018/differentiable-parameterizations.

    Args:
        unit: radians.
        margin: distance from 0 and 1 at which black and white start, as the slope there is 0.
        p: exponent of the spectrum, 0 or more.
        like: an image (B, 3, H, W) that gives size, type and device.
    """

    def __init__(self, unit: float, margin: float, p: float, like: Tensor) -> None:
        self.unit, self.margin = unit, margin
        self.size = (like.shape[-2], like.shape[-1])
        self.S = spectral_weights(p, *self.size).to(like) if p else None

    def from_pixels(self, x: Tensor) -> Tensor:
        """Return z of pixels x (B, 3, H, W)."""
        u = torch.acos(1 - 2 * x.clamp(self.margin, 1 - self.margin)) / self.unit
        return u if self.S is None else self.weighted(u, 1 / self.S)

    def to_pixels(self, z: Tensor) -> Tensor:
        """Return x of z (B, 3, H, W)."""
        return (1 - torch.cos(self.angles(z))) / 2

    def gradient(self, z: Tensor, dx: Tensor) -> Tensor:
        """Return the gradient in z, given the gradient in x."""
        du = self.unit * dx * torch.sin(self.angles(z)) / 2
        return du if self.S is None else self.weighted(du, self.S)  # S is its own transpose

    def angles(self, z: Tensor) -> Tensor:
        """Return u of z."""
        return self.unit * (z if self.S is None else self.weighted(z, self.S))

    def weighted(self, z: Tensor, S: Tensor) -> Tensor:
        """Return z with its spectrum multiplied by S."""
        return torch.fft.irfft2(S * torch.fft.rfft2(z), s=self.size)


def spectral_weights(p: float, height: int, width: int, lowest: float = 1.0) -> Tensor:
    """Return S = 1 / f^p for an image's ``rfft2``: (H, W // 2 + 1), float64.

    f, in cycles per pixel, is at least `lowest` cycles per the image's longer side. The root mean
    square of S over all H W frequencies is 1.

    Example:
        >>> spectral_weights(0.0, 2, 3)
        tensor([[1., 1.],
                [1., 1.]], dtype=torch.float64)
    """
    rows = torch.fft.fftfreq(height, dtype=torch.float64)[:, None]
    columns = torch.fft.rfftfreq(width, dtype=torch.float64)[None]
    S = torch.hypot(rows, columns).clamp(min=lowest / max(height, width)) ** -p
    twice = torch.full((width // 2 + 1,), 2.0, dtype=torch.float64)  # f and -f
    twice[0] = 1.0
    if width % 2 == 0:
        twice[-1] = 1.0
    return S / ((S.square() * twice).sum() / (height * width)).sqrt()
