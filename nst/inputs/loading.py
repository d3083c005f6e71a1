"""The images of a run as tensors, at each size of its schedule."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from torch import Tensor

from nst.config import Config, artworks, layers_used
from nst.errors import TooSmallError
from nst.inputs.colours import grey_pair, match_colours
from nst.inputs.imagefiles import InMemory, Source, open_rgb, size_of
from nst.inputs.images import load_image, load_init, load_mask, square, to_picture, to_tensor
from nst.method.objective import Artwork
from nst.method.vgg import MINIMUM_PIXELS, deepest, stride


@dataclass(frozen=True)
class Inputs:
    """The images of a run at one size, RGB in [0, 1]."""

    photograph: Tensor  # (1, 3, H, W), as the network sees it
    artworks: tuple[Artwork, ...] = ()  # each of weight 1; none for beta = 0
    init: Tensor | None = None  # (1, 3, H, W), if the run starts from a file
    in_colour: Tensor | None = None  # the photograph, if only luminance is painted

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of the photograph, and of the picture."""
        return self.photograph.shape[2], self.photograph.shape[3]

    def named(self, config: Config) -> dict[str, Tensor]:
        """Return the images by their names in a record."""
        images: dict[str, Tensor | None] = {"content": self.photograph, "init": self.init}
        for (name, mask), artwork in zip(artworks(config).items(), self.artworks, strict=False):
            images |= {name: artwork.image, mask: artwork.mask}
        return {name: image for name, image in images.items() if image is not None}


def load_levels(config: Config, files: Mapping[str, Source]) -> dict[float, Inputs]:
    """Return the inputs at each scale of the schedule that is large enough for the network.

    Each file is decoded once. Raise `TooSmallError` if the picture itself, scale 1, is too small.
    """
    decoded = {}
    for name, source in files.items():
        if name != "network":
            picture = open_rgb(source, "black" if name.startswith("mask") else "white")
            decoded[name] = InMemory(picture, str(source))
    whole = load_inputs(config, decoded)  # first: errors name the picture's own size
    levels = {}
    for scale in config.schedule.scales[:-1]:
        with suppress(TooSmallError):
            levels[scale] = load_inputs(config, decoded, scale)
    return levels | {1.0: whole}


def load_inputs(config: Config, files: Mapping[str, Source], scale: float = 1.0) -> Inputs:
    """Return the images of files at the area that the config asks for, each side times `scale`.

    Raise `TooSmallError` if the network needs more pixels.
    """
    minimum = max(MINIMUM_PIXELS, stride(deepest(layers_used(config))))
    named, size = f"size={config.size}", scale * config.size
    side: float = round(size)
    if config.max_side:
        named = f"max_side={config.max_side}"
        size = scale * square(*size_of(files["content"]), config.max_side)
        side = size  # exact, so that the longest side is
    photograph = load_image(files["content"], side, minimum, named)
    height, width = photograph.shape[2:]
    style_scale = config.style_scale or 1.0
    named = f"style_scale={style_scale:g}" if style_scale < 1 else named
    side = round(style_scale * size)
    names = artworks(config) if config.beta else {}
    images = [load_image(files[name], side, minimum, named) for name in names]
    guides = [files.get(name) for name in names.values()]
    masks = [load_mask(guide, width, height) if guide else None for guide in guides]
    init = load_init(files["init"], width, height) if "init" in files else None
    in_colour = photograph if config.colours == "luminance" else None
    photograph, images = keep_colours(config.colours, photograph, images)
    painted = (Artwork(image, mask=mask) for image, mask in zip(images, masks, strict=True))
    return Inputs(photograph, tuple(painted), init, in_colour)


def keep_colours(
    colours: str | None, photograph: Tensor, artworks: list[Tensor]
) -> tuple[Tensor, list[Tensor]]:
    """Return photograph and artworks, changed so that the photograph's colours are kept.

    They are rounded to 8 bits, as in the files that a run keeps.
    """
    if not (colours and artworks):
        return photograph, artworks
    if colours == "match":
        return photograph, [rounded(match_colours(artwork, photograph)) for artwork in artworks]
    pairs = [grey_pair(photograph, artwork) for artwork in artworks]
    return rounded(pairs[0][0]), [rounded(artwork) for _, artwork in pairs]


def rounded(x: Tensor) -> Tensor:
    """Return an image rounded to 8 bits."""
    return to_tensor(to_picture(x))
