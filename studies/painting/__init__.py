"""Five original paintings, drawn by code, to take the style of.

The style images of the paper are photographs of paintings that cannot be distributed with it;
these stand in for them, each after the spirit of one of its five but with its own composition.
"""

from studies.painting import bands, composition, facets, night, storm

PAINTINGS = {
    "storm": storm.paint,
    "night": night.paint,
    "bands": bands.paint,
    "facets": facets.paint,
    "composition": composition.paint,
}

# Of the committed files, in pixels: enough for a short side of at least 512.
HEIGHTS = {"storm": 640, "night": 640, "bands": 640, "facets": 720, "composition": 560}
