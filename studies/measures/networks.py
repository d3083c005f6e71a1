"""What a network can do, and how near it is to its teacher; one row per network.

Photograph and artwork are those of the settings, and should be unknown to the network.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from nst.config import Config
from nst.inputs.images import load_image
from nst.inputs.loading import Inputs, load_inputs, load_levels
from nst.inputs.sources import input_files, network_file
from nst.inputs.weightfiles import read_metadata, read_weights
from nst.method.objective import Objective, loss_and_gradient
from nst.method.optimizers import OptimizerConfig
from nst.method.synthesis import Level, synthesize
from nst.method.vgg import MINIMUM_PIXELS, VGG19
from nst.runs.objectives import make_objective
from nst.runs.overrides import compose
from nst.runs.pipeline import make_init, run_levels
from studies.measures.comparing import as_photograph
from studies.measures.metrics import colour_distance, correlation_length, psnr, ssim
from studies.training.pictures import find_photographs
from studies.training.student import PREPROCESSING, USED, relative_errors

CPU = torch.device("cpu")
LAYER_SETS = "abcde"
FIGURE_3 = (1e-5, 1e-4, 1e-3, 1e-2)
ALONG = (1, 5, 20, 60, 150)  # evaluations at which gradients are compared
EVERY = 10  # of the held-out photographs, one in so many is enough


def network_row(network: str, settings: Sequence[str]) -> dict[str, Any]:
    """Measure reconstructions and transfers with `network` (NAME or NAME=FILE) from white noise.

    Content reconstructions a-e: PSNR and SSIM against the photograph. Style reconstructions a-e:
    colour distance to the artwork, and correlation length. Transfers at the ratios of Figure 3:
    distances to the content and to the style, square roots of Eqs (1) and (5), in units of the
    distance between the two sources: of the artwork's content, cut to the photograph's shape, and
    of the photograph's style.
    """
    config = configured(network, settings)
    row: dict[str, Any] = {"network": network, "size": config.size}
    row |= {"schedule": config.schedule.name, "evaluations": config.evaluations}
    for own in LAYER_SETS:
        _, x, inputs = computed(network, [*settings, "task=content", f"layer_set={own}"])
        row[f"content_{own}_psnr"] = psnr(x, inputs.photograph)
        row[f"content_{own}_ssim"] = ssim(x, inputs.photograph)
    for own in LAYER_SETS:
        _, x, inputs = computed(network, [*settings, "task=style", f"layer_set={own}"])
        row[f"style_{own}_colour"] = colour_distance(x, inputs.artworks[0].image)
        row[f"style_{own}_length"] = correlation_length(x)
    for ratio in FIGURE_3:
        config, x, inputs = computed(network, [*settings, f"ratio={ratio}"])
        loss, photograph = objective_of(config, inputs), inputs.photograph
        found, artwork = loss(x), as_photograph(inputs.artworks[0].image, photograph)
        content, style = found.content / loss(artwork).content, found.style / loss(photograph).style
        row[f"transfer_{ratio:g}_content"] = content.sqrt().item()
        row[f"transfer_{ratio:g}_style"] = style.sqrt().item()
    return row


def teacher_row(
    network: str, settings: Sequence[str], teacher: Path, photographs: Path
) -> dict[str, Any]:
    """Compare `network` with its teacher: gradients, and the errors of a student's layers.

    Gradients are those of the transfer's whole loss, at images that a synthesis with the network
    itself evaluates. Errors are over the held-out files in the folder `photographs`.
    """
    config = configured(network, settings)
    row: dict[str, Any] = {"network": network, "size": config.size, "ratio": config.ratio}
    file, inputs = network_file(config), load_inputs(config, input_files(config))
    loss = objective_of(config, inputs)
    target = objective_of(configured(f"oxford={teacher}", settings), inputs)
    along = [n for n in ALONG if n <= config.evaluations]
    trajectory = images_of_trajectory(loss, make_init(config, inputs), config.optimizer, along)
    for evaluation, x in zip(along, trajectory, strict=False):
        row[f"cosine_{evaluation}"] = gradient_cosine(loss, target, x)
    if file and (chosen := read_metadata(file).get("chosen")):
        student, whole = (VGG19(read_weights(f), PREPROCESSING) for f in (file, teacher))
        kept = find_photographs(photographs)[1][::EVERY]
        pictures = (load_image(path, config.size, MINIMUM_PIXELS) for path in kept)
        errors = relative_errors(student, whole, json.loads(chosen), pictures, USED)
        row |= {f"error_{name}": error for name, error in errors.items()}
    return row


def configured(network: str, settings: Sequence[str]) -> Config:
    """Return the configuration of a network, NAME or NAME=FILE."""
    name, _, path = network.partition("=")
    return compose([f"network={name}", *([f"network.path={path}"] if path else []), *settings])


def objective_of(config: Config, inputs: Inputs) -> Objective:
    """Return the objective of a configuration, on the CPU."""
    return make_objective(config, network_file(config), inputs, CPU)


def computed(network: str, settings: Sequence[str]) -> tuple[Config, Tensor, Inputs]:
    """Return the configuration of a network, its image, and what that was made from."""
    config = configured(network, settings)
    levels = load_levels(config, input_files(config))
    return config, run_levels(config, network_file(config), levels, CPU).image, levels[1.0]


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
