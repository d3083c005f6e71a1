"""Claims 1, 2 and 6: what the representations of content and style keep, and what they lose.

Every limit is stated with its reason, and was chosen before anything was measured.
"""

import statistics

import pandas as pd
from torch import Tensor

from nst.runs.replay import Replay
from studies.claims.cells import Row, tabulate
from studies.claims.verdicts import FALLS, RISES, Measure, all_of, at_least, at_most
from studies.measures.controls import as_photograph, displaced, shuffled
from studies.measures.distances import content_distance, style_distance
from studies.measures.metrics import colour_distance, correlation_length, psnr, ssim

LOSSLESS = 30.0  # dB; the usual lower end of compression that is hard to tell from the source
EXACT = ("conv1_1", "conv2_1", "conv3_1")  # "almost perfect (a,b,c)", caption of Fig 1
NEAR = 0.5  # of the distance between two images: nearer to the one than to the other
CHANCE = 2.0  # standard deviations; what chance gives lies below in 95 % of the cases
DISPLACEMENTS = 100  # displaced artworks that estimate what chance gives
BLOCKS = (1, 2, 4, 8)  # sides of the shuffled blocks, in 1/32 of the image's
SEEDS = (0, 1, 2)  # of the shuffles


def contents(rows: list[Row], artwork: Tensor, device: str) -> list[Measure]:
    """Measure claim 1, on content reconstructions from each layer.

    The match of content is measured at conv4_2. For reconstructions from layers below it is one of
    the pixels in another guise, and from conv4_1 it is nearly what was minimized; only that from
    conv5_1 tests whether a deeper layer holds what conv4_2 does.
    """
    first = Replay(rows[0]["folder"], device)
    photograph = first.photograph
    distance = content_distance(first.network(), photograph, as_photograph(artwork, photograph))

    def measure(row: Row) -> dict[str, float]:
        x = Replay(row["folder"], device).image
        return {"psnr": psnr(x, photograph), "ssim": ssim(x, photograph), "content": distance(x)}

    values = tabulate(rows, lambda row: row["content_layers"][0], measure)
    exact = all_of(FALLS, at_least(LOSSLESS, EXACT))
    return [
        Measure(1, "PSNR (dB)", "layer", values["psnr"], exact),
        Measure(1, "SSIM", "layer", values["ssim"], FALLS),
        Measure(1, "content distance", "layer", values["content"], at_most(NEAR)),
    ]


def styles(rows: list[Row], device: str) -> list[Measure]:
    """Measure claim 2, on style reconstructions from growing sets of layers.

    Arrangement is kept if the picture is more like the artwork, place by place, than the artwork
    moved away from itself is.
    """
    first = Replay(rows[0]["folder"], device)
    photograph, artwork = first.photograph.cpu(), first.artwork.cpu()
    cropped = as_photograph(artwork, photograph)
    chance = [ssim(displaced(cropped, seed), cropped) for seed in range(DISPLACEMENTS)]
    mean, deviation = statistics.mean(chance), statistics.stdev(chance)
    apart = colour_distance(photograph, artwork)

    def measure(row: Row) -> dict[str, float]:
        x = Replay(row["folder"]).image
        return {
            "length": correlation_length(x),
            "colour": colour_distance(x, artwork) / apart,
            "arrangement": (ssim(x, cropped) - mean) / deviation,
        }

    values = tabulate(rows, lambda row: row["style_layers"][-1], measure)
    axis = "layers up to"
    return [
        Measure(2, "correlation length (px)", axis, values["length"], RISES),
        Measure(2, "colour distance", axis, values["colour"], at_most(NEAR)),
        Measure(2, "SSIM above chance (sd)", axis, values["arrangement"], at_most(CHANCE)),
    ]


def arrangement(rows: list[Row], device: str) -> list[Measure]:
    """Measure claim 6, on the artwork in shuffled blocks, and moved cyclically.

    Distances from the artwork are in units of the photograph's. Blocks have seams, the more the
    smaller they are, which are no matter of arrangement: the style has to be near for blocks of a
    quarter of the side, and for the moved artwork, which has one seam across and one down.
    """
    cell = Replay(rows[0]["folder"], device)
    unit = max(1, min(cell.artwork.shape[2:]) // 32)
    blocks = {str(block * unit): block * unit for block in BLOCKS}
    height, width = (side - side % (unit * BLOCKS[-1]) for side in cell.artwork.shape[2:])
    artwork = cell.artwork[:, :, :height, :width]  # whole blocks of every size
    network, photograph = cell.network(), as_photograph(cell.photograph, artwork)
    style = style_distance(network, artwork, photograph)
    content = content_distance(network, artwork, photograph)
    shuffles = [[shuffled(artwork, block, seed) for block in blocks.values()] for seed in SEEDS]
    styles, contents = (
        pd.DataFrame([[distance(x) for x in images] for images in shuffles], SEEDS, list(blocks))
        for distance in (style, content)
    )
    moves = [displaced(artwork, seed) for seed in SEEDS]
    moved = pd.DataFrame([{"style": style(x), "content": content(x)} for x in moves], SEEDS)
    largest = all_of(FALLS, at_most(NEAR, list(blocks)[-1:]))
    apart = all_of(at_most(NEAR, ["style"]), at_least(NEAR, ["content"]))
    return [
        Measure(6, "style distance when shuffled", "block (px)", styles, largest),
        Measure(6, "content distance when shuffled", "block (px)", contents, at_least(NEAR)),
        Measure(6, "distance when moved", "distance", moved, apart),
    ]
