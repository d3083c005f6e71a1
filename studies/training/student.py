"""The student, a VGG-19 whose filters answer for some of the teacher's, and its first weights.

The filters are those that explain the others best. Layer by layer, they are fitted by linear
least squares on the student's own inputs.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import Tensor
from tqdm import tqdm

from nst.convolution import convolve
from nst.inputs.weights import Weights
from nst.method.losses import gram_matrix
from nst.method.vgg import CONVOLUTIONS, LAYERS, VGG19, Preprocessing

# Oxford's VGG-19, the teacher; the student takes it over.
PREPROCESSING = Preprocessing(255.0, (103.939, 116.779, 123.68), bgr=True)
USED = CONVOLUTIONS[: CONVOLUTIONS.index("conv5_1") + 1]  # by the paper
ROWS = 4096  # positions whose products are made in float32; their sums are float64
NOTHING = 1e-9  # of the mean second moment: what is left of a filter that others explain


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


@torch.no_grad()
def fit(teacher: Weights, pictures: list[Tensor], config: TrainingConfig) -> Student:
    """Fit every layer of a student to the responses to pictures, each (1, 3, H, W).

    Both networks advance together, one layer at a time: only one layer's responses to all pictures
    are kept.
    """
    student = Student()
    theirs = [PREPROCESSING(x) for x in pictures]
    own = list(theirs)
    for name in tqdm(LAYERS, desc="least squares"):
        if name.startswith("pool"):
            for responses in (own, theirs):
                for i, x in enumerate(responses):
                    responses[i] = F.avg_pool2d(x, 2, ceil_mode=True)
            continue
        W, b = teacher[f"{name}.weight"], teacher[f"{name}.bias"]
        moments = torch.zeros(len(W), len(W), dtype=torch.float64)
        positions = 0
        for i in range(len(pictures)):
            theirs[i] = convolve(theirs[i], W, b)  # rectified below, when the targets are taken
            moments += gram_matrix(F.relu(theirs[i]))[0]
            positions += theirs[i][0, 0].numel()
        share = config.widths[int(name[4]) - 1 if name in USED else -1]
        chosen = choose_filters(moments, max(1, round(share * len(W))))
        student.chosen[name] = chosen
        student.squares[name] = (moments.diagonal()[chosen].mean() / positions).item()
        X, Y = samples(own, theirs, chosen, config)
        solution = least_squares(X, Y, config.ridge, config.rounds)
        weight = solution[:-1].T.reshape(len(chosen), -1, 3, 3).contiguous()
        student.weights |= {f"{name}.weight": weight, f"{name}.bias": solution[-1].clone()}
        for i in range(len(pictures)):
            own[i] = F.relu(convolve(own[i], weight, solution[-1]))
            theirs[i] = F.relu(theirs[i])
    return student


def choose_filters(moments: Tensor, count: int) -> list[int]:
    """Choose `count` filters, in rising order, by a pivoted Cholesky decomposition.

    Each pivot is the filter whose response, times the right factors, takes the most from what is
    left of all responses. Duplicates leave nothing to each other.

    Args: moments (N, N), second moments of the rectified responses.
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


def samples(
    own: list[Tensor], theirs: list[Tensor], chosen: list[int], config: TrainingConfig
) -> tuple[Tensor, Tensor]:
    """Return a layer's inputs and targets at random positions of every picture.

    Args: own, theirs, (1, N, H, W) each: the student's inputs, the teacher's pre-activations.
    Returns (M, 9 N + 1), the 3 x 3 inputs and a 1; and (M, N'), the chosen filters.
    """
    rng = torch.Generator().manual_seed(config.seed)
    inputs, targets = [], []
    for x, z in zip(own, theirs, strict=True):
        patches, responses = F.unfold(x, 3, padding=1)[0], z[0].flatten(1)[chosen]
        taken = torch.randperm(patches.shape[1], generator=rng)[: config.positions]
        inputs.append(F.pad(patches[:, taken].T, (0, 1), value=1.0))
        targets.append(responses[:, taken].T)
    return torch.cat(inputs), torch.cat(targets)


def least_squares(X: Tensor, Y: Tensor, ridge: float, rounds: int) -> Tensor:
    """Solve X S = Y for S in the least-squares sense, where it matters after rectification.

    Where Y is below zero, any value below zero will do: each of the `rounds` after the first asks
    there for what the last solution gives, if that is below zero, and else for zero.

    Args: X (M, K), Y (M, N); `ridge`, added to the second moments of X, each column of norm 1.
    Returns (K, N), float32.
    """
    moments = product(X, X)
    norms = moments.diagonal().sqrt().clamp(min=math.sqrt(moments.diagonal().mean()) * 1e-6)
    system = moments / torch.outer(norms, norms) + ridge * torch.eye(len(norms)).double()
    factor = torch.linalg.cholesky(system)
    target = Y
    for remaining in range(rounds, -1, -1):
        right = product(X, target) / norms[:, None]
        solution = (torch.cholesky_solve(right, factor) / norms[:, None]).float()
        if remaining:
            target = torch.where(Y < 0, (X @ solution).clamp(max=0), Y)
    return solution


def product(A: Tensor, B: Tensor) -> Tensor:
    """Return A^T B of A (M, K) and B (M, N): (K, N), float64."""
    total = torch.zeros(A.shape[1], B.shape[1], dtype=torch.float64)
    for a, b in zip(A.split(ROWS), B.split(ROWS), strict=True):
        total += a.T @ b
    return total
