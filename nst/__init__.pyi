# What `import nst` offers, and where each name comes from.
from .api import load_network as load_network, reconstruct as reconstruct, stylize as stylize
from .errors import InputError as InputError
from .method.losses import (
    content_loss as content_loss,
    gram_matrix as gram_matrix,
    style_layer_loss as style_layer_loss,
    style_loss as style_loss,
    total_loss as total_loss,
    total_variation as total_variation,
)
from .method.objective import Objective as Objective
from .method.optimizers import OptimizerConfig as OptimizerConfig
from .method.synthesis import Level as Level, synthesize as synthesize
from .method.vgg import VGG19 as VGG19

__version__: str
