"""Measure how fast this machine synthesizes: python scripts/bench.py [--output results/bench]

An evaluation and a picture, beside the paper's protocol in plain PyTorch code:
studies/bench/cases.py says how.
"""

import argparse
import multiprocessing
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pandas as pd

from nst.runs.device import choose_device, prepare_process
from nst.runs.records import write_table
from nst.script import run_script
from studies.bench import cases


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--output", type=Path, default=Path("results/bench"))
    networks = f"{', '.join(cases.NETWORKS)}, or a file of Oxford's weights"
    parser.add_argument("--networks", nargs="*", default=["embedded"], help=networks)
    parser.add_argument("--device", default="cpu", help="cpu, cuda or auto")
    parser.add_argument("--sizes", nargs="*", type=int, default=[256])
    parser.add_argument("--tasks", nargs="*", default=list(cases.TASKS), choices=cases.TASKS)
    parser.add_argument("--name", help="of the table; the machine's")
    options = parser.parse_args()
    device = choose_device(options.device)
    path = options.output / f"{options.name or cases.machine(device)}.csv"
    rows: list[dict[str, Any]] = []

    def add(measured: Iterable[dict[str, Any]]) -> None:
        for row in measured:
            rows.append(row | {"network": Path(row["network"]).stem})
            said = {k: f"{v:.4g}" if isinstance(v, float) else v for k, v in rows[-1].items()}
            print(", ".join(f"{k} {v}" for k, v in said.items()), flush=True)
            write_table(path, pd.DataFrame(rows))

    spawn = multiprocessing.get_context("spawn")  # with the C library's own memory allocation
    with ProcessPoolExecutor(1, mp_context=spawn) as plain:
        prepare_process()
        for network in options.networks:
            for size in options.sizes:
                add(cases.evaluation_rows(plain, cases.Case(network, size, device)))
            for size in options.sizes:
                for task in options.tasks:
                    add(cases.picture_rows(plain, cases.Case(network, size, device, task)))


if __name__ == "__main__":
    run_script(main)
