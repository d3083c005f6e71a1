"""Measure how much of the photograph Figure 3 keeps, beside the published one: docs/loss-scaling.md

python scripts/structure.py [outputs/paper/fig3] [--output FILE.csv]
"""

import argparse
from pathlib import Path

from nst.runs.records import write_table
from nst.script import run_script
from studies.measures.structure import structure_table

NAMES = {  # of a measure, and its digits
    "found": ("structure", 2),
    "sky": ("edges in the sky", 1),
    "printed_sky": ("edges in the sky, through a JPEG like the published figure's", 1),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, nargs="?", default=Path("outputs/paper/fig3"))
    parser.add_argument("--output", type=Path, help="a CSV to write")
    options = parser.parse_args()
    frame = structure_table(options.folder)
    for measure, (name, digits) in NAMES.items():
        print(name)
        table = frame.pivot(index="layer_set", columns="ratio", values=measure)
        print(table.round(digits).to_string())
    structure = (frame["found"] - frame["published"]).abs().mean()
    sky = (frame["sky"] - frame["published_sky"]).abs().mean()
    printed = (frame["printed_sky"] - frame["published_sky"]).abs().mean()
    print(
        f"{len(frame)} cells, mean absolute differences {structure:.3f} and {sky:.1f}, "
        f"{printed:.1f} through JPEG"
    )
    if options.output:
        write_table(options.output, frame)


if __name__ == "__main__":
    run_script(main)
