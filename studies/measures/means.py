"""The mean responses of a network's filters over photographs: nst.method.normalization."""

import random
from pathlib import Path

from safetensors.torch import load_file, save
from torch import Tensor
from tqdm import tqdm

from nst.errors import InputError
from nst.files import write_files
from nst.inputs.imagefiles import is_image_name
from nst.inputs.images import load_image
from nst.inputs.weights import weights_file
from nst.method.normalization import mean_responses
from nst.method.vgg import MINIMUM_PIXELS
from nst.runs.device import choose_device
from nst.runs.objectives import make_network
from nst.runs.overrides import compose

SIZE = 224  # px: the area of a photograph is that of such a square, as in ImageNet's pictures


def measure(network: str, weights: Path | None, folder: Path, count: int) -> dict[str, Tensor]:
    """Return name -> (N,), float32, with max pooling, over `count` photographs of a folder."""
    found = sorted(path for path in folder.rglob("*") if is_image_name(path.name))
    if len(found) < count:
        raise InputError(f"{folder} has {len(found)} images: lower --count={count}")
    chosen = random.Random(0).sample(found, count)
    given = [f"network.path={weights}"] if weights else []
    config = compose([f"network={network}", "network.pooling=max", *given])
    path = weights_file(config.network, Path(config.data) / "weights")
    model = make_network(config.network, path, choose_device("auto"))
    device = model.get_buffer("conv1_1_weight").device
    images = (load_image(path, SIZE, MINIMUM_PIXELS).to(device) for path in tqdm(chosen))
    return mean_responses(model, images)


def store(path: Path, network: str, means: dict[str, Tensor]) -> None:
    """Write the means of one network into the file that holds those of all."""
    kept = load_file(path) if path.exists() else {}
    kept |= {f"{network}.{layer}": m.cpu() for layer, m in means.items()}
    write_files(path.parent, {path.name: save(dict(sorted(kept.items())))})
