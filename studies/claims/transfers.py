"""Claims 3, 4 and 5: what alpha/beta, the style layers and the pooling do to transfers.

Every limit is stated with its reason, and was chosen before anything was measured.
"""

import numpy as np
import pandas as pd
from torch import Tensor

from nst.method.objective import loss_and_gradient
from nst.runs.replay import Replay
from studies.claims.cells import Row, tabulate
from studies.claims.verdicts import FALLS, RISES, Measure, at_least, at_most, less, more
from studies.measures.controls import as_photograph
from studies.measures.distances import content_distance, style_distance
from studies.measures.metrics import coherence, correlation_length, high_frequency_share

MATCH = 0.1  # of the distance between the sources: so near that it counts as matched
UNEVEN = 2.0  # times its equal share of the whole change; a larger step is a jump


def separability(rows: list[Row], device: str) -> list[Measure]:
    """Measure claim 3, on transfers of all style layers with growing alpha/beta.

    Distances from the photograph's content and from the artwork's style are in units of those
    between the two sources. That no image has both is measured on what the optimizer reached, not
    on all possible images.
    """
    first = Replay(rows[0]["folder"], device)
    network, photograph, artwork = first.network(), first.photograph, first.artwork
    content = content_distance(network, photograph, as_photograph(artwork, photograph))
    style = style_distance(network, artwork, photograph)

    def measure(row: Row) -> dict[str, float]:
        x = Replay(row["folder"], device).image
        return {"content": content(x), "style": style(x)}

    values = tabulate(rows, lambda row: f"{row['ratio']:g}", measure)
    both = np.maximum(values["content"], values["style"])
    jumps = pd.DataFrame({name: largest_step(value) for name, value in values.items()})
    even = 1 / max(1, values["content"].shape[1] - 1)
    return [
        Measure(3, "distance from a source, content", "alpha/beta", values["content"], FALLS),
        Measure(3, "distance from a source, style", "alpha/beta", values["style"], RISES),
        Measure(3, "larger of both distances", "alpha/beta", both, at_least(MATCH)),
        Measure(3, "largest step (share of all)", "distance", jumps, at_most(UNEVEN * even)),
    ]


def largest_step(values: pd.DataFrame) -> pd.Series:
    """Return the largest step along the settings, as a share of the way from first to last."""
    steps = values.diff(axis=1).iloc[:, 1:].abs().max(axis=1)
    return steps / (values.iloc[:, -1] - values.iloc[:, 0]).abs()


def smoothness(rows: list[Row], device: str) -> list[Measure]:
    """Measure claim 4, on growing sets of style layers (Fig 3's rows) at one alpha/beta.

    "Smoother" is read as less energy in fine structure, "increasingly large scale" as a growing
    correlation length, "more continuous" as gradients that agree in orientation nearby.
    """

    def measure(row: Row) -> dict[str, float]:
        x = Replay(row["folder"]).image
        fine, length = high_frequency_share(x), correlation_length(x)
        return {"fine": fine, "length": length, "coherence": coherence(x)}

    values = tabulate(rows, lambda row: row["style_layers"][-1], measure)
    axis = "layers up to"
    return [
        Measure(4, "energy above 0.25 cycles/px", axis, values["fine"], FALLS),
        Measure(4, "correlation length (px)", axis, values["length"], RISES),
        Measure(4, "coherence of orientation", axis, values["coherence"], RISES),
    ]


def pooling(rows: list[Row], device: str) -> list[Measure]:
    """Measure claim 5, on average and max pooling: same seeds, weights and settings.

    The two minimize different losses, each compared with its own first value. How appealing an
    image is cannot be measured; the energy in fine structure stands for the graininess that it
    would suffer from. Gradients are taken at the same images, the white noise of the starts.
    """
    values = tabulate(rows, lambda row: row["network.pooling"], lambda row: descent(row, device))
    smaller, larger = less("average", "max"), more("average", "max")
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


def descent(row: Row, device: str) -> dict[str, float]:
    """Return losses along a run, its gradient at noise, and the energy in its fine structure.

    Losses are those at full size, in units of the noise's there.
    """
    cell, losses = Replay(row["folder"], device), pd.read_csv(row["losses"])
    losses = losses[losses["level"] >= len(row["schedule.scales"])]
    noise, gradient = loss_and_gradient(cell.objective(), cell.init)
    best = (losses["total"].cummin() / noise.total.item()).to_numpy()
    powers = [2**k for k in range(len(best).bit_length()) if 2**k < len(best)]
    found = {str(evaluation): best[evaluation - 1] for evaluation in [*powers, len(best)]}
    steps = np.log10(losses["gradient"]).diff().abs().mean()
    found |= {"last": best[-1], "reach": reach(gradient), "unsteady": steps}
    return found | {"fine": high_frequency_share(cell.image)}


def reach(gradient: Tensor) -> float:
    """Return the smallest share of pixels that holds half of the squared gradient (1, 3, H, W).

    0.5 if all pixels have the same; the smaller, the fewer are moved.

    Example:
        >>> import torch
        >>> reach(torch.ones(1, 3, 4, 4))
        0.5
    """
    energy = gradient.square().sum(1).flatten().sort(descending=True).values.cumsum(0)
    return (energy < energy[-1] / 2).sum().add(1).item() / len(energy)
