"""Freed memory is kept where the C library can."""

import subprocess
import sys

import pytest

# Page faults of an allocation that fits where another was freed before.
FAULTS = """
import resource, sys
import torch
from nst.runs.device import keep_freed_memory

if sys.argv[1] == "keep":
    assert keep_freed_memory()

def faults(megabytes):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    torch.ones(megabytes * 2**20, dtype=torch.uint8)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

faults(100)
print(faults(64))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="mallopt is glibc's")
def test_an_allocation_after_a_free_waits_for_no_page() -> None:
    def faults(how: str) -> int:
        command = [sys.executable, "-c", FAULTS, how]
        return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    assert faults("keep") < faults("as it is") / 10  # which is 16,384 in pages of 4 KB
