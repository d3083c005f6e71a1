"""Images measured without a network, alone or against another; (1, 3, H, W) in [0, 1]."""

import math

import numpy as np
import torch
from scipy import ndimage
from skimage.feature import structure_tensor, structure_tensor_eigenvalues
from skimage.metrics import structural_similarity
from torch import Tensor

LUMINANCE = (0.2126, 0.7152, 0.0722)  # ITU-R BT.709


def luminance(x: Tensor) -> np.ndarray:
    """Return the luminance (H, W) of an image, in float64."""
    return np.einsum("c,chw->hw", LUMINANCE, x[0].double().cpu().numpy())


def psnr(x: Tensor, reference: Tensor) -> float:
    """Return the peak signal-to-noise ratio in dB; infinite for equal images."""
    error = (x - reference).square().mean().item()
    return math.inf if error == 0 else -10 * math.log10(error)


def ssim(x: Tensor, reference: Tensor) -> float:
    """Return structural similarity of luminance, in [-1, 1]; Wang et al. 2004, Gaussian window."""
    wang = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    a, b = luminance(x), luminance(reference)
    return float(structural_similarity(a, b, data_range=1.0, **wang))


def edge_correlation(a: np.ndarray, b: np.ndarray, scale: float, trim: int = 0) -> float:
    """Return the correlation of two grey images' (H, W) edges: of their gradients' magnitudes.

    Gradients are Gaussian derivatives with a deviation of `scale` pixels; of the border, `trim`
    pixels are left out. In [-1, 1].
    """
    magnitudes = [ndimage.gaussian_gradient_magnitude(x.astype(np.float64), scale) for x in (a, b)]
    magnitudes = [m[trim : len(m) - trim, trim : m.shape[1] - trim] for m in magnitudes]
    return float(np.corrcoef(magnitudes[0].ravel(), magnitudes[1].ravel())[0, 1])


def colour_distance(x: Tensor, reference: Tensor, directions: int = 64, seed: int = 0) -> float:
    """Return the sliced Wasserstein-1 distance of two images' RGB values; 0 for equal colours.

    The mean over random directions of the distance between the projected colours' quantiles, in
    units of the RGB cube's side. Images may differ in size. Bonneel et al. 2015,
    https://doi.org/10.1007/s10851-014-0506-3.
    """
    generator = torch.Generator().manual_seed(seed)
    axes = torch.nn.functional.normalize(torch.randn(3, directions, generator=generator), dim=0)
    levels, quantiles = torch.linspace(0, 1, 1024), []
    for colours in (y[0].flatten(1).T.cpu() for y in (x, reference)):
        colours = colours[:: math.ceil(len(colours) / 65536)]  # enough, evenly drawn
        quantiles.append(torch.quantile(colours @ axes, levels, dim=0).double())
    return (quantiles[0] - quantiles[1]).abs().mean().item()


def correlation_length(x: Tensor) -> float:
    """Return the pixels over which the luminance's autocorrelation falls to 1 / e.

    The autocorrelation is that of the periodic image, averaged over directions.
    """
    values = luminance(x)
    values -= values.mean()
    correlation = np.fft.ifft2(np.abs(np.fft.fft2(values)) ** 2).real
    level = correlation[0, 0] / math.e
    distances = (np.fft.fftfreq(side, 1 / side) for side in values.shape)
    radius = np.hypot(*np.meshgrid(*distances, indexing="ij"))
    profile = ndimage.mean(correlation, radius.round(), np.arange(min(values.shape) // 2))
    below = np.flatnonzero(profile < level)
    if level <= 0 or not len(below):
        return math.inf
    r = int(below[0])
    return float(r - 1 + (profile[r - 1] - level) / (profile[r - 1] - profile[r]))


def high_frequency_share(x: Tensor) -> float:
    """Return the share of the luminance's energy finer than four pixels a cycle, in [0, 1].

    The mean is left out, and a Hann window keeps the image's border from counting as an edge.
    """
    values = luminance(x)
    window = np.outer(*(np.hanning(side) for side in values.shape))
    values = (values - np.average(values, weights=window)) * window
    energy = np.abs(np.fft.fft2(values)) ** 2
    radius = np.hypot(*np.meshgrid(*(np.fft.fftfreq(s) for s in values.shape), indexing="ij"))
    total = energy.sum()
    return float(energy[radius > 0.25].sum() / total) if total > 0 else 0.0


def coherence(x: Tensor, sigma: float = 3.0) -> float:
    """Tell how far gradients agree in orientation within `sigma` pixels, in [0, 1].

    ((l1 - l2) / (l1 + l2))^2 of the structure tensor's eigenvalues, averaged with weight l1 + l2;
    1 for straight strokes. Weickert 1999, https://doi.org/10.1023/A:1008009714131.
    """
    tensor = structure_tensor(luminance(x), sigma, mode="nearest")
    l1, l2 = structure_tensor_eigenvalues(tensor)
    energy = l1 + l2
    share = np.divide(l1 - l2, energy, out=np.zeros_like(energy), where=energy > 0) ** 2
    return float(np.average(share, weights=energy)) if energy.sum() > 0 else 0.0
