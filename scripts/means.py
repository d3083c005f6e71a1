"""Measure the mean response of each filter of a network over photographs.

Kept in nst/assets/means.safetensors:

python scripts/means.py embedded --photographs caltech101
python scripts/means.py oxford --weights vgg19.safetensors --photographs caltech101
"""

import argparse
from pathlib import Path

from nst.files import ASSETS
from nst.script import run_script
from studies.measures.means import measure, store


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("network", choices=("embedded", "oxford"))
    parser.add_argument(
        "--photographs", type=Path, required=True, help="a folder with folders of image files"
    )
    parser.add_argument("--each", type=int, default=8, help="of each folder (default: 8)")
    parser.add_argument("--weights", type=Path, help="a local file, instead of a download")
    parser.add_argument("--output", type=Path, default=ASSETS / "means.safetensors")
    options = parser.parse_args()
    means = measure(options.network, options.weights, options.photographs, options.each)
    store(options.output, options.network, means)


if __name__ == "__main__":
    run_script(main)
