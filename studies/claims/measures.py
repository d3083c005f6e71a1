"""The measures of the claims, each from the cells that it is about.

Every limit is stated with its reason, and was chosen before anything was measured.
"""

import statistics
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from torch import Tensor

from nst.method.objective import loss_and_gradient
from nst.runs.pipeline import stages_of
from nst.runs.replay import Replay
from studies.claims.verdicts import FALLS, RISES, Measure, at_least, at_most, less, more
from studies.measures import comparing, metrics

LOSSLESS = 30.0  # dB; the usual lower end of compression that is hard to tell from the source
EXACT = ("conv1_1", "conv2_1", "conv3_1")  # "almost perfect (a,b,c)", caption of Fig 1
NEAR = 0.5  # of the distance between two images: nearer to the one than to the other
CHANCE = 2.0  # standard deviations; what chance gives lies below in 95 % of the cases
DISPLACEMENTS = 100  # displaced artworks that estimate what chance gives
BLOCKS = (1, 2, 4, 8)  # sides of the shuffled blocks, in 1/32 of the image's
SEEDS = (0, 1, 2)  # of the shuffles
MATCH = 0.1  # of the distance between the sources: so near that it counts as matched
UNEVEN = 2.0  # times its equal share of the whole change; a larger step is a jump


def tabulate(
    cells: Sequence[Replay],
    setting: Callable[[Replay], str],
    measure: Callable[[Replay], dict[str, float]],
) -> dict[str, pd.DataFrame]:
    """Return what `measure` gives of cells: name -> values, a row per seed, a column per setting.

    A seed that lacks a setting is left out.
    """
    places = [(cell.config.seed, setting(cell)) for cell in cells]
    found = pd.DataFrame([measure(cell) for cell in cells], pd.MultiIndex.from_tuples(places))
    order = list(dict.fromkeys(name for _, name in places))
    return {name: found[name].unstack()[order].dropna() for name in found}


def of_image(**measures: Callable[[Tensor], float]) -> Callable[[Replay], dict[str, float]]:
    """Return what takes measures of a cell's picture, for `tabulate`."""

    def measure(cell: Replay) -> dict[str, float]:
        x = cell.image
        return {name: function(x) for name, function in measures.items()}

    return measure


def contents(cells: Sequence[Replay], artwork: Tensor) -> list[Measure]:
    """Measure claim 1, on content reconstructions from each layer.

    The match of content is measured at conv4_2. For reconstructions from layers below it is one of
    the pixels in another guise, and from conv4_1 it is nearly what was minimized; only that from
    conv5_1 tests whether a deeper layer holds what conv4_2 does.
    """
    photograph = cells[0].photograph
    measured = of_image(
        psnr=lambda x: metrics.psnr(x, photograph),
        ssim=lambda x: metrics.ssim(x, photograph),
        content=comparing.content_distance(
            cells[0].network(), photograph, comparing.as_photograph(artwork, photograph)
        ),
    )
    values = tabulate(cells, lambda cell: cell.config.content_layers[0], measured)
    return [
        Measure(1, "PSNR (dB)", "layer", values["psnr"], [FALLS, at_least(LOSSLESS, EXACT)]),
        Measure(1, "SSIM", "layer", values["ssim"], [FALLS]),
        Measure(1, "content distance", "layer", values["content"], [at_most(NEAR)]),
    ]


def styles(cells: Sequence[Replay]) -> list[Measure]:
    """Measure claim 2, on style reconstructions from growing sets of layers.

    Arrangement is kept if the picture is more like the artwork, place by place, than the artwork
    moved away from itself is.
    """
    photograph, artwork = cells[0].photograph, cells[0].artwork
    cropped = comparing.as_photograph(artwork, photograph)
    chance = [
        metrics.ssim(comparing.displaced(cropped, seed), cropped) for seed in range(DISPLACEMENTS)
    ]
    mean, deviation = statistics.mean(chance), statistics.stdev(chance)
    apart = metrics.colour_distance(photograph, artwork)
    measured = of_image(
        length=metrics.correlation_length,
        colour=lambda x: metrics.colour_distance(x, artwork) / apart,
        arrangement=lambda x: (metrics.ssim(x, cropped) - mean) / deviation,
    )
    values = tabulate(cells, lambda cell: cell.config.style_layers[-1], measured)
    axis = "layers up to"
    return [
        Measure(2, "correlation length (px)", axis, values["length"], [RISES]),
        Measure(2, "colour distance", axis, values["colour"], [at_most(NEAR)]),
        Measure(2, "SSIM above chance (sd)", axis, values["arrangement"], [at_most(CHANCE)]),
    ]


