"""A reproduction of Gatys, Ecker & Bethge 2015, "A Neural Algorithm of Artistic Style".

https://arxiv.org/abs/1508.06576

`stylize` and `reconstruct` make a picture in one call; the other names are the paper's parts.
"""

import lazy_loader

__version__ = "0.1.0"
# Names are imported when they are asked for: `import nst` takes no time, torch takes seconds.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
