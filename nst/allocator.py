"""How the C library hands out memory."""

import ctypes
import sys

# Names and numbers of glibc's malloc.h; https://man7.org/linux/man-pages/man3/mallopt.3.html
M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_MAX = -1, -2, -4
LARGEST = 2**31 - 1
PAD = 64 * 2**20


def keep_freed_memory() -> bool:
    """Let the process keep what it frees, and use it again; whether the C library can.

    An evaluation allocates every response and frees it. glibc gives large ones back to the system
    at once, and the next evaluation waits for the system to clear them: a sixth of the time of
    plain code at 256 px, and more at larger sizes (docs/speed.md).
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    settings = ((M_MMAP_MAX, 0), (M_TRIM_THRESHOLD, LARGEST), (M_TOP_PAD, PAD))
    return mallopt is not None and all(mallopt(name, value) for name, value in settings)
