"""Normalized filters: the same network, with each filter in units of its mean response.

Gatys et al. scale the filters of VGG-19 so that the mean response of each, over images and
positions, is 1; rectification and pooling pass a filter's scale on to the next convolution, which
is divided by it. So no filter, and no layer, counts for more in a loss only because its responses
are large.
Source: Gatys et al. 2015, https://arxiv.org/abs/1505.07376, section 2; Gatys et al. 2016,
https://doi.org/10.1109/CVPR.2016.265, section 2.
"""

from collections.abc import Iterable, Mapping

import torch
from torch import Tensor

from nst.method.vgg import CONVOLUTIONS, VGG19

WEAKEST = 0.01  # of the layer's median: the least mean that a filter is divided by


def mean_responses(network: VGG19, images: Iterable[Tensor]) -> dict[str, Tensor]:
    """Return the mean response of each filter over images (1, 3, H, W): name -> (N,).

    Every position of every image has the same weight.
    """
    names = [name for name in network.layers if name in CONVOLUTIONS]
    sums: dict[str, Tensor] = {}
    positions = dict.fromkeys(names, 0)
    with torch.no_grad():
        for image in images:
            for name, F in network(image, names).items():
                total = F.double().sum((0, 2, 3))
                sums[name] = sums[name] + total if name in sums else total
                positions[name] += F[:, 0].numel()
    return {name: (sums[name] / positions[name]).float() for name in names}


def balanced(means: Mapping[str, Tensor], pooled: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return `means`, scaled so that each layer's responses under other pooling average 1.

    The authors' means are for max pooling, as the network was trained. Average pooling lowers them
    from layer to layer, to 0.2 at conv5_1, of which E_l takes the fourth power. So `means` set the
    ratios within a layer, and `pooled`, of the network that paints, the level of each layer.

    Example:
        >>> m, pooled = torch.tensor([4.0, 2.0, 0.0]), torch.tensor([2.0, 1.0, 0.0])
        >>> balanced({"conv1_1": m}, {"conv1_1": pooled})["conv1_1"]
        tensor([2., 1., 0.])
    """
    found = {}
    for name, m in means.items():
        kept = m > 0
        found[name] = m * (pooled[name][kept] / m[kept]).mean() if kept.any() else m
    return found


def normalized(weights: Mapping[str, Tensor], means: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return weights with responses divided by `means`: name -> (N,), from conv1_1 on.

    W_ij becomes W_ij m_j / m_i and b_i becomes b_i / m_i, where m_j are the means of the previous
    layer, 1 for the image's channels. Layers after the last one in `means` are left out.

    Example:
        >>> W = {"conv1_1.weight": torch.ones(1, 3, 3, 3), "conv1_1.bias": torch.ones(1)}
        >>> normalized(W, {"conv1_1": torch.tensor([4.0])})["conv1_1.bias"]
        tensor([0.2500])
    """
    found: dict[str, Tensor] = {}
    before = torch.ones(3)
    for name in CONVOLUTIONS:
        if name not in means:
            break
        m = means[name].clamp(min=WEAKEST * means[name].median().item())
        m = torch.where(m > 0, m, torch.ones_like(m))  # if nothing responds at all
        W = weights[f"{name}.weight"]
        found[f"{name}.weight"] = W * before.view(1, -1, 1, 1) / m.view(-1, 1, 1, 1)
        found[f"{name}.bias"] = weights[f"{name}.bias"] / m
        before = m
    return found
