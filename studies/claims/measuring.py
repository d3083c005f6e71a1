"""All claims: what they state, and their measures from the cells of configs/figure/claims.yaml."""

import pandas as pd

from nst.errors import InputError
from nst.runs.replay import Replay
from studies.claims import measures
from studies.claims.verdicts import Measure, table

COMMON = ("size", "network.name", "checksums.network", "checksums.content")

CLAIMS = {
    1: "Content reconstructions: lower layers give the photograph, higher ones only its content",
    2: "Style reconstructions: structure grows with the layers, colours stay, arrangement does not",
    3: "Content and style are separable: alpha/beta leads smoothly from the one to the other",
    4: "Matching style up to higher layers gives smoother, more continuous images",
    5: "Average pooling has a better gradient flow and more appealing images than max pooling",
    6: "The style representation does not depend on the arrangement",
}
STUDIES = (  # the cells that each is made of
    ("style", measures.styles),
    ("ratio", measures.separability),
    ("layers", measures.smoothness),
    ("pooling", measures.pooling),
    ("style", measures.arrangement),
)


def load_cells(frame: pd.DataFrame, device: str) -> dict[str, list[Replay]]:
    """Return the cells of records by what they show, in the order of their settings.

    ``content`` and ``style`` reconstructions; transfers by ``ratio`` (with all style layers), by
    ``layers`` (at one ratio) and by ``pooling`` (with all style layers, at one ratio).
    Raises `InputError` if they were made with different means.
    """
    for key in COMMON:
        if key in frame and (values := frame[key].dropna().unique()).size > 1:
            raise InputError(f"records of {key} {values[0]} and {values[1]} are mixed: remove some")
    frame = frame.sort_values(["layer_set", "ratio", "network.pooling", "seed"])
    transfers = frame[(frame["alpha"] > 0) & (frame["beta"] > 0)]
    average = transfers[transfers["network.pooling"] == "average"]
    others = transfers[transfers["network.pooling"] != "average"]
    deepest = average[average["layer_set"] == average["layer_set"].max()]
    shallowest = average[average["layer_set"] == average["layer_set"].min()]
    parts = {
        "content": frame[frame["beta"] == 0],
        "style": frame[frame["alpha"] == 0],
        "ratio": deepest,
        "layers": average[average["ratio"].isin(shallowest["ratio"])],
        "pooling": pd.concat([deepest[deepest["ratio"].isin(others["ratio"])], others]),
    }
    return {
        name: [Replay(folder, device) for folder in part["folder"]] for name, part in parts.items()
    }


def claims_table(frame: pd.DataFrame, device: str = "cpu") -> pd.DataFrame:
    """Measure the claims on a frame of records.

    Return their table, `studies.claims.verdicts.table`; its last columns say what the records were
    made with.
    """
    cells, found = load_cells(frame, device), list[Measure]()
    if cells["content"] and cells["style"]:
        found += measures.contents(cells["content"], cells["style"][0].artwork)
    for part, study in STUDIES:
        if cells[part]:
            found += study(cells[part])
    made = {"profile": "profile", "network": "network.name", "size": "size"}
    common = {name: frame[column].iloc[0] for name, column in made.items()}
    # Each kind of cell has the evaluations that it needs: `budget` in configs/.
    least, most = frame["evaluations"].min(), frame["evaluations"].max()
    common["evaluations"] = f"{least}-{most}" if least < most else f"{least}"
    return table(found, CLAIMS).assign(**common)
