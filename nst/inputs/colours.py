"""Two ways to keep the photograph's colours; images are (1, 3, H, W), RGB in [0, 1].

``match``: the artwork takes on the photograph's colours before its style is taken.
``luminance``: only luminance is painted, and the photograph's chroma is put back.
Source: Gatys et al. 2016, https://arxiv.org/abs/1606.05897.
"""

import torch
from torch import Tensor

LUMA = (0.299, 0.587, 0.114)  # of R, G, B in YIQ, the space of the source
SMALLEST = 1e-5  # variance; below, an image counts as of one colour


def match_colours(artwork: Tensor, photograph: Tensor) -> Tensor:
    """Return the artwork with the mean and covariance of the photograph's colours.

    x -> A x + b with A = S_p^(1/2) S_a^(-1/2), the covariances' symmetric roots ("image analogies"
    in the source, section 4.1). Values outside [0, 1] are clipped.
    """
    (mean_p, cov_p), (mean_a, cov_a) = statistics(photograph), statistics(artwork)
    A = power(cov_p, 0.5) @ power(cov_a, -0.5)
    colours = artwork[0].flatten(1).double() - mean_a
    return (A @ colours + mean_p).to(artwork).view(artwork.shape).clamp(0, 1)


def statistics(x: Tensor) -> tuple[Tensor, Tensor]:
    """Return mean (3, 1) and covariance (3, 3) of an image's colours, float64."""
    colours = x[0].flatten(1).double()
    mean = colours.mean(1, keepdim=True)
    return mean, (colours - mean) @ (colours - mean).T / colours.shape[1]


def power(covariance: Tensor, exponent: float) -> Tensor:
    """Return a power of a covariance matrix (3, 3), symmetric."""
    values, vectors = torch.linalg.eigh(covariance)
    return (vectors * values.clamp(min=SMALLEST) ** exponent) @ vectors.T


def luminance(x: Tensor) -> Tensor:
    """Return the luminance Y of an image, (1, 1, H, W)."""
    return (x * x.new_tensor(LUMA)[:, None, None]).sum(1, keepdim=True)


def grey_pair(photograph: Tensor, artwork: Tensor) -> tuple[Tensor, Tensor]:
    """Return both images in grey, the artwork's luminance matched to the photograph's.

    Matched in mean and standard deviation (section 3 of the source).
    """
    Y_p, Y_a = luminance(photograph), luminance(artwork)
    gain = Y_p.std() / Y_a.std().clamp(min=SMALLEST**0.5)
    Y_a = (gain * (Y_a - Y_a.mean()) + Y_p.mean()).clamp(0, 1)
    return Y_p.repeat(1, 3, 1, 1), Y_a.repeat(1, 3, 1, 1)


def recolour(picture: Tensor, photograph: Tensor) -> Tensor:
    """Return the picture's luminance with the photograph's chroma, both of the same size.

    RGB is Y plus an offset that depends on chroma (I, Q) alone. Where the sum would leave [0, 1],
    the luminance gives way, so that the chroma is the photograph's everywhere.
    """
    offset = photograph - luminance(photograph)
    lowest, highest = -offset.amin(1, keepdim=True), 1 - offset.amax(1, keepdim=True)
    return luminance(picture).clamp(lowest, highest) + offset
