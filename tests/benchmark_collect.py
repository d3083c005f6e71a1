"""How long scripts/collect.py takes for many cells: python tests/benchmark_collect.py [cells]

Copies one committed record under other seeds and ratios; prints seconds, of the clock and of the
processor.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RECORD = ROOT / "results" / "demo" / "fig3" / "e_0.0001"


def generate(folder: Path, cells: int) -> None:
    """`cells` complete cells, and in every thousandth place one that failed."""
    record = json.loads((RECORD / "record.json").read_text())
    losses = (RECORD / "losses.csv").read_bytes()
    for i in range(cells):
        cell = folder / "demo" / "images" / f"ratio={i % 100}_seed={i}"
        cell.mkdir(parents=True)
        record["settings"] |= {"seed": i, "ratio": i % 100, "cell": cell.name}
        (cell / "losses.csv").write_bytes(losses)
        (cell / "image.png").write_bytes(b"")
        name = "record.json" if i % 1000 else "failure.json"
        (cell / name).write_text(json.dumps(record | {"error": "out of memory"}, indent=1))


def main(cells: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        generate(Path(name), cells)
        begin = time.perf_counter()
        ran = subprocess.run(
            [sys.executable, str(ROOT / "scripts" / "collect.py"), name],
            capture_output=True,
            text=True,
        )
        seconds = time.perf_counter() - begin
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        size = (Path(name) / "cells.csv").stat().st_size / 1e6
    print(ran.stdout.splitlines()[-1] if ran.stdout else ran.stderr)
    busy = usage.ru_utime + usage.ru_stime
    print(f"{cells} cells in {seconds:.1f} s ({busy:.1f} s of a processor), {size:.1f} MB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
