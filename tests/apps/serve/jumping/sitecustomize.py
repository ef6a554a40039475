"""Read by Python where it begins with this folder on its path: its clock can then be set by a file
that holds the seconds by which it is ahead."""

import os
import time
from pathlib import Path

_FILE = os.environ.get("TRUESHAFT_TEST_CLOCK")
if _FILE:
    _path, _true = Path(_FILE), time.time
    _known = [0.0, 0.0]  # when it was looked at, and what it said

    def _time() -> float:
        now = time.monotonic()
        if now - _known[0] > 0.1:
            try:
                _known[:] = [now, float(_path.read_text() or 0)]
            except (OSError, ValueError):
                _known[0] = now
        return _true() + _known[1]

    time.time = _time
