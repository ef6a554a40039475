"""capped_signal: a signal is clipped at a ceiling, or squeezed below one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from detector.core.detector import Observation
from detector.core.score import Evidence, Scores
from detector.detectors.readings import Finding, all_blind, scored
from detector.signals.extremes import usual_largest
from detector.signals.manner import OVERLAP, SQUEEZED, rows_of, upper
from detector.signals.series import Series, SeriesStore, without_faults
from detector.signals.unlike import most_unlike

F64 = NDArray[np.float64]

COUNTED = "a crew or a state has a ceiling of its own"
FEW = "too few readings or different values to tell a ceiling from chance"


@dataclass(frozen=True)
class CappedSignalParameters:
    """Parameters of :class:`CappedSignal`.

    * ``windows``: readings of the windows looked at; the series has ten times as many;
    * ``few_values``: among so few different values many equal the highest by chance;
    * ``min_visits``: times a window's highest value is reached and left again to be a ceiling;
    * ``min_usual``: readings equal to the highest of a window that are never too many;
    * ``exceeded``: part of the readings elsewhere that exceed a ceiling at least (0..1): one that
      is never exceeded is a bound by nature, as far as is known;
    * ``min_squeeze``: how far the upper part of the values or its steps shrink at least
      (logarithm); ``min_less``: or spread and steps of the whole;
    * ``min_distance``: distance from what is usual, in standard deviations of single windows of 64
      readings, that is never too far.
    """

    windows: tuple[int, ...] = (32, 64, 128, 256, 512, 1024)
    few_values: int = 12
    min_visits: int = 3
    min_usual: float = 3.0
    exceeded: float = 0.01
    min_squeeze: float = 0.25
    min_less: float = 0.5
    min_distance: float = 0.7


@dataclass(frozen=True)
class _Ceiling:
    """Readings [first, last] of which none is above ``value`` and ``touches`` in one window at it,
    ``ratio`` times what is usual."""

    first: int
    last: int
    value: float
    touches: int
    usual: float
    ratio: float


class CappedSignal:
    """Far too many readings equal the highest one of their time, though others went beyond it; or
    the upper part of the readings is squeezed as it never is.

    Score (clipped): readings of a window that equal its highest / what is usual: the larger of what
    such numbers are in windows of the same size elsewhere in the stream
    (:func:`detector.signals.extremes.usual_largest`; windows under the same ceiling beside it left
    out) and of how often another value occurs in the window. So coarse resolution, dithering, and
    a bound that the quantity has by nature (a full tank) are allowed for. Score (squeezed): how far
    the upper tail and the steps above the median shrink against the lower ones
    (:func:`detector.signals.manner.upper`) / how far they do in other stretches as long. Blind for
    few values. See flat_signal for one value held.
    """

    name: ClassVar[str] = "capped_signal"
    unit: ClassVar[str] = "times usual"

    def __init__(self, parameters: CappedSignalParameters | None = None) -> None:
        self.parameters = parameters or CappedSignalParameters()
        self._store = SeriesStore()

    def learn(self, observation: Observation) -> None:
        """Nothing beforehand: the stream's own other readings are the reference."""

    def update(self, observation: Observation) -> list[Scores]:
        """Keep readings and devices; they are judged together at the end."""
        self._store.add(observation)
        return []

    def finish(self) -> list[Scores]:
        """Judge every stream."""
        return [self._judged(stream) for stream in self._store.streams()]

    def _judged(self, stream: str) -> Scores:
        series = without_faults(self._store.series(stream), self._store.device(stream))
        limits, alarm_at = self.parameters, self._store.device(stream).alarm_at
        alarm = {"alarm_at": alarm_at} if np.isfinite(alarm_at) else {}
        if self._store.device(stream).kind in ("count", "status"):
            return all_blind(self.name, stream, self.unit, series.time, COUNTED)
        few = len(np.unique(series.value)) < limits.few_values
        if few or len(series) < 10 * min(limits.windows):
            return all_blind(self.name, stream, self.unit, series.time, FEW)
        found = [c for size in limits.windows for c in self._ceilings(series.value, size)]
        findings = []
        for ceiling in _strongest(found):
            start, end = float(series.time[ceiling.first]), float(series.time[ceiling.last])
            figures = {
                "ceiling": ceiling.value,
                "touches": ceiling.touches,
                "usual_touches": round(ceiling.usual, 1),
                **alarm,
            }
            evidence = Evidence(start, end, "clipped", figures)
            findings.append(Finding(start, end, ceiling.ratio, evidence))
        findings += self._squeezed(series, alarm)
        return scored(self.name, stream, self.unit, series.time, findings)

    def _squeezed(self, series: Series, alarm: dict[str, float]) -> list[Finding]:
        """The stretch whose upper part is squeezed most."""
        if len(series) < 10 * min(self.parameters.windows):
            return []
        limits, bounds = self.parameters, np.zeros(len(SQUEEZED))
        bounds[:4] = 2 * (-limits.min_squeeze,) + 2 * (-limits.min_less,)
        measures = upper(series.value)
        found = most_unlike(measures, OVERLAP, SQUEEZED, bounds, limits.min_distance)
        if found is None or found.ratio <= 1:
            return []
        first, last = rows_of(found.first, found.last)
        start, end = float(series.time[first]), float(series.time[last])
        figures = {
            "upper_part": round(float(np.exp(min(found.apart[0], found.apart[1]))), 2),
            "highest_value": float(series.value[first : last + 1].max()),
            **alarm,
        }
        return [Finding(start, end, found.ratio, Evidence(start, end, "squeezed", figures))]

    def _ceilings(self, value: F64, size: int) -> Iterator[_Ceiling]:
        """What is usual is exceeded by, of ten windows of ``size`` readings with most at the top.

        Neighbouring windows with the same highest value stand for one ceiling.
        """
        limits, hop = self.parameters, size // 4
        if len(value) < 10 * size:
            return
        windows = np.lib.stride_tricks.sliding_window_view(value, size)[::hop]
        highest = windows.max(axis=1)
        equal = windows == highest[:, None]
        visits = equal[:, 0] + np.count_nonzero(equal[:, 1:] & ~equal[:, :-1], axis=1)
        touches = np.count_nonzero(equal, axis=1)
        touches = np.where(visits >= limits.min_visits, touches, visits).astype(np.float64)
        begins = np.flatnonzero(np.append(True, highest[1:] != highest[:-1]))
        ends = np.append(begins[1:], len(highest))
        most = np.maximum.reduceat(touches, begins)
        for group in np.argsort(-most, kind="stable")[:10]:
            if most[group] <= limits.min_usual:
                return
            a, b = int(begins[group]), int(ends[group])
            elsewhere = np.delete(touches, slice(max(0, a - 4), b + 4))
            usual = np.fmax(limits.min_usual, usual_largest(elsewhere))
            row = a + int(np.argmax(touches[a:b]))
            top = float(highest[a])
            beyond = np.count_nonzero(value > top)
            if most[group] <= usual or beyond < limits.exceeded * len(value):
                continue
            _, counts = np.unique(windows[row][~equal[row]], return_counts=True)
            usual = float(max(usual, counts.max(initial=0)))
            first, last = _reach(value, top, a * hop, (b - 1) * hop + size - 1)
            if most[group] > usual:
                ratio = float(most[group]) / usual
                yield _Ceiling(first, last, top, int(most[group]), usual, ratio)


def _reach(value: F64, top: float, first: int, last: int) -> tuple[int, int]:
    """First and last reading at ``top`` of the longest stretch round these without any above it."""
    above = np.flatnonzero(value > top)
    left, right = np.searchsorted(above, [first, last])
    begin = int(above[left - 1]) + 1 if left else 0
    end = int(above[right]) if right < len(above) else len(value)
    at = begin + np.flatnonzero(value[begin:end] == top)
    return int(at[0]), int(at[-1])


def _strongest(found: list[_Ceiling]) -> list[_Ceiling]:
    """Of ceilings that overlap the one that scores highest."""
    kept: list[_Ceiling] = []
    for ceiling in sorted(found, key=lambda c: (-c.ratio, c.first)):
        if all(ceiling.last < k.first or ceiling.first > k.last for k in kept):
            kept.append(ceiling)
    return kept
