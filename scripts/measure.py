"""Measure what a network can do: python scripts/measure.py embedded random --output FILE.csv

Content reconstructions, style reconstructions and transfers of a photograph and an artwork that
the network has not seen, each from white noise; one row per network.

With --teacher FILE it measures how near a network is to the one that it was learned from, instead:
python scripts/measure.py oxford=STUDENT --teacher vgg19.safetensors --data path/to/caltech101
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from torch import Tensor

from nst.config import Config
from nst.errors import run_script
from nst.files import write_files
from nst.inputs.images import load_image
from nst.inputs.sources import input_files, load_images
from nst.inputs.weightfiles import read_metadata, read_weights
from nst.method.vgg import MINIMUM_PIXELS, VGG19
from nst.runs.objectives import make_objective
from nst.runs.overrides import compose
from nst.runs.pipeline import make_start, run_levels
from studies.measures.controls import as_photograph
from studies.measures.metrics import colour_distance, correlation_length, psnr, ssim
from studies.training.comparison import gradient_cosine, images_of_course, relative_errors
from studies.training.learning import USED
from studies.training.photographs import find_photographs
from studies.training.student import PREPROCESSING

CPU = torch.device("cpu")
DEPTHS = "abcde"
FIGURE_3 = (1e-5, 1e-4, 1e-3, 1e-2)
ALONG = (1, 5, 20, 60, 150)  # evaluations at which gradients are compared


class Bench:
    """One network, one photograph, one artwork."""

    def __init__(self, network: str, options: argparse.Namespace) -> None:
        self.network, self.options = network, options
        self.always: list[str] = list(options.set)

    def config(self, *overrides: str) -> Config:
        """Return the configuration of one image."""
        name, _, path = self.network.partition("=")
        options = self.options
        common = [f"network={name}", f"size={options.size}", f"evaluations={options.evaluations}"]
        if path:
            common += [f"network.path={path}"]
        if options.photograph:
            common.append(f"content.path={options.photograph}")
        if options.artwork:
            common.append(f"style.path={options.artwork}")
        return compose([*common, *self.always, *overrides])

    def synthesize(self, config: Config) -> tuple[Tensor, dict[str, Tensor]]:
        """Return the image of a configuration, and the images it was made from."""
        files = input_files(config)
        images = load_images(config, files)
        image = run_levels(config, files, CPU).image
        print(self.network, config.depth, config.alpha, config.beta, file=sys.stderr)
        return image, images

    def content(self) -> dict[str, float]:
        """Return PSNR and SSIM of content reconstructions a-e against the photograph."""
        row = {}
        for depth in DEPTHS:
            image, images = self.synthesize(self.config("reconstruct=content", f"depth={depth}"))
            row[f"content_{depth}_psnr"] = psnr(image, images["content"])
            row[f"content_{depth}_ssim"] = ssim(image, images["content"])
        return row

    def style(self) -> dict[str, float]:
        """Return style reconstructions a-e: colour distance to the artwork, correlation length."""
        row = {}
        for depth in DEPTHS:
            image, images = self.synthesize(self.config("reconstruct=style", f"depth={depth}"))
            row[f"style_{depth}_colour"] = colour_distance(image, images["style"])
            row[f"style_{depth}_length"] = correlation_length(image)
        return row

    def transfer(self, ratio: float) -> tuple[float, float]:
        """Return distances to the photograph's content and to the artwork's style at alpha/beta.

        Square roots of Eqs (1) and (5), in units of the distance between the two sources: of the
        artwork's content, cut to the photograph's shape, and of the photograph's style.
        """
        config = self.config(f"ratio={ratio}")
        image, images = self.synthesize(config)
        objective = make_objective(config, input_files(config)["network"], images, CPU)
        at = objective(image)
        content = objective(as_photograph(images["style"], images["content"])).content
        style = objective(images["content"]).style
        return (at.content / content).sqrt().item(), (at.style / style).sqrt().item()


def measure(network: str, options: argparse.Namespace) -> dict[str, Any]:
    """Return the row of one network."""
    bench = Bench(network, options)
    row: dict[str, Any] = {"network": network, "size": options.size}
    config = bench.config()
    row |= {"schedule": config.schedule.name, "evaluations": config.evaluations}
    row |= bench.content() | bench.style()
    for ratio in FIGURE_3:
        content, style = bench.transfer(ratio)
        row |= {f"transfer_{ratio:g}_content": content, f"transfer_{ratio:g}_style": style}
    return row


def compare(network: str, options: argparse.Namespace) -> dict[str, Any]:
    """Return a network's row beside the teacher: gradients, and errors of a student's layers.

    Gradients are those of the transfer's whole loss, at images of the network's own course.
    """
    bench, teacher = Bench(network, options), Bench(f"oxford={options.teacher}", options)
    config = bench.config()
    files = input_files(config)
    images = load_images(config, files)
    objective = make_objective(config, files["network"], images, CPU)
    target = make_objective(teacher.config(), options.teacher, images, CPU)
    along = [n for n in ALONG if n <= config.evaluations]
    course = images_of_course(objective, make_start(config, images), config.optimizer, along)
    cosines = [gradient_cosine(objective, target, x) for x in course]
    row: dict[str, Any] = {"network": network, "size": options.size, "ratio": config.ratio}
    row |= {f"cosine_{n}": cosine for n, cosine in zip(along, cosines, strict=False)}
    row |= {"cosine_min": min(cosines), "cosine_mean": sum(cosines) / len(cosines)}
    if files["network"] and (noted := read_metadata(files["network"]).get("chosen")):
        student = VGG19(read_weights(files["network"]), PREPROCESSING)
        kept = find_photographs(options.data).held_out[:: options.every]
        photographs = (load_image(path, options.size, MINIMUM_PIXELS) for path in kept)
        whole = VGG19(read_weights(options.teacher), PREPROCESSING)
        errors = relative_errors(student, whole, json.loads(noted), photographs, USED)
        row |= {f"error_{name}": error for name, error in errors.items()}
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("networks", nargs="+", help="embedded, random, ... or file=PATH")
    parser.add_argument("--output", type=Path, help="CSV to which rows are added")
    parser.add_argument("--photograph", help="default: the demo's")
    parser.add_argument("--artwork", help="default: the demo's")
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--evaluations", type=int, default=300)
    parser.add_argument("--set", nargs="*", default=[], help="more settings, such as panel=F")
    parser.add_argument("--teacher", type=Path, help="Oxford's VGG-19, to be compared with")
    parser.add_argument("--data", type=Path, help="with --teacher: the photographs of make train")
    parser.add_argument("--every", type=int, default=10, help="of the held-out photographs")
    options = parser.parse_args()
    if options.teacher and not options.data:
        parser.error("--teacher needs --data, for held-out photographs")
    for network in options.networks:
        row = (compare if options.teacher else measure)(network, options)
        print(row)
        if options.output:
            append(options.output, row)


def append(path: Path, row: dict[str, Any]) -> None:
    """Add a row to a CSV, in place of an earlier one of the same network."""
    frame = pd.read_csv(path) if path.exists() else pd.DataFrame()
    if not frame.empty:
        frame = frame[frame["network"] != row["network"]]
    frame = pd.concat([frame, pd.DataFrame([row])], ignore_index=True)
    write_files(path.parent, {path.name: frame.to_csv(index=False, float_format="%.4g").encode()})


if __name__ == "__main__":
    run_script(main)
