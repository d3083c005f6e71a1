"""A cell as it was recorded: its picture, inputs and objective."""

import functools
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from nst.config import Config, ImageConfig, artworks, images_used
from nst.errors import InputError
from nst.inputs.imagefiles import open_rgb
from nst.inputs.images import to_tensor
from nst.inputs.loading import Inputs, load_inputs
from nst.inputs.sources import image_file, network_file, stored
from nst.inputs.weights import checksum
from nst.method.objective import Artwork, Objective
from nst.method.vgg import VGG19
from nst.runs.objectives import make_init, make_network, make_objective
from nst.runs.records import picture_file, read_record


class Replay:
    """The record in a cell's folder; raise `InputError` if there is none.

    Inputs are what the network saw, at the picture's resolution, in 8 bits.
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
        """Return an input as the network saw it: ``content``, ``style``, ``style_2``, ``mask``...

        Raise `InputError` if the cell has no such input, or neither a copy nor the original exists.
        """
        kept = self.record["inputs"].get(name, {}).get("image")
        if kept and (self.folder / kept).is_file():
            x = to_tensor(open_rgb(self.folder / kept))
            return (x[:, :1] if name.startswith("mask") else x).to(self.device)
        if name not in self.settings["checksums"]:
            raise InputError(f"{self.folder} has no input {name!r}")
        return self.originals[name].to(self.device)

    @functools.cached_property
    def originals(self) -> dict[str, Tensor]:
        """The inputs, from the files that the run read; raise `InputError` if one is not there."""
        files, data = {}, Path(self.config.data)
        for name, image in images_used(self.config).items():
            if isinstance(image, ImageConfig) and image.source.startswith("http"):
                path = stored(image, data)  # nothing is downloaded
            else:
                path = image_file(image, name, data)
            if not path.is_file() or checksum(path) != self.settings["checksums"][name]:
                raise InputError(f"the {name} image of {self.folder} is not here: make images")
            files[name] = path
        return load_inputs(self.config, files).named(self.config)

    @property
    def init(self) -> Tensor:
        """The starting image of the cell (1, 3, H, W), at the size of its picture."""
        init = self.input("init") if self.config.init == "file" else None
        return make_init(self.config, Inputs(self.photograph, init=init)).to(self.device)

    @property
    def weights(self) -> Path | None:
        """The file of the network's weights; raise `InputError` if it has changed."""
        path = network_file(self.config)
        if path and checksum(path) != self.settings["checksums"]["network"]:
            raise InputError(f"{path} is not what {self.folder} was made with: restore it")
        return path

    def network(self) -> VGG19:
        """Return the cell's network."""
        return make_network(self.config.network, self.weights, self.device)

    def objective(self) -> Objective:
        """Return the loss that the cell minimized."""
        there = self.settings["checksums"]
        painted = [
            Artwork(self.input(name), mask=self.input(mask) if mask in there else None)
            for name, mask in artworks(self.config).items()
            if name in there
        ]
        inputs = Inputs(self.photograph, tuple(painted))
        return make_objective(self.config, self.weights, inputs, self.device)


def known(kind: type, settings: dict[str, Any]) -> Any:
    """Return settings as a dataclass of `kind`, without settings that it no longer has."""
    values = {}
    for each in fields(kind):
        if each.name in settings:
            nested: Any = each.type if is_dataclass(each.type) else None
            value = settings[each.name]
            values[each.name] = known(nested, value) if nested else value
    return kind(**values)
