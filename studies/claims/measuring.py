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
STUDIES = (  # the cells that each is made of
    ("style", reconstructions.styles),
    ("ratio", transfers.separability),
    ("layers", transfers.smoothness),
    ("pooling", transfers.pooling),
    ("style", reconstructions.arrangement),
)


def claims_table(frame: pd.DataFrame, device: str = "cpu") -> pd.DataFrame:
    """Measure the claims on a frame of records: `studies.claims.cells`.

    Return their table, `studies.claims.verdicts.table`; its last columns say what the records were
    made with.
    """
    cells, measures = load_cells(frame), list[Measure]()
    if cells["content"] and cells["style"]:
        artwork = Replay(cells["style"][0]["folder"], device).artwork
        measures += reconstructions.contents(cells["content"], artwork, device)
    for part, study in STUDIES:
        if cells[part]:
            measures += study(cells[part], device)
    made = {"profile": "profile", "network": "network.name", "size": "size"}
    common = {name: frame[column].iloc[0] for name, column in made.items()}
    # Each kind of cell has the evaluations that it needs: `budget` in configs/.
    least, most = frame["evaluations"].min(), frame["evaluations"].max()
    common["evaluations"] = f"{least}-{most}" if least < most else f"{least}"
    return table(measures, CLAIMS).assign(**common)
