"""What `import nst` offers in one call: a picture in memory, from images in files or in memory.

The functions run the commands' pipeline on the committed configs with a call's settings, but keep
no record.
"""

import difflib
import os
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from PIL import Image

from nst.checks import check_config
from nst.config import Config, artworks as names_of_artworks, setting_names
from nst.errors import CallError, InputError
from nst.inputs.images import Given, source
from nst.inputs.sources import network_file
from nst.method.synthesis import Progress
from nst.method.vgg import VGG19, check_layers
from nst.runs.objectives import make_network
from nst.runs.overrides import quote
from nst.runs.pipeline import compute_in_memory
from nst.runs.stylizing import DECIDED, configure, with_images

FILED = ("checkpoint_every", "trajectory", "save_every", "overwrite")  # of runs that write files
LAYERS = ("content_layers", "style_layers", "layer_set", "ratio", "alpha", "beta")


def stylize(
    photograph: Given,
    *artworks: Given,
    masks: Sequence[Given | None] | None = None,
    init: Given | None = None,
    quality: str = "good",
    progress: Progress = lambda row: None,
    **settings: Any,
) -> Image.Image:
    """Return a photograph in the style of one artwork or several.

    Images are paths, PIL images or tensors (3, H, W) or (1, 3, H, W) of RGB in [0, 1], which are
    rounded to 8 bits. Equal arguments give equal pixels on one machine's CPU, the same as the
    command's.

    Args:
        masks: for each artwork an image of the photograph's aspect ratio, white where it paints,
            black where not, or None for everywhere.
        init: the starting image: ``noise`` (the paper's), ``content``, or an image.
        quality: ``draft``, ``good`` or ``best``.
        progress: called after each evaluation with its losses, ``{"evaluation": 1, "total": ...,
            ...}``; what it raises ends the call.
        settings: `ratio` (alpha/beta), `size` in px, `seed`, `network`, `evaluations`,
            `style_blend` (a weight for each artwork), `colours`, `style_scale`, `style_weights`,
            `tv_weight`, `max_side`, `schedule`, `optimizer`, `device`, ..., and their parts:
            ``**{"network.path": "vgg19.pth"}``. None means the default in configs/config.yaml.

    Raises `InputError`, a `ValueError`, in one line: what cannot be used, and what to do. For an
    unknown argument it is a `TypeError` as well.

    Example:
        >>> photograph, artwork = Image.new("RGB", (40, 30)), Image.effect_noise((30, 30), 50)
        >>> stylize(photograph, artwork, ratio=1e-3, size=32, evaluations=2).size
        (37, 28)
    """
    if not artworks:
        raise CallError("no artwork is given: stylize(photograph, artwork)")
    styles = [source(each, f"artwork {number}") for number, each in enumerate(artworks, 1)]
    if not isinstance(masks, list | tuple | None):
        raise CallError("masks is no list: give an image, or None, for each artwork")
    guides = [each if each is None else source(each, "a mask") for each in masks or []]
    initial = None
    if init is not None and not (isinstance(init, str) and init in ("noise", "content")):
        initial, init = source(init, "the starting image"), "file"
    overrides = [f"init={init}"] if init else []
    config = configure(quality, [*overrides, *chosen(settings)])
    content = source(photograph, "the photograph")
    config = with_images(config, content, styles, None if masks is None else guides, initial)
    names = names_of_artworks(config)
    given = {"content": content, "init": initial, **dict(zip(names, styles, strict=True))}
    given |= dict(zip(names.values(), guides, strict=False))
    return compute_in_memory(config, given, progress)


def reconstruct(
    image: Given,
    layer: str = "conv4_1",
    of: str = "content",
    progress: Progress = lambda row: None,
    **settings: Any,
) -> Image.Image:
    """Return a reconstruction of an image from a layer of the network, as in Figure 1.

    Args:
        layer: ``conv1_1`` ... ``conv5_4`` or a pooling.
        of: ``content``, from that layer alone; or ``style``, from the paper's style layers up to
            it and the layer itself.
        image, progress, settings: as in `stylize`, also in what is raised.

    Example:
        >>> reconstruct(Image.new("RGB", (40, 30)), "conv2_1", size=32, evaluations=2).size
        (37, 28)
    """
    if of not in ("content", "style"):
        raise InputError(f"of={of!r} is unknown: use content or style")
    check_layers([layer], "layer")
    block = int(layer.removeprefix("conv").removeprefix("pool")[0])
    decided = [f"task={of}", f"layer_set={'abcde'[block - 1]}"]
    config = configure("good", [*decided, *chosen(settings, LAYERS)])
    config.content_layers = [layer]
    config.style_layers = list(dict.fromkeys([*config.style_layers, layer]))
    whole = source(image, "the image")
    config = with_images(config, whole, [whole])
    return compute_in_memory(config, {"content": whole, "style": whole}, progress)


def load_network(network: str = "embedded", **settings: Any) -> VGG19:
    """Return a network of configs/network on the CPU in float32: images in [0, 1] -> F^l.

    Args: settings, as in `stylize`; `data` is the folder for downloaded weights.

    Example:
        >>> load_network()(torch.zeros(1, 3, 32, 32), ["conv4_2"])["conv4_2"].shape[2:]
        torch.Size([4, 4])
    """
    config = configure("good", [f"network={quote(network)}", *chosen(settings)])
    check_config(config)
    return make_network(config.network, network_file(config), torch.device("cpu"))


def chosen(settings: Mapping[str, Any], refused: Sequence[str] = ()) -> list[str]:
    """Return a call's settings as overrides; raise `CallError` for unknown ones."""
    others = {*DECIDED, *FILED, *refused, "masks", "init", "init_path"}
    names = [name for name in setting_names(Config) if name.split(".")[0] not in others]
    for name in [name for name in settings if name not in names]:
        near = difflib.get_close_matches(name, names, 1) or [n for n in names if "." not in n]
        raise CallError(f"there is no argument {name!r}: did you mean {' or '.join(near)}?")
    given = {name: value for name, value in settings.items() if value is not None}
    return [f"{name}={literal(value)}" for name, value in given.items()]


def literal(value: object) -> str:
    """Return a value in Hydra's grammar.

    Example:
        >>> literal([1, 0.5, None]), literal("a b")
        ('[1,0.5,null]', "'a b'")
    """
    if isinstance(value, str | os.PathLike):
        return quote(os.fspath(value))
    if isinstance(value, Sequence):
        return f"[{','.join(map(literal, value))}]"
    return "null" if value is None else str(value)
