"""A cell as it was recorded: its picture, its inputs, and the objective they were made with."""

from dataclasses import fields
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from nst.config import NetworkConfig
from nst.errors import InputError
from nst.images import load_image, open_rgb, to_tensor, white_noise
from nst.objective import Objective
from nst.records import input_file, one_row, picture_file, read_record
from nst.vgg import VGG19, Preprocessing
from nst.weightcache import checksum
from nst.weights import load_weights, weights_file


class Recorded:
    """The record in a cell's folder. Raises `InputError` if there is none.

    Inputs are what the network saw, at the picture's resolution, to 8 bits.
    """

    def __init__(self, folder: Path, device: str = "cpu") -> None:
        record = read_record(folder)
        if record is None:
            raise InputError(f"no record in {folder}: compute the cell")
        self.folder, self.device = folder, torch.device(device)
        self.record: dict[str, Any] = record
        self.settings: dict[str, Any] = record["settings"]

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
        """The artwork (1, 3, H', W'). Raises `InputError` if the cell had none."""
        return self.input("style")

    def input(self, name: str) -> Tensor:
        """The input ``content`` or ``style``."""
        if name not in self.record["inputs"]:
            raise InputError(f"{self.folder} has no input {name!r}")
        path = input_file(one_row(self.record) | {"folder": self.folder}, name)
        if path is None:
            raise InputError(f"the {name} image of {self.folder} is not here: make images")
        return load_image(path, self.settings["size"], 1).to(self.device)

    @property
    def start(self) -> Tensor:
        """The white noise (1, 3, H, W) that the cell started from."""
        start, (height, width) = self.settings["start"], self.photograph.shape[2:]
        noise = white_noise(height, width, self.settings["seed"], start["mean"], start["deviation"])
        return noise.to(self.device)

    def network(self) -> VGG19:
        """The cell's network. Raises `InputError` if its weights have changed since."""
        known = {field.name for field in fields(NetworkConfig)}
        settings = {k: v for k, v in self.settings["network"].items() if k in known}
        config = NetworkConfig(**settings)
        cache = Path(self.settings["data"]) / "weights"
        path = weights_file(config, cache)
        if path and checksum(path) != self.settings["checksums"]["network"]:
            raise InputError(f"{path} is not what {self.folder} was made with: restore it")
        preprocessing = Preprocessing(
            config.scale, tuple(config.mean), tuple(config.std), config.bgr
        )
        weights = load_weights(config, path)
        return VGG19(weights, preprocessing, config.pooling).to(self.device)

    def objective(self) -> Objective:
        """The loss that the cell minimized."""
        settings = self.settings
        constant = settings["constant"] if settings["convention"] == "relative" else 1.0
        return Objective(
            self.network(),
            self.photograph,
            self.artwork if settings["beta"] else None,
            settings["alpha"] * constant,
            settings["beta"],
            settings["content_layers"],
            settings["style_layers"],
            settings["convention"],
        )
