"""The mean responses of a network's filters over photographs: nst.method.normalization.

As for the authors' network, the photographs are many of each kind, and sharp: pictures enlarged,
or cut out on white, leave means that weigh a smooth sky by half of what theirs do.
"""

import random
from itertools import islice
from pathlib import Path

import numpy as np
from PIL import Image
from safetensors.torch import load_file, save
from torch import Tensor
from tqdm import tqdm

from nst.errors import InputError
from nst.files import write_files
from nst.inputs.imagefiles import is_image_name, open_rgb
from nst.inputs.images import to_tensor
from nst.inputs.weights import weights_file
from nst.runs.device import choose_device
from nst.runs.objectives import measured_means
from nst.runs.overrides import compose

SIDE = 128  # px: of the square in a photograph's middle; its shorter side, and never enlarged
WHITE = 235, 0.05  # an image is a cut-out, if this share of its border is brighter than this


def measure(network: str, weights: Path | None, folder: Path, each: int) -> dict[str, Tensor]:
    """Return name -> (N,), float32, what filters are divided by, over photographs of a folder.

    They are up to `each` of each folder in it, drawn at random. Raises `InputError` if none fits.
    """
    found = squares(folder, each)
    if not found:
        raise InputError(f"{folder} has no photographs, {SIDE} px or more, in folders of their own")
    given = [f"network.path={weights}"] if weights else []
    config = compose([f"network={network}", *given])
    path = weights_file(config.network, Path(config.data) / "weights")
    device = choose_device("auto")
    return measured_means(config.network, path, [x.to(device) for x in tqdm(found)], device)


def squares(folder: Path, each: int) -> list[Tensor]:
    """Return the middle (1, 3, SIDE, SIDE) of up to `each` photographs of every folder."""
    draw, found = random.Random(0), []
    for inner in sorted(path for path in folder.rglob("*") if path.is_dir()):
        names = sorted(path for path in inner.iterdir() if is_image_name(path.name))
        draw.shuffle(names)
        fitting = (x for x in map(square, names) if x is not None)
        found += list(islice(fitting, each))
    return found


def square(path: Path) -> Tensor | None:
    """Return the middle of a photograph; None if it is too small, or a cut-out."""
    image = open_rgb(path)
    scale, pixels = SIDE / min(image.size), np.asarray(image)
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]]).min(1)
    if scale > 1 or (border > WHITE[0]).mean() > WHITE[1]:
        return None
    width, height = (round(scale * side) for side in image.size)
    left, top = (width - SIDE) // 2, (height - SIDE) // 2
    image = image.resize((width, height), Image.Resampling.BICUBIC)
    return to_tensor(image.crop((left, top, left + SIDE, top + SIDE)))


def store(path: Path, network: str, means: dict[str, Tensor]) -> None:
    """Write the means of one network into the file that holds those of all."""
    kept = load_file(path) if path.exists() else {}
    kept |= {f"{network}.{layer}": m.cpu() for layer, m in means.items()}
    write_files(path.parent, {path.name: save(dict(sorted(kept.items())))})
