"""Whether silence is worth asking: reports that come as they always did are no silence."""

from __future__ import annotations

import numpy as np

from detector.core.observation import Frames, Readings, Views
from detector.detectors.silence import SilenceParameters

#: Reports from which on their intervals are known.
_FEW = 10


class SilenceSigns:
    """Asks where a report came later after the one before than any did, or where few have come.

    A stream that ends makes no report to be looked at: that is told by time alone.
    """

    def __init__(self, parameters: SilenceParameters | None = None) -> None:
        self._newest = -np.inf
        self._longest = 0.0
        self._count = 0
        self._asked = True

    def add(self, block: Frames | Views | Readings) -> None:
        """Look at the intervals between reports."""
        if isinstance(block, Frames):
            return
        time = block.time if len(block) == 1 else np.sort(block.time)
        interval = np.diff(time, prepend=self._newest)
        interval = interval[interval > 0]
        interval = interval[np.isfinite(interval)]
        if len(interval):
            longest = float(interval.max())
            self._asked |= longest > self._longest
            self._longest = max(self._longest, longest)
        if len(time) and np.isfinite(time[-1]):
            self._newest = max(self._newest, float(time[-1]))
        self._count += len(block)

    def asks(self) -> bool:
        """Whether there was a longer interval than any before."""
        return self._asked or self._count < _FEW

    def judged(self) -> None:
        """The longest interval so far was judged."""
        self._asked = False
