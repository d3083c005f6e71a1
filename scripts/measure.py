"""Measure what networks can do: python scripts/measure.py embedded random --output FILE.csv

Content reconstructions, style reconstructions and transfers; studies/measures/networks.py says how.
With --teacher FILE --data FOLDER it measures how near they are to the network that taught them.
"""

import argparse
from pathlib import Path

import pandas as pd

from nst.runs.records import write_table
from nst.script import run_script
from studies.measures.networks import network_row, teacher_row


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("networks", nargs="+", help="embedded, random, ... or NAME=FILE")
    parser.add_argument("--set", nargs="*", default=[], help="settings, such as content.path=FILE")
    parser.add_argument("--teacher", type=Path, help="Oxford's VGG-19, to be compared with")
    parser.add_argument("--data", type=Path, help="with --teacher: the photographs of make train")
    parser.add_argument("--output", type=Path, help="a CSV to write")
    options = parser.parse_args()
    if options.teacher and not options.data:
        parser.error("--teacher needs --data, for held-out photographs")
    settings, rows = ["size=256", "evaluations=300", *options.set], []
    for network in options.networks:
        if options.teacher:
            rows.append(teacher_row(network, settings, options.teacher, options.data))
        else:
            rows.append(network_row(network, settings))
        print(rows[-1], flush=True)
        if options.output:
            write_table(options.output, pd.DataFrame(rows))


if __name__ == "__main__":
    run_script(main)
