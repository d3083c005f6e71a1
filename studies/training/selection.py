"""Which of a layer's filters the student has: those that explain the others best."""

import torch
from torch import Tensor

NOTHING = 1e-9  # of the mean second moment: what is left of a filter that others explain


def choose_filters(moments: Tensor, count: int) -> list[int]:
    """Choose `count` filters, in rising order, by a pivoted Cholesky decomposition.

    Each pivot is the filter whose response, times the right factors, takes the most from what is
    left of all responses. Duplicates leave nothing to each other.

    Args: moments (N, N), second moments of the rectified responses.

    Example:
        >>> choose_filters(torch.tensor([[4.0, 4.0, 0.0], [4.0, 4.0, 0.0], [0.0, 0.0, 1.0]]), 2)
        [0, 2]
    """
    rest = moments.double().clone()
    nothing = NOTHING * rest.diagonal().mean()
    chosen: list[int] = []
    for _ in range(count):
        own = rest.diagonal()
        gain = torch.where(own > nothing, rest.square().sum(0) / own.clamp(min=1e-300), 0.0)
        gain[chosen] = -1.0  # where nothing responds, any filter will do
        k = int(gain.argmax())
        chosen.append(k)
        if own[k] > nothing:
            rest = rest - torch.outer(rest[:, k], rest[k]) / own[k]
    return sorted(chosen)
