"""copied_signal: one stream is another's copy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from detector.core.detector import Observation
from detector.core.score import Evidence, Scores, Showing
from detector.detectors.readings import Finding, all_blind, scored
from detector.signals.likeness import STRIDE, WINDOW, changes
from detector.signals.repeats import Repeat, repeats, steps_of
from detector.signals.runs import runs
from detector.signals.series import Series, SeriesStore, period, without_faults

F64 = NDArray[np.float64]

FEW = "too few readings or changes to tell a copy from chance"
ALONE = "there is no other stream to compare with"


@dataclass(frozen=True)
class CopiedSignalParameters:
    """Parameters of :class:`CopiedSignal`.

    * ``min_bits``: information that an exactly shared stretch has at least;
    * ``min_r``: correlation of the changes over a stretch that is nearly shared (0..1);
    * ``min_excess``: standard errors by which that lies above what the two usually have;
    * ``in_a_row``: windows in a row that must all agree so;
    * ``few_values``: a stream of at most so many different values is a state, not a measurement.
    """

    min_bits: float = 120.0
    min_r: float = 0.8
    min_excess: float = 8.0
    in_a_row: int = 2
    few_values: int = 15


class CopiedSignal:
    """What one stream reports is what another does.

    Exactly (any offset, any lag): a stretch of steps that another stream has too; score: its
    information / ``min_bits``. Nearly (noise, another scale; at the same time only): windows of
    changes that agree far better than those of the same two streams do otherwise, so that a common
    cause is none; score: that excess / ``min_excess``. The stream that goes on as it always did is
    named as the other. Blind for states, short streams, and where there is but one stream.
    """

    name: ClassVar[str] = "copied_signal"
    unit: ClassVar[str] = "times least"

    def __init__(self, parameters: CopiedSignalParameters | None = None) -> None:
        self.parameters = parameters or CopiedSignalParameters()
        self._store = SeriesStore()

    def learn(self, observation: Observation) -> None:
        """Nothing beforehand: the other stretches of the same streams are the reference."""

    def update(self, observation: Observation) -> list[Scores]:
        """Keep readings and devices; they are compared at the end."""
        self._store.add(observation)
        return []

    def finish(self) -> list[Scores]:
        """Compare every stream with every other."""
        names = list(self._store.streams())
        series = [without_faults(self._store.series(n), self._store.device(n)) for n in names]
        telling = [self._telling(s) for s in series]
        findings: dict[str, list[Finding]] = {name: [] for name in names}
        chosen = [i for i, use in enumerate(telling) if use]
        for find in (self._exact, self._near):
            for own, finding in find(names, series, chosen):
                findings[names[own]].append(finding)
        result = []
        for name, one, use in zip(names, series, telling, strict=True):
            if not use or len(chosen) < 2:
                why = FEW if not use else ALONE
                result.append(all_blind(self.name, name, self.unit, one.time, why))
            else:
                result.append(scored(self.name, name, self.unit, one.time, findings[name]))
        return result

    def _telling(self, series: Series) -> bool:
        many = len(np.unique(series.value)) > self.parameters.few_values
        return len(series) >= 2 * WINDOW and many

    def _exact(
        self, names: Sequence[str], series: Sequence[Series], chosen: Sequence[int]
    ) -> Iterator[tuple[int, Finding]]:
        found = repeats([steps_of(series[i].value) for i in chosen], self.parameters.min_bits)
        by_pair: dict[tuple[int, int], list[Repeat]] = {}
        for repeat in found:
            if repeat.own != repeat.other:
                by_pair.setdefault((repeat.own, repeat.other), []).append(repeat)
        for pair, shared in by_pair.items():
            own, other = chosen[pair[0]], chosen[pair[1]]
            usual = self._usual(shared, len(series[own]))
            for repeat in shared:
                if repeat.bits > usual:
                    yield self._finding(names, series, (own, other), repeat, repeat.bits / usual)

    def _usual(self, shared: Sequence[Repeat], rows: int) -> float:
        """Bits that two streams share by themselves: where they do so now and then all along, such
        as two gauges of one tank, more than any but the longest such stretch has."""
        least = self.parameters.min_bits
        span = max(r.last for r in shared) - min(r.first for r in shared)
        if len(shared) < 4 or span < rows / 4:
            return least
        return max(least, 2.0 * sorted(r.bits for r in shared)[-2])

    def _finding(
        self,
        names: Sequence[str],
        series: Sequence[Series],
        pair: tuple[int, int],
        repeat: Repeat,
        value: float,
    ) -> tuple[int, Finding]:
        """The copy: what shows it later, or what is less like itself where both show it at once."""
        own, other = pair
        one, two = series[own], series[other]
        rows = repeat.first, repeat.last + 1
        start, end = float(one.time[rows[0]]), float(one.time[rows[1]])
        lag = start - float(two.time[rows[0] - repeat.lag])
        step = period(one)
        if lag < -step or (abs(lag) <= step and not self._copier(one, two, *rows)):
            own, other, start, end, lag = other, own, start - lag, end - lag, -lag
        figures = {"bits": round(repeat.bits, 1), "readings": repeat.last - repeat.first + 2}
        showing = Showing(names[other], start - lag, end - lag, lag)
        evidence = Evidence(start, end, "exact", figures, showing)
        return own, Finding(start, end, value, evidence)

    def _near(
        self, names: Sequence[str], series: Sequence[Series], chosen: Sequence[int]
    ) -> Iterator[tuple[int, Finding]]:
        by_times: dict[tuple[int, float, float], list[int]] = {}
        for i in chosen:
            key = (len(series[i]), float(series[i].time[0]), float(series[i].time[-1]))
            by_times.setdefault(key, []).append(i)
        for group in by_times.values():
            windows = {i: _windows(changes(series[i].value)) for i in group}
            for one, two in combinations(group, 2):
                if not np.array_equal(series[one].time, series[two].time):
                    continue
                r = np.einsum("ij,ij->i", windows[one], windows[two])
                for first, last, excess, at in self._beyond(r):
                    own = self._copier(series[one], series[two], first, last)
                    start = float(series[one].time[first])
                    end = float(series[one].time[min(last, len(series[one]) - 1)])
                    figures = {"correlation": round(at, 3), "excess": round(excess, 1)}
                    index, source = (one, two) if own else (two, one)
                    showing = Showing(names[source], start, end, 0.0)
                    evidence = Evidence(start, end, "alike", figures, showing)
                    yield index, Finding(start, end, excess / self.parameters.min_excess, evidence)

    def _beyond(self, r: F64) -> Iterator[tuple[int, int, float, float]]:
        """Stretches (first row, last row, excess, correlation) of windows that agree unusually."""
        limits = self.parameters
        z = np.arctanh(np.clip(r, -0.999999, 0.999999)) * np.sqrt(WINDOW)
        usual = float(np.quantile(z, 0.75)) if len(z) >= 8 else np.inf
        spread = 1.4826 * float(np.median(np.abs(z - np.median(z)))) + 1.0
        high = (r >= limits.min_r) & (z - usual >= limits.min_excess * np.maximum(spread / 2, 1.0))
        for a, b in runs(high):
            if b - a + 1 >= limits.in_a_row:
                excess = float(np.median(z[a : b + 1]) - usual)
                yield a * STRIDE, b * STRIDE + WINDOW, excess, float(np.median(r[a : b + 1]))

    def _copier(self, one: Series, two: Series, first: int, last: int) -> bool:
        """Whether the first runs less like itself in the stretch than the second does."""
        unlike = []
        for series in (one, two):
            inside = np.diff(series.value[first : last + 1])
            whole = np.diff(series.value)
            ratio = (np.mean(np.abs(inside)) + 1e-12) / (np.mean(np.abs(whole)) + 1e-12)
            level = np.mean(series.value[first:last]) - np.mean(series.value)
            unlike.append(abs(np.log(ratio)) + abs(level) / (np.std(series.value) + 1e-12))
        return bool(unlike[0] > unlike[1])


def _windows(change: NDArray[np.float32]) -> F64:
    """Windows (k, ``WINDOW``) of changes, each of norm 1, those that hardly change 0."""
    if len(change) < WINDOW:
        return np.zeros((0, WINDOW))
    cut = np.lib.stride_tricks.sliding_window_view(change, WINDOW)[::STRIDE].astype(np.float64)
    cut = cut - cut.mean(axis=1, keepdims=True)
    norm = np.sqrt(np.square(cut).sum(axis=1))
    lively = (np.count_nonzero(np.diff(cut, axis=1), axis=1) >= WINDOW // 4) & (norm > 0)
    return np.asarray(np.where(lively[:, None], cut / np.maximum(norm, 1e-20)[:, None], 0.0))
