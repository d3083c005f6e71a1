"""Sweeps killed at random moments, each resumed to the same bytes: python tests/soak.py --count 20

Not collected by pytest. Each sweep is a fork of this process, which has imported torch and read the
configs already: the moments are spread over what a sweep itself does. The first one that differs
ends it.
"""

import argparse
import importlib
import json
import os
import random
import runpy
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from command import SCRIPT, contents, inputs
from composing import hydra_initialized, read_configs_once, settings

from nst.runs import records

SWEEP = ("-m", "network=random", "network.width=0.125", "size=48", "schedule=single",
         "content.path=photo.png", "styles=painting.jpg", "checkpoint_every=1e-9",
         "save_every=2", "seed=0,1,2", "evaluations=5")  # fmt: skip
CELLS = 3
KINDS = {"TERM": {-15, 0}, "KILL": {-9, 0}, "INT": {130, -2, 0}, "pipe": {0}}  # exit codes
TIMED = ("seconds",)  # what no two runs have in common


def start(folder: Path) -> tuple[int, int]:
    """Begin a sweep in a folder; return its process, and the end to read what it prints."""
    read, write = os.pipe()
    if process := os.fork():
        os.close(write)
        return process, read
    code = 1
    try:
        os.close(read)
        for stream in (1, 2):
            os.dup2(write, stream)
        os.chdir(folder)
        sys.argv = [str(SCRIPT), *SWEEP]
        runpy.run_path(str(SCRIPT), run_name="__main__")
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
        print(*[end.code] * isinstance(end.code, str), file=sys.stderr)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def end(process: int, read: int) -> tuple[int, str]:
    """Wait for a sweep; return its exit code and what it printed, unless nobody could read it."""
    said = b""
    while read >= 0 and (part := os.read(read, 1 << 16)):
        said += part
    if read >= 0:
        os.close(read)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), said.decode()


def left(folder: Path) -> dict[str, Any]:
    """Every file of a sweep's output, records and tables without what differs from run to run."""
    found: dict[str, Any] = dict(contents(folder / "outputs"))
    for name, content in found.items():
        if name.endswith("record.json"):
            record = json.loads(content)
            losses = {key: record["losses"][key] for key in record["losses"] if key not in TIMED}
            found[name] = {key: record[key] for key in record if key not in TIMED}
            found[name] |= {"losses": losses}
        elif name.endswith("losses.csv"):
            table = pd.read_csv(folder / "outputs" / name)
            found[name] = table.drop(columns=[*TIMED]).to_csv()
    return found


def kill(folder: Path, kind: str, moment: float) -> str:
    """Kill a sweep, and run it again; return what it was doing, or raise `AssertionError`."""
    process, read = start(folder)
    time.sleep(moment)
    if kind == "pipe":
        os.close(read)
        read = -1
    else:
        os.kill(process, getattr(signal, f"SIG{kind}"))
    code, said = end(process, read)
    assert code in KINDS[kind], f"{kind} after {moment:.3f} s: exit code {code}: {said}"
    assert "Traceback" not in said, said
    frame = records.load(folder / "outputs")
    assert not frame.attrs["broken"], frame.attrs["broken"]
    state = f"{len(frame)} of {CELLS} cells" + ", a checkpoint" * any(folder.rglob("checkpoint.pt"))
    code, said = end(*start(folder))
    assert code == 0, said
    return state


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng, counts = random.Random(options.seed), Counter[str]()
    torch.set_num_threads(1)
    read_configs_once()
    for module in ("nst.runs.commands", "torch._dynamo"):  # what a sweep imports on its way
        importlib.import_module(module)
    with hydra_initialized():
        settings("network=random", "schedule=single")
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root) / "sweep"  # one for all: Hydra writes it down
        begun = time.monotonic()
        code, said = end(*start(inputs(folder)))
        assert code == 0, said
        seconds, expected = time.monotonic() - begun, left(folder)
        for number in range(options.count):
            shutil.rmtree(folder)
            # Not in the first 10 ms, in which Python itself may not have come to our first line.
            kind, moment = [*KINDS][number % len(KINDS)], rng.uniform(0.01, seconds)
            state = kill(inputs(folder), kind, moment)
            found = left(folder)
            differ = [name for name in expected | found if expected.get(name) != found.get(name)]
            for name in differ:
                print(name, expected.get(name), found.get(name), sep="\n", file=sys.stderr)
            assert not differ, f"sweep {number}, {kind} after {moment:.3f} s: {differ}"
            counts.update([kind, state])
            print(
                f"{number + 1}: {kind} after {moment:.2f} of {seconds:.2f} s: {state}", flush=True
            )
    print(f"{options.count} sweeps: {dict(sorted(counts.items()))}")


if __name__ == "__main__":
    sys.exit(main())
