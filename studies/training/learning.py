"""A whole training: photographs and a teacher -> a file of weights and its training curve.

After the least squares of `studies.training.student`, Adam on the responses of all layers at once.
"""

import copy
import io
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from matplotlib import colormaps
from matplotlib.figure import Figure
from safetensors.torch import save
from torch import Tensor
from tqdm import tqdm

from nst.errors import InputError
from nst.files import check_folder, sha256, write_files
from nst.inputs.weights import in_eight_bits, read_weights
from nst.method.vgg import CONVOLUTIONS, VGG19
from nst.runs.checkpoint import Checkpoint
from studies.training.pictures import KINDS, find_photographs, make_picture
from studies.training.student import (
    PREPROCESSING,
    USED,
    Student,
    TrainingConfig,
    fit,
    relative_errors,
)


@dataclass
class Training:
    """The state of a training: the student, the curve's rows, and losses since the last row."""

    student: Student
    optimizer: dict[str, Any] | None = None
    step: int = 0
    rows: list[dict[str, float]] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)


def learn(config: TrainingConfig) -> Path:
    """Train, from the last checkpoint if there is one; return the file of weights.

    Raises `InputError`, before anything is written, if teacher, photographs or output are no use.
    """
    teacher, output = Path(config.teacher), Path(config.output)
    if not teacher.is_file():
        raise InputError(f"no file at {teacher}: teacher= names VGG-19's weights")
    if unknown := set(config.kinds) - set(KINDS):
        raise InputError(f"kinds: no {min(unknown)!r}; use {', '.join(KINDS)}")
    if len(config.widths) != 6 or not all(0 < share <= 1 for share in config.widths):
        raise InputError(f"widths={config.widths}: use six, each above 0 and at most 1")
    (learned, held_out), weights = find_photographs(Path(config.data)), read_weights(teacher)
    check_folder(output)
    settings = asdict(config) | {"checksum": sha256(teacher)}
    checkpoint = Checkpoint(output, settings, config.checkpoint_every)
    make = partial(make_picture, learned, config.kinds, config.pixels, config.seed)
    if kept := checkpoint.read():
        training = Training(**kept | {"student": Student(**kept["student"])})
    else:
        numbers = tqdm(range(config.fitted), desc="pictures", mininterval=10)
        training = Training(fit(weights, [make(index) for index in numbers], config))
    make_other = partial(make_picture, held_out, {"photograph": 1.0}, config.pixels, config.seed)
    others = [make_other(index) for index in range(config.measured)]
    network = VGG19(weights, PREPROCESSING)
    measure = partial(relative_errors, training.student, network, others)
    refine(training, network, make, measure, config, checkpoint)
    write(output, training)
    checkpoint.path.unlink(missing_ok=True)
    return output / "weights.safetensors"


def refine(
    training: Training,
    teacher: VGG19,
    make: Callable[[int], Tensor],
    measure: Callable[[], dict[str, float]],
    config: TrainingConfig,
    checkpoint: Checkpoint,
) -> None:
    """Refine the student on pictures by number, adding rows to the curve at intervals.

    The learning rate has a short warm-up for Adam's averages, and then falls to 0.
    """
    optimizer = make_optimizer(training.student, config)
    if training.optimizer:
        optimizer.load_state_dict(training.optimizer)

    def state() -> dict[str, Any]:
        return asdict(training) | {"optimizer": optimizer.state_dict()}

    if not training.rows:
        training.rows.append({"step": 0} | measure())
    shown = copy.deepcopy(teacher).to(torch.bfloat16) if config.bfloat16 else teacher
    steps = range(training.step, config.steps)
    for step in tqdm(steps, "refining", config.steps, initial=training.step, mininterval=10):
        first = config.fitted + step * config.batch  # the first ones were for the least squares
        x = torch.cat([make(first + k) for k in range(config.batch)])
        rate = config.learning_rate * min((step + 1) / config.warmup, 1 - step / config.steps)
        for group in optimizer.param_groups:
            group["lr"] = rate * group["rms"]
        optimizer.zero_grad(set_to_none=True)
        loss = response_loss(training.student, shown, x, config)
        loss.backward()
        optimizer.step()
        training.step = step + 1
        training.losses.append(loss.item())
        if training.step % config.report_every == 0 or training.step == config.steps:
            mean = sum(training.losses) / len(training.losses)
            row = {"step": training.step, "loss": mean, "learning_rate": rate}
            training.rows.append(row | measure())
            training.losses = []
        checkpoint.offer(state)


def make_optimizer(student: Student, config: TrainingConfig) -> torch.optim.Adam:
    """Return Adam with a rate for each tensor, relative to the root mean square of its weights.

    Adam moves every weight by about the learning rate, and weights differ much between layers.
    """
    groups = [
        {"params": [w.requires_grad_()], "rms": w.square().mean().sqrt().item()}
        for w in student.weights.values()
    ]
    return torch.optim.Adam(groups, betas=(config.momentum, config.memory))


def response_loss(student: Student, teacher: VGG19, x: Tensor, config: TrainingConfig) -> Tensor:
    """Return the squared error of responses to x (B, 3, H, W), relative to the teacher's.

    The mean over layers and pictures. A picture in which a layer hardly responds counts by a share
    (`floor`) of what the layer does on average; what no figure uses, conv5_2 on, by `beyond`.
    """
    with torch.no_grad():
        theirs = teacher(x, CONVOLUTIONS)
    with torch.autocast("cpu", torch.bfloat16, enabled=config.bfloat16):
        own = student.network()(x, CONVOLUTIONS)
    shares = {name: 1.0 if name in USED else config.beyond for name in CONVOLUTIONS}
    total = x.new_zeros(())
    for name, share in shares.items():
        target = theirs[name][:, student.chosen[name]]
        unit = target.square().mean((1, 2, 3)).clamp(min=config.floor * student.squares[name])
        error = (own[name] - target).square().mean((1, 2, 3)) / unit
        total = total + share * error.mean()
    return total / sum(shares.values())


def write(output: Path, training: Training) -> None:
    """Write the curve and the 8-bit weights; their metadata list the chosen filters."""
    curve = pd.DataFrame(training.rows)
    weights = {name: w.detach() for name, w in training.student.weights.items()}
    # A single note: safetensors writes several in any order, and bytes would differ.
    notes = {"chosen": json.dumps(training.student.chosen)}
    contents = {
        "training.csv": curve.to_csv(index=False, float_format="%.5g").encode(),
        "training.png": draw(curve),
        "weights.safetensors": save(in_eight_bits(weights), metadata=notes),
    }
    write_files(output, contents)


def draw(curve: pd.DataFrame) -> bytes:
    """Draw the curve as a PNG: the loss, and the error of the layers that figures use."""
    figure = Figure(figsize=(8, 6), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True)
    if "loss" in curve:
        above.plot(curve["step"], curve["loss"], linewidth=1)
    above.set(ylabel="loss", yscale="log")
    below.set_prop_cycle(color=colormaps["turbo"](np.linspace(0, 1, len(USED))))
    below.plot(curve["step"], curve[[*USED]], linewidth=1, label=USED)
    below.set(xlabel="step", ylabel="relative error, held out", yscale="log")
    below.legend(fontsize=7, ncols=4)
    buffer = io.BytesIO()
    figure.savefig(buffer, dpi=100, metadata={"Software": None})
    return buffer.getvalue()
