"""Whether frozen_frame is worth asking: a camera that just showed noise or motion is live."""

from __future__ import annotations

from collections import deque

import numpy as np

from detector.core.observation import Frames, Readings, Views
from detector.detectors.frozen_frame import FrozenFrameParameters
from detector.signals.stillness import OVERLAY_TILES, STRAY, displaced, middle

#: Differences of key frames from which the usual one is known, and after how many anew.
_KEPT, _KNOWN, _RENEWED = 300, 10, 16
#: Part of the usual difference from which on a key frame is surely live: beyond what the detector
#: asks, as its own reference may be another.
_BEYOND = 1.2
#: Times by which a still stretch grows before it is judged again.
_GROWN = 1.1
#: Seconds after a still stretch when it is judged again: what moves then tells of it.
_AFTER_S = (0.0, 5.0, 15.0)


class FrozenSigns:
    """Asks while nothing has shown for ``min_still_s`` that the camera is live, ever less often as
    that goes on, and after it.

    Live: a key frame differs from the one before by clearly more than a held one may, where live
    ones differ by clearly more than nothing; or more moves than may in a still stretch.
    """

    def __init__(self, parameters: FrozenFrameParameters | None = None) -> None:
        self._limits = parameters or FrozenFrameParameters()
        self._changes: deque[float] = deque(maxlen=_KEPT)
        self._usual, self._fresh = 0.0, 0
        self._live = self._newest = -np.inf
        self._next = 0.0
        self._after: list[float] = []
        self._framed = False

    def add(self, block: Frames | Views | Readings) -> None:
        """Look at key frames and motion."""
        if isinstance(block, Views):
            self._seen(block)
        elif isinstance(block, Frames):
            self._framed = True
            moving = np.count_nonzero(displaced(block.motion), axis=1)
            self._lived(block.time[moving > OVERLAY_TILES + STRAY])
            self._newest = max(self._newest, float(block.time[-1]))

    def asks(self) -> bool:
        """Whether it may be held, or was until just now."""
        still_s = self._still_s()
        if still_s >= self._limits.min_still_s:
            return still_s >= self._next or not self._framed
        return bool(self._after) and self._newest >= self._after[0]

    def judged(self) -> None:
        """Ask again where the still stretch has grown, or what follows it."""
        still_s = self._still_s()
        if still_s >= self._limits.min_still_s:
            self._next = _GROWN * still_s
        self._after = [time for time in self._after if time > self._newest]

    def _still_s(self) -> float:
        return self._newest - self._live

    def _seen(self, views: Views) -> None:
        use = views.key & (views.seconds > 0)
        if not self._framed:
            self._newest = max(self._newest, float(views.time[-1]))
        if not use.any():
            return
        change = middle(views.stir[use])
        self._changes.extend(change.tolist())
        self._fresh += len(change)
        if self._fresh >= _RENEWED or not self._usual:
            self._fresh = 0
            known = len(self._changes) >= _KNOWN
            self._usual = float(np.quantile(self._changes, 0.75)) if known else 0.0
        limits = self._limits
        if self._usual >= 2 * limits.min_key_noise:
            live = change >= _BEYOND * limits.live_noise * self._usual
            self._lived(views.time[use][live])

    def _lived(self, times: np.ndarray[tuple[int], np.dtype[np.float64]]) -> None:
        """It was live at these times (rising)."""
        if not len(times) or times[-1] <= self._live:
            return
        times = times[times > self._live]
        ends = times[np.diff(times, prepend=self._live) >= self._limits.min_still_s]
        if len(ends):
            self._next = 0.0
            if np.isfinite(self._live):
                self._after = [float(ends[-1]) + after for after in _AFTER_S]
        self._live = float(times[-1])
