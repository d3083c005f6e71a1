"""What a network can do, and how near it is to its teacher; one row per network.

Photograph and artwork are those of the settings, and should be unknown to the network.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from nst.config import Config
from nst.inputs.images import load_image
from nst.inputs.loading import Inputs, load_inputs, load_levels
from nst.inputs.sources import input_files, network_file
from nst.inputs.weightfiles import read_metadata, read_weights
from nst.method.objective import Objective
from nst.method.vgg import MINIMUM_PIXELS, VGG19
from nst.runs.objectives import make_objective
from nst.runs.overrides import compose
from nst.runs.pipeline import make_init, run_levels
from studies.measures.controls import as_photograph
from studies.measures.metrics import colour_distance, correlation_length, psnr, ssim
from studies.training.comparison import gradient_cosine, images_of_trajectory, relative_errors
from studies.training.learning import USED
from studies.training.pictures import find_photographs
from studies.training.student import PREPROCESSING

CPU = torch.device("cpu")
LAYER_SETS = "abcde"
FIGURE_3 = (1e-5, 1e-4, 1e-3, 1e-2)
ALONG = (1, 5, 20, 60, 150)  # evaluations at which gradients are compared
EVERY = 10  # of the held-out photographs, one in so many is enough


def network_row(network: str, settings: Sequence[str]) -> dict[str, Any]:
    """Measure reconstructions and transfers with `network` (NAME or NAME=FILE) from white noise.

    Content reconstructions a-e: PSNR and SSIM against the photograph. Style reconstructions a-e:
    colour distance to the artwork, and correlation length. Transfers at the ratios of Figure 3:
    distances to the content and to the style.
    """
    config = _config(network, settings)
    row: dict[str, Any] = {"network": network, "size": config.size}
    row |= {"schedule": config.schedule.name, "evaluations": config.evaluations}
    for layer_set in LAYER_SETS:
        own = _config(network, [*settings, "task=content", f"layer_set={layer_set}"])
        image, inputs = _synthesize(own)
        row[f"content_{layer_set}_psnr"] = psnr(image, inputs.photograph)
        row[f"content_{layer_set}_ssim"] = ssim(image, inputs.photograph)
    for layer_set in LAYER_SETS:
        own = _config(network, [*settings, "task=style", f"layer_set={layer_set}"])
        image, inputs = _synthesize(own)
        row[f"style_{layer_set}_colour"] = colour_distance(image, inputs.artworks[0].image)
        row[f"style_{layer_set}_length"] = correlation_length(image)
    for ratio in FIGURE_3:
        content, style = _transfer(_config(network, [*settings, f"ratio={ratio}"]))
        row |= {f"transfer_{ratio:g}_content": content, f"transfer_{ratio:g}_style": style}
    return row


def teacher_row(
    network: str, settings: Sequence[str], teacher: Path, photographs: Path
) -> dict[str, Any]:
    """Compare `network` with its teacher: gradients, and the errors of a student's layers.

    Gradients are those of the transfer's whole loss, at images that a synthesis with the network
    itself evaluates. Errors are over the held-out files in the folder `photographs`.
    """
    config = _config(network, settings)
    row: dict[str, Any] = {"network": network, "size": config.size, "ratio": config.ratio}
    file, inputs = network_file(config), load_inputs(config, input_files(config))
    objective = _objective(config, inputs)
    target = _objective(_config(f"oxford={teacher}", settings), inputs)
    along = [n for n in ALONG if n <= config.evaluations]
    trajectory = images_of_trajectory(objective, make_init(config, inputs), config.optimizer, along)
    for evaluation, x in zip(along, trajectory, strict=False):
        row[f"cosine_{evaluation}"] = gradient_cosine(objective, target, x)
    if file and (chosen := read_metadata(file).get("chosen")):
        student, whole = (VGG19(read_weights(f), PREPROCESSING) for f in (file, teacher))
        kept = find_photographs(photographs)[1][::EVERY]
        pictures = (load_image(path, config.size, MINIMUM_PIXELS) for path in kept)
        errors = relative_errors(student, whole, json.loads(chosen), pictures, USED)
        row |= {f"error_{name}": error for name, error in errors.items()}
    return row


def _config(network: str, settings: Sequence[str]) -> Config:
    name, _, path = network.partition("=")
    return compose([f"network={name}", *([f"network.path={path}"] if path else []), *settings])


def _objective(config: Config, inputs: Inputs) -> Objective:
    return make_objective(config, network_file(config), inputs, CPU)


def _synthesize(config: Config) -> tuple[Tensor, Inputs]:
    """Return the image of a configuration, and the inputs that it was made from."""
    levels = load_levels(config, input_files(config))
    return run_levels(config, network_file(config), levels, CPU).image, levels[1.0]


def _transfer(config: Config) -> tuple[float, float]:
    """Return a transfer's distances to the photograph's content and to the artwork's style.

    Square roots of Eqs (1) and (5), in units of the distance between the two sources: of the
    artwork's content, cut to the photograph's shape, and of the photograph's style.
    """
    image, inputs = _synthesize(config)
    objective = _objective(config, inputs)
    at = objective(image)
    content = objective(as_photograph(inputs.artworks[0].image, inputs.photograph)).content
    style = objective(inputs.photograph).style
    return (at.content / content).sqrt().item(), (at.style / style).sqrt().item()
