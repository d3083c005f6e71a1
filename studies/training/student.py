"""The student, a VGG-19 whose filters answer for some of the teacher's, and how it learns."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import torch
from torch import Tensor

from nst.inputs.weightfiles import Weights
from nst.method.vgg import CONVOLUTIONS, VGG19, Preprocessing

# Oxford's VGG-19, the teacher; the student takes it over.
PREPROCESSING = Preprocessing(255.0, (103.939, 116.779, 123.68), bgr=True)
USED = CONVOLUTIONS[: CONVOLUTIONS.index("conv5_1") + 1]  # by the paper


@dataclass
class TrainingConfig:
    """How the embedded network is distilled; configs/train.yaml has the values, with reasons."""

    teacher: str
    data: str
    output: str
    seed: int
    widths: list[float]  # five blocks; conv5_2 on
    pixels: int
    kinds: dict[str, float]
    fitted: int  # pictures of the least squares
    positions: int  # of a picture, in each layer
    ridge: float
    rounds: int
    steps: int
    batch: int
    learning_rate: float
    warmup: int
    momentum: float
    memory: float
    bfloat16: bool
    floor: float
    beyond: float
    measured: int  # held-out photographs
    report_every: int
    checkpoint_every: float  # seconds


@dataclass
class Student:
    """Weights, and for each convolution the teacher's filters that it learns and their strength.

    `squares` holds the mean square of the chosen filters' rectified responses.
    """

    weights: Weights = field(default_factory=dict)
    chosen: dict[str, list[int]] = field(default_factory=dict)
    squares: dict[str, float] = field(default_factory=dict)

    def network(self) -> VGG19:
        """Return the network of the weights, as they are now, and differentiable in them."""
        return VGG19(self.weights, PREPROCESSING)


@torch.no_grad()
def relative_errors(
    student: Student, teacher: VGG19, pictures: Iterable[Tensor]
) -> dict[str, float]:
    """Return ||F_student - F_teacher|| / ||F_teacher|| of each layer's chosen filters.

    Pictures are (1, 3, H, W), RGB in [0, 1].
    """
    errors, norms = dict.fromkeys(CONVOLUTIONS, 0.0), dict.fromkeys(CONVOLUTIONS, 0.0)
    network = student.network()
    for x in pictures:
        own, theirs = network(x, CONVOLUTIONS), teacher(x, CONVOLUTIONS)
        for name, chosen in student.chosen.items():
            target = theirs[name][:, chosen]
            errors[name] += (own[name] - target).square().sum().item()
            norms[name] += target.square().sum().item()
    return {name: (errors[name] / (norms[name] or 1.0)) ** 0.5 for name in CONVOLUTIONS}
