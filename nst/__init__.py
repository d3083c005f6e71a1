"""A reproduction of Gatys, Ecker & Bethge 2015, "A Neural Algorithm of Artistic Style".

https://arxiv.org/abs/1508.06576
"""

__version__ = "0.1.0"
