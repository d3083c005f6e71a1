"""Five original paintings, drawn by code, as artworks to take the style of.

Each is after the spirit of one of the paper's five artworks, with its own composition. The files in
nst/assets/artworks were painted by an earlier edition of this code, that of commit 7bd9f53.
"""

from studies.painting.bands import Bands
from studies.painting.canvas import Painting
from studies.painting.composition import Composition
from studies.painting.facets import Facets
from studies.painting.night import Night
from studies.painting.storm import Storm

PAINTINGS: dict[str, type[Painting]] = {
    "storm": Storm,
    "night": Night,
    "bands": Bands,
    "facets": Facets,
    "composition": Composition,
}