def arrangement(cells: Sequence[Replay]) -> list[Measure]:
    """Measure claim 6, on the artwork in shuffled blocks, and moved cyclically.

    Distances from the artwork are in units of the photograph's. Blocks have seams, the more the
    smaller they are, which are no matter of arrangement: the style has to be near for blocks of a
    quarter of the side, and for the moved artwork, which has one seam across and one down.
    """
    artwork = cells[0].artwork
    unit = max(1, min(artwork.shape[2:]) // 32)
    height, width = (side - side % (unit * BLOCKS[-1]) for side in artwork.shape[2:])
    artwork = artwork[:, :, :height, :width]  # whole blocks of every size
    network, photograph = cells[0].network(), comparing.as_photograph(cells[0].photograph, artwork)
    style = comparing.style_distance(network, artwork, photograph)
    content = comparing.content_distance(network, artwork, photograph)
    styles, contents, moved = (pd.DataFrame(index=SEEDS) for _ in range(3))
    for block in (unit * block for block in BLOCKS):
        images = [comparing.shuffled(artwork, block, seed) for seed in SEEDS]
        styles[str(block)] = [style(x) for x in images]
        contents[str(block)] = [content(x) for x in images]
    images = [comparing.displaced(artwork, seed) for seed in SEEDS]
    moved["style"] = [style(x) for x in images]
    moved["content"] = [content(x) for x in images]
    largest = [FALLS, at_most(NEAR, list(styles)[-1:])]
    apart = [at_most(NEAR, ["style"]), at_least(NEAR, ["content"])]
    return [
        Measure(6, "style distance when shuffled", "block (px)", styles, largest),
        Measure(6, "content distance when shuffled", "block (px)", contents, [at_least(NEAR)]),
        Measure(6, "distance when moved", "distance", moved, apart),
    ]


def separability(cells: Sequence[Replay]) -> list[Measure]:
    """Measure claim 3, on transfers of all style layers with growing alpha/beta.

    Distances from the photograph's content and from the artwork's style are in units of those
    between the two sources. That no image has both is measured on what the optimizer reached, not
    on all possible images.
    """
    first = cells[0]
    network, photograph, artwork = first.network(), first.photograph, first.artwork
    content = comparing.content_distance(
        network, photograph, comparing.as_photograph(artwork, photograph)
    )
    style = comparing.style_distance(network, artwork, photograph)
    measured = of_image(content=content, style=style)
    values = tabulate(cells, lambda cell: f"{cell.config.ratio:g}", measured)
    both = np.maximum(values["content"], values["style"])
    jumps = pd.DataFrame({name: largest_step(value) for name, value in values.items()})
    even = 1 / max(1, values["content"].shape[1] - 1)
    return [
        Measure(3, "distance from a source, content", "alpha/beta", values["content"], [FALLS]),
        Measure(3, "distance from a source, style", "alpha/beta", values["style"], [RISES]),
        Measure(3, "larger of both distances", "alpha/beta", both, [at_least(MATCH)]),
        Measure(3, "largest step (share of all)", "distance", jumps, [at_most(UNEVEN * even)]),
    ]


def largest_step(values: pd.DataFrame) -> pd.Series:
    """Return the largest step along the settings, as a share of the way from first to last."""
    steps = values.diff(axis=1).iloc[:, 1:].abs().max(axis=1)
    return steps / (values.iloc[:, -1] - values.iloc[:, 0]).abs()


def smoothness(cells: Sequence[Replay]) -> list[Measure]:
    """Measure claim 4, on growing sets of style layers (Fig 3's rows) at one alpha/beta.

    "Smoother" is read as less energy in fine structure, "increasingly large scale" as a growing
    correlation length, "more continuous" as gradients that agree in orientation nearby.
    """
    measured = of_image(
        fine=metrics.high_frequency_share,
        length=metrics.correlation_length,
        coherence=metrics.coherence,
    )
    values = tabulate(cells, lambda cell: cell.config.style_layers[-1], measured)
    axis = "layers up to"
    return [
        Measure(4, "energy above 0.25 cycles/px", axis, values["fine"], [FALLS]),
        Measure(4, "correlation length (px)", axis, values["length"], [RISES]),
        Measure(4, "coherence of orientation", axis, values["coherence"], [RISES]),
    ]


def pooling(cells: Sequence[Replay]) -> list[Measure]:
    """Measure claim 5, on average and max pooling: same seeds, weights and settings.

    The two minimize different losses, each compared with its own first value. How appealing an
    image is cannot be measured; the energy in fine structure stands for the graininess that it
    would suffer from. Gradients are taken at the same images, the white noise of the starts.
    """
    values = tabulate(cells, lambda cell: cell.config.network.pooling, descent)
    smaller, larger = [less("average", "max")], [more("average", "max")]
    measures = [
        Measure(5, "loss relative to noise", "pooling", values["last"], smaller),
        Measure(5, "pixels with half of the gradient", "pooling", values["reach"], larger),
        Measure(5, "energy above 0.25 cycles/px", "pooling", values["fine"], smaller),
        Measure(5, "gradient norm's steps (log10)", "pooling", values["unsteady"], smaller),
    ]
    for name in values["last"]:
        curve = pd.DataFrame({k: value[name] for k, value in values.items() if k.isdigit()})
        measures.append(Measure(5, f"loss relative to noise, {name} pooling", "evaluations", curve))
    return measures


def descent(cell: Replay) -> dict[str, float]:
    """Return losses along a run, its gradient at noise, and the energy in its fine structure.

    Losses are those at full size with the weights of the end, in units of the noise's there.
    """
    losses = pd.read_csv(cell.folder / "losses.csv")
    losses = losses[losses["level"] >= len(stages_of(cell.config, cell.config.schedule.scales))]
    noise, gradient = loss_and_gradient(cell.objective(), cell.init)
    best = (losses["total"].cummin() / noise.total.item()).to_numpy()
    powers = [2**k for k in range(len(best).bit_length()) if 2**k < len(best)]
    found = {str(evaluation): best[evaluation - 1] for evaluation in [*powers, len(best)]}
    steps = np.log10(losses["gradient"]).diff().abs().mean()
    found |= {"last": best[-1], "reach": reach(gradient), "unsteady": steps}
    return found | {"fine": metrics.high_frequency_share(cell.image)}


def reach(gradient: Tensor) -> float:
    """Return the smallest share of pixels that holds half of the squared gradient (1, 3, H, W).

    0.5 if all pixels have the same; the smaller, the fewer are moved.
    """
    energy = gradient.square().sum(1).flatten().sort(descending=True).values.cumsum(0)
    return (energy < energy[-1] / 2).sum().add(1).item() / len(energy)
