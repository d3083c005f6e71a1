"""Measure how fast this machine synthesizes: python scripts/bench.py [--output results/bench]

An evaluation, a picture and the memory, beside the paper's protocol in plain PyTorch code:
studies/bench/cases.py says how.
"""

import argparse
from pathlib import Path
from typing import Any

import pandas as pd

from nst.runs.device import choose_device, prepare_process
from nst.runs.records import write_table
from nst.script import run_script
from studies.bench import cases
from studies.bench.speed import machine


def short(value: object) -> str:
    """Return a value as it is printed."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--output", type=Path, default=Path("results/bench"))
    networks = f"{', '.join(cases.NETWORKS)}, or a file of Oxford's weights"
    parser.add_argument("--networks", nargs="*", default=["embedded"], help=networks)
    parser.add_argument("--device", default="cpu", help="cpu, cuda or auto")
    parser.add_argument("--sizes", nargs="*", type=int, default=[256])
    parser.add_argument("--memory", nargs="*", type=int, default=[256, 512, 1024, 2048])
    parser.add_argument("--tasks", nargs="*", default=list(cases.TASKS), choices=cases.TASKS)
    parser.add_argument("--name", help="of the table; the machine's")
    options = parser.parse_args()
    device = choose_device(options.device)
    name = options.name or machine(device)
    rows: list[dict[str, Any]] = []

    def add(*more: dict[str, Any]) -> None:
        rows.extend(more)
        for row in more:
            row["network"] = Path(row["network"]).stem
            print(", ".join(f"{key} {short(value)}" for key, value in row.items()), flush=True)
        write_table(options.output / f"{name}.csv", pd.DataFrame(rows))

    with cases.process() as plain:
        prepare_process()
        for network in options.networks:
            for size in options.sizes:
                add(*cases.evaluation_rows(plain, network, size, device, rounds=7))
            for size in options.memory:
                for precision in ("float32", "auto"):
                    add(cases.memory_row(network, size, precision, device))
            for size in options.sizes:
                for task in options.tasks:
                    add(*cases.picture_rows(plain, network, size, task, device))


if __name__ == "__main__":
    run_script(main)
