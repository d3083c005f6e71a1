"""How near a student is to its teacher: by responses, and by the gradients that move pixels."""

from collections.abc import Iterable, Mapping, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from nst.method.objective import Objective, loss_and_gradient
from nst.method.optimizers import OptimizerConfig
from nst.method.synthesis import Level, synthesize
from nst.method.vgg import VGG19


@torch.no_grad()
def relative_errors(
    student: VGG19,
    teacher: VGG19,
    chosen: Mapping[str, Sequence[int]],
    pictures: Iterable[Tensor],
    layers: Sequence[str],
) -> dict[str, float]:
    """Return ||F_student - F_teacher|| / ||F_teacher|| of each layer's chosen filters.

    Pictures are (1, 3, H, W), RGB in [0, 1].
    """
    errors, norms = dict.fromkeys(layers, 0.0), dict.fromkeys(layers, 0.0)
    for x in pictures:
        own, theirs = student(x, layers), teacher(x, layers)
        for name in layers:
            target = theirs[name][:, list(chosen[name])]
            errors[name] += (own[name] - target).square().sum().item()
            norms[name] += target.square().sum().item()
    return {name: (errors[name] / (norms[name] or 1.0)) ** 0.5 for name in layers}


def images_of_trajectory(
    objective: Objective, start: Tensor, config: OptimizerConfig, evaluations: Sequence[int]
) -> list[Tensor]:
    """Return the images (1, 3, H, W) that a synthesis evaluates, at these evaluations."""
    images: list[Tensor] = []

    def keep(_: torch.nn.Module, inputs: tuple[Tensor]) -> None:
        images.append(inputs[0].detach().clone())

    hook = objective.register_forward_pre_hook(keep)
    shape = (start.shape[2], start.shape[3])
    synthesize([Level(lambda: objective, shape, max(evaluations))], start, config)
    hook.remove()
    return [images[n - 1] for n in evaluations if n <= len(images)]


def gradient_cosine(a: Objective, b: Objective, x: Tensor) -> float:
    """Return the cosine between two objectives' gradients in the pixels of x (1, 3, H, W)."""
    one, other = (loss_and_gradient(each, x)[1].flatten().double() for each in (a, b))
    return F.cosine_similarity(one, other, dim=0).item()
