"""The student's final weights: Adam on the responses of all layers at once."""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from nst.method.vgg import CONVOLUTIONS, VGG19
from studies.training.settings import TrainingConfig
from studies.training.student import DEEPEST_USED, Student


def response_loss(student: Student, teacher: VGG19, x: Tensor, config: TrainingConfig) -> Tensor:
    """Return the squared error of responses to x (B, 3, H, W), relative to the teacher's.

    The mean over layers and pictures. A picture in which a layer hardly responds counts by a share
    (`floor`) of what the layer does on average; what no figure uses, conv5_2 on, by `beyond`.
    """
    with torch.no_grad():
        theirs = teacher(x, CONVOLUTIONS)
    with torch.autocast("cpu", torch.bfloat16, enabled=config.bfloat16):
        own = student.network()(x, CONVOLUTIONS)
    used = CONVOLUTIONS.index(DEEPEST_USED)
    shares = [1.0 if i <= used else config.beyond for i in range(len(CONVOLUTIONS))]
    total = x.new_zeros(())
    for name, share in zip(CONVOLUTIONS, shares, strict=True):
        target = theirs[name][:, student.chosen[name]]
        unit = target.square().mean((1, 2, 3)).clamp(min=config.floor * student.squares[name])
        error = (own[name] - target).square().mean((1, 2, 3)) / unit
        total = total + share * error.mean()
    return total / sum(shares)


def make_optimizer(student: Student, config: TrainingConfig) -> torch.optim.Adam:
    """Return Adam with a rate for each tensor, relative to the root mean square of its weights.

    Adam moves every weight by about the learning rate, and weights differ much between layers.
    """
    tensors = list(student.weights.values())
    groups = [{"params": [w.requires_grad_()], "rms": w.square().mean().sqrt().item()}
              for w in tensors]  # fmt: skip
    return torch.optim.Adam(groups, betas=(config.momentum, config.memory))


def learning_rate(step: int, config: TrainingConfig) -> float:
    """Return a step's learning rate: a short warm-up for Adam's averages, then decay to 0."""
    return config.learning_rate * min((step + 1) / config.warmup, 1 - step / config.steps)


def refine(
    student: Student,
    optimizer: torch.optim.Optimizer,
    teacher: VGG19,
    pictures: Callable[[int], Tensor],
    config: TrainingConfig,
    start: int = 0,
) -> Iterator[tuple[int, float, float]]:
    """Change the student's weights from step `start` on; yield steps done, loss, learning rate."""
    for step in range(start, config.steps):
        first = config.fitted + step * config.batch  # the first ones were for the least squares
        x = torch.cat([pictures(first + k) for k in range(config.batch)])
        rate = learning_rate(step, config)
        for group in optimizer.param_groups:
            group["lr"] = rate * group["rms"]
        optimizer.zero_grad(set_to_none=True)
        loss = response_loss(student, teacher, x, config)
        loss.backward()
        optimizer.step()
        yield step + 1, loss.item(), rate
