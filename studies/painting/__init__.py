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

KINDS: tuple[type[Painting], ...] = (Storm, Night, Bands, Facets, Composition)
PAINTINGS = {kind.__name__.lower(): kind for kind in KINDS}
