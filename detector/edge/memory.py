"""Memory that was freed is kept for what comes next."""

from __future__ import annotations

import ctypes
from contextlib import suppress

#: mallopt(3): M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_THRESHOLD, and bytes for each.
_KEPT = ((-1, 256 << 20), (-2, 16 << 20), (-3, 32 << 20))


def keep_memory() -> None:
    """Have the C library keep what this process frees, up to 256 MB.

    Pictures come and go by the hundred: to be given each one's memory anew by the system takes
    longer than to measure it. Without glibc nothing changes.
    """
    with suppress(OSError, AttributeError):
        for what, size in _KEPT:
            ctypes.CDLL(None).mallopt(what, size)
