"""Copy a profile's complete figures from outputs/ to results/: python scripts/publish.py paper

What is copied is small enough to be committed, and holds no photograph or artwork.
"""

import argparse
from pathlib import Path

from nst.errors import InputError, run_script
from nst.figures.drawing import FIGURES
from nst.runs import records


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("profile", choices=("demo", "paper"))
    parser.add_argument("--source", type=Path, default=Path("outputs"))
    parser.add_argument("--target", type=Path, default=Path("results"))
    options = parser.parse_args()
    source, target = options.source / options.profile, options.target / options.profile
    cells = [path.parent for name in FIGURES for path in source.glob(f"{name}/*/record.json")]
    if not cells:
        raise InputError(f"no records in {source}: make figures PROFILE={options.profile}")
    for cell in cells:
        records.publish(cell, target / cell.relative_to(source))
    print(f"{len(cells)} cells of {source} are in {target}")


if __name__ == "__main__":
    run_script(main)
