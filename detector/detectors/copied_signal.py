"""copied_signal: one stream is another's copy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from detector.core.detector import Observation
from detector.core.score import Scores
from detector.detectors.match_findings import finding_of
from detector.detectors.readings import Finding, all_blind, scored
from detector.signals.grid import grid_of, unlike_itself
from detector.signals.matches import Match, Search, disjoint
from detector.signals.relations import RelationsModel
from detector.signals.series import Series, SeriesStore, period, without_faults
from detector.signals.waves import LENGTH

FEW = "too few readings or changes to tell a copy from chance"
ALONE = "there is no other stream to compare with"


@dataclass(frozen=True)
class CopiedSignalParameters:
    """Parameters of :class:`CopiedSignal`.

    * ``max_unexplained``: part of the variance of the differences that a copy may leave (0..1);
    * ``few_values``: a stream of fewer different values is a state, not a measurement.
    """

    max_unexplained: float = 0.15
    few_values: int = 8


class CopiedSignal:
    """What one stream reports is what another does, at once or up to any lag before.

    Exactly (any offset): a stretch of changes that another stream has too. Nearly (another scale,
    noise): differences at one of three scales that the other explains far better than it does at
    other times, so that a common cause (the same fan, parallel phases) is none. Score: the
    information of the match in bits, less that of all comparisons. The later showing is the copy;
    of two at once the one that is less like itself. Blind for states, short streams, and where
    there is but one stream. With a model of the site, streams that went alike when it was learned
    are no copies at one time. Misses noisy copies at once over most of the time, which parallel
    sensors may well be.
    """

    name: ClassVar[str] = "copied_signal"
    unit: ClassVar[str] = "bits"

    def __init__(self, parameters: CopiedSignalParameters | None = None) -> None:
        self.parameters = parameters or CopiedSignalParameters()
        self._store = SeriesStore()
        self._twins: frozenset[frozenset[str]] = frozenset()

    def know(self, model: RelationsModel | None) -> None:
        """Take from the site's model which streams go alike when all is well."""
        pairs = [(model.streams[i], model.streams[j]) for i, j in model.twins] if model else []
        self._twins = frozenset(frozenset(pair) for pair in pairs)

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
        use = [self._telling(s) for s in series]
        chosen = [i for i, telling in enumerate(use) if telling]
        findings: dict[int, list[Finding]] = {i: [] for i in chosen}
        for streams, coarse in _by_period([series[i] for i in chosen]):
            rows = [chosen[i] for i in streams]
            for own, finding in self._found(rows, coarse, names, series):
                findings[own].append(finding)
        result = []
        for i, (name, one) in enumerate(zip(names, series, strict=True)):
            if not use[i] or len(chosen) < 2:
                why = ALONE if use[i] else FEW
                result.append(all_blind(self.name, name, self.unit, one.time, why))
            else:
                result.append(scored(self.name, name, self.unit, one.time, findings[i]))
        return result

    def _telling(self, series: Series) -> bool:
        many = len(np.unique(series.value)) >= self.parameters.few_values
        return len(series) >= 3 * LENGTH and many

    def _found(
        self, rows: Sequence[int], coarse: int, names: Sequence[str], series: Sequence[Series]
    ) -> Iterator[tuple[int, Finding]]:
        """Copies among streams of which the last ``coarse`` have the period of the grid."""
        step = float(np.median([period(series[i]) for i in rows[-coarse:]]))
        grid = grid_of([series[i] for i in rows], step)
        search = Search(grid.value, own_past=False, rhythm=grid.rows_a_day)
        found = [
            _directed(search, match)
            for match in search.matches(self.parameters.max_unexplained)
            if max(match.own, match.other) >= len(rows) - coarse
        ]
        for match in disjoint(found):
            pair = frozenset((names[rows[match.own]], names[rows[match.other]]))
            if not match.lag and pair in self._twins:
                continue
            finding = finding_of(match, grid, names[rows[match.other]])
            end = min(finding.end, float(series[rows[match.own]].time[-1]))
            yield rows[match.own], replace(finding, end=max(end, finding.start))


def _by_period(series: Sequence[Series]) -> Iterator[tuple[list[int], int]]:
    """Streams to be compared on one grid, finer ones first, and how many have its period: streams
    of another period are compared on the coarser one's grid."""
    order = sorted(range(len(series)), key=lambda i: (period(series[i]), i))
    begin = 0
    for end in range(1, len(order) + 1):
        last = end == len(order)
        if last or period(series[order[end]]) > 1.5 * period(series[order[begin]]):
            if end > 1:
                yield order[:end], end - begin
            begin = end


def _directed(search: Search, match: Match) -> Match:
    """The match told of the copy: of two at once the stream that is less like itself."""
    stretch = slice(match.first, match.last + 1)
    own, other = (unlike_itself(search.held[i], stretch) for i in (match.own, match.other))
    if match.lag or own >= other:
        return match
    factor = 1 / match.factor if match.factor else 1.0
    offset = -match.offset * factor
    return replace(match, own=match.other, other=match.own, factor=factor, offset=offset)
