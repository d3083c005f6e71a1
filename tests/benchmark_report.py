"""How large the report of a sweep is and how soon it opens: python tests/benchmark_report.py

Not a test: the times are the machine's. The pictures are those of results/demo, shifted.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
from browsing import CHROMIUM, Reader, browser
from PIL import Image
from sweeping import write_sweep

from studies.report import write

PICTURES = sorted((Path(__file__).parents[1] / "results" / "demo").glob("fig*/*/image.png"))
TIMES = """
const paint = performance.getEntriesByName("first-contentful-paint")[0].startTime;
return [paint, performance.getEntriesByType("navigation")[0].loadEventEnd];
"""


def shifted(number: int) -> Image.Image:
    with Image.open(PICTURES[number % len(PICTURES)]) as picture:
        return Image.fromarray(np.roll(np.asarray(picture.convert("RGB")), number, axis=1))


def opened(page: Path) -> list[float]:
    """Milliseconds from navigation to the first contentful paint and to the load event's end."""
    with tempfile.TemporaryDirectory() as profile, browser(Path(profile)) as driver:
        Reader(driver).emulate(1280, 900)
        driver.get(page.as_uri())
        time.sleep(1)
        return driver.execute_script(TIMES)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5, help="100 cells each")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--keep", type=Path, help="a folder for the records and the page")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        root = options.keep or Path(temporary)
        cells = write_sweep(
            root, ("Night", "Storm", "Bands", "Facets"), options.seeds, shifted, 120
        )
        start = time.perf_counter()
        page = write(root, root / "report.html")
        spent = time.perf_counter() - start
        print(f"{cells} cells: written in {spent:.1f} s, {page.stat().st_size / 1e6:.1f} MB")
        if CHROMIUM:
            paints, loads = zip(*(opened(page) for _ in range(options.repeats)), strict=True)
            for name, times in (("first contentful paint", paints), ("load event", loads)):
                print(f"{name}: median {statistics.median(times):.0f} ms, most {max(times):.0f} ms")


if __name__ == "__main__":
    main()
