"""All claims: what they state, and their measures from the records."""

import pandas as pd

from nst.runs.replay import Replay
from studies.claims import reconstructions, transfers
from studies.claims.cells import load_cells
from studies.claims.verdicts import Measure, table

CLAIMS = {
    1: "Content reconstructions: lower layers give the photograph, higher ones only its content",
    2: "Style reconstructions: structure grows with the layers, colours stay, arrangement does not",
    3: "Content and style are separable: alpha/beta leads smoothly from the one to the other",
    4: "Matching style up to higher layers gives smoother, more continuous images",
    5: "Average pooling has a better gradient flow and more appealing images than max pooling",
    6: "The style representation does not depend on the arrangement",
}
# Why a measure is not as expected, where that was investigated.
REASONS: dict[tuple[int, str], str] = {}


def measure_claims(frame: pd.DataFrame, device: str = "cpu") -> list[Measure]:
    """Measure the claims on a frame of records; see `studies.claims.cells`."""
    cells, measures = load_cells(frame), []
    if cells["content"] and cells["style"]:
        artwork = Replay(cells["style"][0]["folder"], device).artwork
        measures += reconstructions.contents(cells["content"], artwork, device)
    if cells["style"]:
        measures += reconstructions.styles(cells["style"], device)
    if cells["ratio"]:
        measures += transfers.separability(cells["ratio"], device)
    if cells["layers"]:
        measures += transfers.smoothness(cells["layers"], device)
    if cells["pooling"]:
        measures += transfers.pooling(cells["pooling"], device)
    if cells["style"]:
        measures += reconstructions.arrangement(cells["style"][0], device)
    return measures


def claims_table(frame: pd.DataFrame, device: str = "cpu") -> pd.DataFrame:
    """Return the table of claims, a row per measure and setting: `studies.claims.verdicts.table`.

    The last columns say what the records were made with.
    """
    made = {"profile": "profile", "network": "network.name", "size": "size"}
    common = {name: frame[column].iloc[0] for name, column in made.items()}
    # Each kind of cell has the evaluations that it needs: `budget` in configs/.
    common["evaluations"] = "-".join(
        sorted({str(f(frame["evaluations"])) for f in (min, max)}, key=int)
    )
    return table(measure_claims(frame, device), CLAIMS, REASONS).assign(**common)
