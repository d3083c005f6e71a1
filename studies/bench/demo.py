"""How fast two versions of the code compute the demo, in turns on one machine.

    python -m studies.bench.demo BEFORE AFTER [NAME=VALUE...] [--rounds 3] [--processes 1 2]

BEFORE and AFTER are checkouts. Each computes a cell of each kind by its own configs; a round is
both, one after the other. With 2 processes, two cells that differ in their seed are computed at
once. A time is that of the slowest, without what a process takes to start. A ratio is AFTER /
BEFORE: its median over rounds, its least and its largest. "35 cells" weighs each kind by its
number; the numbers of evaluations are printed as well.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from nst.errors import InputError
from nst.script import run_script

PRECISIONS = ("float32", "bfloat16")
SAMPLE = {  # how many of the 35 cells each stands for; row A also for B, C also for D
    "figure=fig1 task=content layer_set=d": 5,
    "figure=fig1 task=style layer_set=e": 5,
    "figure=fig2 panel=C": 5,
    "figure=fig3 layer_set=a ratio=1e-4": 8,
    "figure=fig3 layer_set=c ratio=1e-4": 8,
    "figure=fig3 layer_set=e ratio=1e-4": 4,
}


def compute(checkout: Path, overrides: list[str]) -> dict[str, Any]:
    """Compute a cell with the code and the configs of a checkout, in one thread: its record."""
    own = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "PYTHONPATH": str(checkout)}
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "scripts/synthesize.py", *overrides, f"output={folder}"]
        command += ["checkpoint_every=0", "device=cpu"]
        environment = os.environ | own
        ran = subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True)
        if ran.returncode:
            raise InputError(f"{checkout}, {' '.join(overrides)}: {ran.stderr.strip()[-300:]}")
        (path,) = Path(folder).rglob("record.json")
        return json.loads(path.read_bytes())


def slowest(checkout: Path, overrides: list[str], processes: int) -> dict[str, Any]:
    """Compute a cell, of several seeds at once; return the record of the slowest."""
    seeds = [[*overrides, f"seed={seed}"] for seed in range(processes)]
    with ThreadPoolExecutor(processes) as pool:
        return max(pool.map(partial(compute, checkout), seeds), key=lambda found: found["seconds"])


def compare(checkouts: list[Path], more: list[str], rounds: int, processes: int) -> None:
    """Compute cells of both checkouts in turns; print a line on each, and one on all of them."""
    whole = np.zeros((rounds, 2))
    for cell, weight in SAMPLE.items():
        times, counts = np.zeros((rounds, 2)), [0, 0]
        for number, i in product(range(rounds), (0, 1)):
            which = i ^ number % 2  # each is first in every other round
            found = slowest(checkouts[which], [*cell.split(), *more], processes)
            times[number, which], counts[which] = found["seconds"], found["evaluations"]
        whole += weight * times
        print(f"{line(cell, times)}  {counts[0]} and {counts[1]} evaluations", flush=True)
    print(line(f"{sum(SAMPLE.values())} cells", whole / processes), flush=True)


def line(name: str, times: np.ndarray) -> str:
    """Return the least seconds (rounds, 2) of both, and the median, least and largest ratio."""
    (before, after), ratios = times.min(axis=0), times[:, 1] / times[:, 0]
    spread = f"{np.median(ratios):.3f} ({ratios.min():.3f} to {ratios.max():.3f})"
    return f"{name:36s} {before:6.1f} s  {after:6.1f} s  {spread}"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("checkouts", nargs=2, type=Path, metavar=("BEFORE", "AFTER"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--processes", nargs="*", type=int, default=[1, 2])
    parser.add_argument("overrides", nargs="*", help="of every cell, such as size=64")
    options = parser.parse_args()
    checkouts = [path.resolve() for path in options.checkouts]
    for precision, processes in product(PRECISIONS, options.processes):
        print(f"\n{precision}, {processes} at once: the least seconds before and after", flush=True)
        more = [f"precision={precision}", *options.overrides]
        compare(checkouts, more, options.rounds, processes)


if __name__ == "__main__":
    run_script(main)
