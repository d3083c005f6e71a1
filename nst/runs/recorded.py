"""A cell as it was recorded: its picture, its inputs, and the objective they were made with."""

from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from nst.config import Config, artworks, masks
from nst.errors import InputError
from nst.inputs.images import load_image, load_mask, open_rgb, to_tensor
from nst.inputs.weights import checksum, weights_file
from nst.method.objective import Objective
from nst.method.pixels import white_noise
from nst.method.vgg import VGG19
from nst.runs.objectives import make_network, make_objective
from nst.runs.records import INPUTS, input_file, one_row, picture_file, read_record


class Recorded:
    """The record in a cell's folder, which has to be there.

    Inputs are what the network saw, at the picture's resolution, to 8 bits.
    """

    def __init__(self, folder: Path, device: str = "cpu") -> None:
        record = read_record(folder)
        if record is None:
            raise InputError(f"no record in {folder}: compute the cell")
        self.folder, self.device = folder, torch.device(device)
        self.record, self.settings = record, record["settings"]
        self.config: Config = known(Config, self.settings)

    @property
    def image(self) -> Tensor:
        """The synthesized picture (1, 3, H, W)."""
        return to_tensor(open_rgb(picture_file(self.folder))).to(self.device)

    @property
    def photograph(self) -> Tensor:
        """The photograph (1, 3, H, W)."""
        return self.input("content")

    @property
    def artwork(self) -> Tensor:
        """The artwork (1, 3, H', W'); raise `InputError` if the cell had none."""
        return self.input("style")

    def input(self, name: str) -> Tensor:
        """Return the input ``content``, ``style``, ``style_2``, ..."""
        path = self.file(name)
        if path.parent.name == INPUTS:  # as the network saw it
            return to_tensor(open_rgb(path)).to(self.device)
        return load_image(path, self.settings["size"], 1).to(self.device)

    def file(self, name: str) -> Path:
        """Return the file of an input; raise `InputError` if it is not here."""
        if name not in self.record["inputs"]:
            raise InputError(f"{self.folder} has no input {name!r}")
        path = input_file(one_row(self.record) | {"folder": self.folder}, name)
        if path is None:
            raise InputError(f"the {name} image of {self.folder} is not here: make images")
        return path

    @property
    def start(self) -> Tensor:
        """The white noise (1, 3, H, W) that the cell started from."""
        start, (height, width) = self.config.start, self.photograph.shape[2:]
        noise = white_noise(height, width, self.config.seed, start.mean, start.deviation)
        return noise.to(self.device)

    @property
    def weights(self) -> Path | None:
        """The file of the network's weights; raise `InputError` if they have changed since."""
        path = weights_file(self.config.network, Path(self.config.data) / "weights")
        if path and checksum(path) != self.settings["checksums"]["network"]:
            raise InputError(f"{path} is not what {self.folder} was made with: restore it")
        return path

    def network(self) -> VGG19:
        """Return the cell's network."""
        return make_network(self.config.network, self.weights, self.device)

    def objective(self) -> Objective:
        """Return the loss that the cell minimized."""
        images = {"content": self.photograph}
        if self.config.beta:
            height, width = images["content"].shape[2:]
            images |= {name: self.input(name) for name in artworks(self.config)}
            for name in masks(self.config):
                images[name] = load_mask(self.file(name), width, height)
        return make_objective(self.config, self.weights, images, self.device)


def known(kind: type, settings: dict[str, Any]) -> Any:
    """Return settings as a dataclass of `kind`, without those that it no longer has."""
    values = {}
    for each in fields(kind):
        if each.name in settings:
            nested: Any = each.type if is_dataclass(each.type) else None
            value = settings[each.name]
            values[each.name] = known(nested, value) if nested else value
    return kind(**values)
