"""From time stamps to times."""

from __future__ import annotations

from collections.abc import Callable

from av.video.frame import VideoFrame

#: Seconds between two pictures whose stamps do not tell them apart.
LEAST_S = 1e-4


class Clock:
    """Presentation times in s from the first picture; always forward, faults are told.

    Decoders hand out pictures in order of presentation, but some containers (AVI with B frames)
    hold no usable presentation stamps: of the two stamps, each counted from where it began, the one
    that ran backward less often rules. ``base`` s is the unit of stamps, ``nominal_s`` s the
    distance of pictures where there are none.
    """

    def __init__(self, base: float, nominal_s: float, fault: Callable[[str], None]) -> None:
        self._base, self._nominal_s, self._fault = base, nominal_s, fault
        self._last: float | None = None
        self._origins: list[float | None] = [None, None]
        self._before: list[float | None] = [None, None]
        self._backward = [0, 0]

    @property
    def origin_s(self) -> float:
        """The presentation stamp of the first picture in s; 0 before there is one."""
        return next((origin for origin in self._origins if origin is not None), 0.0)

    @property
    def now_s(self) -> float:
        """Time of the last picture in s; -1 before there is one."""
        return -1.0 if self._last is None else self._last

    def time(self, frame: VideoFrame) -> float:
        """Time of the next picture in s."""
        stamps = (self._elapsed(0, frame.pts), self._elapsed(1, frame.dts))
        first = 1 if self._backward[0] > self._backward[1] else 0
        stamp = stamps[first] if stamps[first] is not None else stamps[1 - first]
        if stamp is None:
            self._fault("time stamps are missing; the nominal frame rate stands in")
            time = 0.0 if self._last is None else self._last + self._nominal_s
        else:
            time = stamp
        if self._last is not None and time <= self._last:
            time = self._last + LEAST_S
        self._last = time
        return time

    def jump(self) -> None:
        """The next picture is from elsewhere in the recording."""
        self._last = None
        self._before = [None, None]

    def _elapsed(self, rule: int, stamp: int | None) -> float | None:
        """Seconds of a stamp since the first picture; None where it is missing."""
        if stamp is None:
            self._backward[rule] += 1
            return None
        seconds = stamp * self._base
        if self._origins[rule] is None:
            elapsed = 0.0 if self._last is None else self._last + self._nominal_s
            self._origins[rule] = seconds - elapsed
        before = self._before[rule]
        if before is not None and seconds <= before:
            self._backward[rule] += 1
        self._before[rule] = seconds
        return seconds - (self._origins[rule] or 0.0)
