"""Measure the mean response of each filter of a network: nst/assets/means.safetensors

python scripts/means.py embedded --photographs data/caltech101
python scripts/means.py oxford --weights vgg19.safetensors --photographs data/caltech101
"""

import argparse
from pathlib import Path

from nst.errors import run_script
from nst.files import ASSETS
from studies.measures.means import measure, store


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("network", choices=("embedded", "oxford"))
    parser.add_argument("--photographs", type=Path, required=True, help="a folder of image files")
    parser.add_argument("--count", type=int, default=300, help="drawn from them (default: 300)")
    parser.add_argument("--weights", type=Path, help="a local file, instead of a download")
    parser.add_argument("--output", type=Path, default=ASSETS / "means.safetensors")
    options = parser.parse_args()
    means = measure(options.network, options.weights, options.photographs, options.count)
    store(options.output, options.network, means)


if __name__ == "__main__":
    run_script(main)
