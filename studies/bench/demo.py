"""How fast two versions of the code compute the demo, in turns on one machine.

    python -m studies.bench.demo BEFORE AFTER [NAME=VALUE...] [--rounds 3] [--processes 1 2]

BEFORE and AFTER are checkouts. Each computes a cell of each kind, or with --all all 35, by its own
configs; a round is both, one after the other. With 2 processes, two cells that differ in their seed
are computed at once. A time is that of the slowest, without what a process takes to start. A ratio
is AFTER / BEFORE: its median over rounds, its least and its largest. "35 cells" weighs each kind
by its number; the numbers of evaluations are printed as well.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from nst.errors import InputError
from nst.script import run_script

PRECISIONS = ["float32", "bfloat16"]
LAYER_SETS, RATIOS = "abcde", ("1e-5", "1e-4", "1e-3", "1e-2")
ALL = {
    **{f"{kind} {d}": ["figure=fig1", f"task={kind}", f"layer_set={d}"]
       for kind, d in product(("content", "style"), LAYER_SETS)},
    **{f"Fig 2 {panel}": ["figure=fig2", f"panel={panel}"] for panel in "BCDEF"},
    **{f"row {d.upper()} {ratio}": ["figure=fig3", f"layer_set={d}", f"ratio={ratio}"]
       for d, ratio in product(LAYER_SETS, RATIOS)},
}  # fmt: skip
# How many cells each stands for; row A also for B, C also for D.
SAMPLE = {"content d": 5, "style e": 5, "Fig 2 C": 5, "row A 1e-4": 8, "row C 1e-4": 8,
          "row E 1e-4": 4}  # fmt: skip


def compute(checkout: Path, overrides: list[str]) -> dict[str, Any]:
    """Compute a cell with the code and the configs of a checkout, in one thread: its record."""
    if not (checkout / "configs" / "task").exists():  # of before settings had these names
        old = {"task": "reconstruct", "layer_set": "depth"}
        named = [override.partition("=") for override in overrides]
        overrides = [f"{old.get(name, name)}={value}" for name, _, value in named]
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


def cell(checkout: Path, overrides: list[str], processes: int) -> tuple[float, int]:
    """Compute a cell, of several seeds at once; return the slowest's seconds and evaluations."""
    seeds = [[*overrides, f"seed={seed}"] for seed in range(processes)]
    with ThreadPoolExecutor(processes) as pool:
        records = list(pool.map(partial(compute, checkout), seeds))
    slowest = max(records, key=lambda record: record["seconds"])
    return slowest["seconds"], slowest["evaluations"]


def compare(
    checkouts: list[Path], names: dict[str, int], more: list[str], rounds: int, processes: int
) -> Iterator[str]:
    """Compute cells of both checkouts in turns; give a line on each, and one on all of them."""
    whole = np.zeros((rounds, 2))
    for name, weight in names.items():
        times, counts = np.zeros((rounds, 2)), [0, 0]
        for number in range(rounds):
            for i in (0, 1) if number % 2 == 0 else (1, 0):
                times[number, i], counts[i] = cell(checkouts[i], [*ALL[name], *more], processes)
        whole += weight * times
        yield f"{line(name, times)}  {counts[0]} and {counts[1]} evaluations"
    yield line(f"{sum(names.values())} cells", whole / processes)


def line(name: str, times: np.ndarray) -> str:
    """Return the least seconds (rounds, 2) of both, and the median, least and largest ratio."""
    (before, after), ratios = times.min(axis=0), times[:, 1] / times[:, 0]
    spread = f"{np.median(ratios):.3f} ({ratios.min():.3f} to {ratios.max():.3f})"
    return f"{name:12s} {before:6.1f} s  {after:6.1f} s  {spread}"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("checkouts", nargs=2, type=Path, metavar=("BEFORE", "AFTER"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--processes", nargs="*", type=int, default=[1, 2])
    parser.add_argument("--precisions", nargs="*", default=PRECISIONS, choices=PRECISIONS)
    parser.add_argument("--all", action="store_true", help="35 cells, not one of each kind")
    parser.add_argument("overrides", nargs="*", help="of every cell, such as size=64")
    options = parser.parse_args()
    checkouts = [path.resolve() for path in options.checkouts]
    names = dict.fromkeys(ALL, 1) if options.all else SAMPLE
    for precision, processes in product(options.precisions, options.processes):
        print(f"\n{precision}, {processes} at once: the least seconds before and after", flush=True)
        more = [f"precision={precision}", *options.overrides]
        for line in compare(checkouts, names, more, options.rounds, processes):
            print(line, flush=True)


if __name__ == "__main__":
    run_script(main)
