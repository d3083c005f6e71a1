"""A reproduction of Gatys, Ecker & Bethge 2015, "A Neural Algorithm of Artistic Style".

https://arxiv.org/abs/1508.06576

`stylize` and `reconstruct` make a picture in one call; the other names are the paper's parts.
"""

import importlib
from typing import TYPE_CHECKING, Any

from nst.errors import InputError

if TYPE_CHECKING:
    from nst.api import load_network, reconstruct, stylize
    from nst.method.losses import (
        content_loss,
        gram_matrix,
        style_layer_loss,
        style_loss,
        total_loss,
        total_variation,
    )
    from nst.method.objective import Objective
    from nst.method.optimizers import OptimizerConfig
    from nst.method.synthesis import Level, synthesize
    from nst.method.vgg import VGG19

__version__ = "0.1.0"
__all__ = [
    "VGG19",
    "InputError",
    "Level",
    "Objective",
    "OptimizerConfig",
    "content_loss",
    "gram_matrix",
    "load_network",
    "reconstruct",
    "style_layer_loss",
    "style_loss",
    "stylize",
    "synthesize",
    "total_loss",
    "total_variation",
]
HOMES = ("method.losses", "method.vgg", "method.objective", "method.synthesis", "api")


def __getattr__(name: str) -> Any:
    """Import a name when it is asked for: `import nst` takes no time, torch takes seconds."""
    if name in __all__:
        modules = (importlib.import_module(f"nst.{home}") for home in HOMES)
        return next(getattr(module, name) for module in modules if hasattr(module, name))
    raise AttributeError(f"module 'nst' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
