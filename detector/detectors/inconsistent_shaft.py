"""inconsistent_shaft: what a shaft's camera shows contradicts what its hoist reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from detector.core.detector import Observation
from detector.core.observation import Frames, Segment, Views, join
from detector.core.score import Evidence, Scores
from detector.detectors.readings import BlindStretch, Finding, scored
from detector.signals.liveliness import Liveliness, follows, liveliness, rhythm
from detector.signals.runs import runs
from detector.signals.series import Series, SeriesStore, period, without_faults
from detector.signals.working import working

F64 = NDArray[np.float64]
Bools = NDArray[np.bool_]

NO_MACHINE = "no hoist or belt of this shaft is known"
NO_CLOCK = "the times of the recording and of the readings cannot be aligned"
NO_READINGS = "there are no readings of the shaft's hoist or belt at the time of the recording"
NEVER_CHANGES = "the hoist's readings do not tell when it works"
SHOWS_NOTHING = "the picture shows nothing in which the hoist could be seen"

#: Times below this are counted from a recording's first picture, not by a clock, s.
_UNIX_S = 1e8
#: Lengths that differ by at most this part are of one stretch of time.
_ALIKE = 0.02
#: Grey levels by which a picture must vary to show something.
_DETAIL_GREY = 4.0


@dataclass(frozen=True)
class InconsistentShaftParameters:
    """Parameters of :class:`InconsistentShaft`.

    * ``margin_s``: seconds that clocks of camera and hoist may differ; besides, their usual lag of
      up to ``lag_s`` is looked for;
    * ``window_s``: seconds in which the picture's cycles are compared with the hoist's;
    * ``rhythm``: correlation (0..1) of the motion with itself from which on it is a machine's;
    * ``follows``, ``lost``: correlation of motion and hoist from which on the picture follows it,
      and below which it does not.
    """

    margin_s: float = 3.0
    lag_s: float = 120.0
    window_s: float = 300.0
    rhythm: float = 0.4
    follows: float = 0.5
    lost: float = 0.15


@dataclass(frozen=True)
class _Hoist:
    """The shaft's machines on the camera's seconds: ``on`` 1, 0 or NaN (n,), ``load`` (n,), both
    of ``streams``; ``period`` s between readings; ``people`` (n,) in the shaft, NaN if untold."""

    streams: tuple[str, ...]
    on: F64
    load: F64
    people: F64
    period: float


class InconsistentShaft:
    """Seconds in which the camera of a shaft shows the opposite of what its hoist reports.

    A dead picture while the hoist works; a machine's rhythm (or, where a count says that nobody is
    there, anything lively) while all machines rest; motion that no longer follows the hoist's
    cycles, or never does. By the wall clock, or, where a recording has none, by its own times if
    it is as long as the readings. Blind without a hoist or belt of that shaft, readings at that
    time, or a picture that shows something.
    """

    name: ClassVar[str] = "inconsistent_shaft"
    unit: ClassVar[str] = "s"

    def __init__(self, parameters: InconsistentShaftParameters | None = None) -> None:
        self.parameters = parameters or InconsistentShaftParameters()
        self._store = SeriesStore()
        self._frames: dict[str, list[Frames]] = {}
        self._views: dict[str, list[Views]] = {}
        self._recordings: dict[str, list[Segment]] = {}

    def learn(self, observation: Observation) -> None:
        """Nothing beforehand: what is usual is told from the whole recording."""

    def update(self, observation: Observation) -> list[Scores]:
        """Keep it; the shaft is judged at the end."""
        if isinstance(observation, Frames) and len(observation):
            self._frames.setdefault(observation.stream, []).append(observation)
        elif isinstance(observation, Views) and len(observation):
            self._views.setdefault(observation.stream, []).append(observation)
        elif isinstance(observation, Segment):
            self._recordings.setdefault(observation.stream, []).append(observation)
        else:
            self._store.add(observation)
        return []

    def finish(self) -> list[Scores]:
        """Scores of each camera."""
        return [self._camera(name) for name in sorted(self._frames)]

    def _camera(self, name: str) -> Scores:
        frames = join(self._frames[name])
        time = np.unique(frames.time)
        live = liveliness(frames)
        hoist = self._hoist(name, live)
        if isinstance(hoist, str):
            whole = BlindStretch(float(time[0]), float(time[-1]), hoist)
            return scored(self.name, name, self.unit, time, (), (whole,))
        shows = self._shows(name, live)
        use = live.seen & shows & np.isfinite(hoist.on)
        lag, r = self._usual_lag(live, hoist, use)
        hoist = _shifted(hoist, lag)
        use &= np.isfinite(hoist.on)
        findings = [
            *self._dead(live, hoist, use),
            *self._lively(live, hoist, use),
            *self._unfollowing(live, hoist, use, r),
        ]
        blind = [
            *_blind(live, ~shows, SHOWS_NOTHING),
            *_blind(live, np.isnan(hoist.on), NO_READINGS),
        ]
        return scored(self.name, name, self.unit, time, findings, blind)

    def _hoist(self, camera: str, live: Liveliness) -> _Hoist | str:
        """The machines of the camera's shaft, or why they are not known."""
        names = [s for s in self._store.streams() if s not in self._frames]
        devices = {n: self._store.device(n) for n in names}
        kinds = {n: devices[n].kind for n in names if devices[n].role != "declaration"}
        machines = [n for n in kinds if kinds[n] in ("hoist", "belt_scale")]
        hoists = [n for n in machines if kinds[n] == "hoist"] or machines
        if not hoists:
            return NO_MACHINE
        seconds = live.seconds()
        alike = len(self._recordings.get(camera, ())) <= 1
        on, loads, people, periods = [], [], [], []
        for name in [*hoists, *(n for n in kinds if kinds[n] == "count")]:
            series = without_faults(self._store.series(name), devices[name])
            moved = _aligned(series, live, alike)
            if moved is None:
                return NO_CLOCK
            step = period(moved)
            held = _held(moved, seconds, step)
            if name not in hoists:
                people.append(held)
                continue
            work = working(moved, devices[name])
            if work is None:
                continue
            on.append(np.where(np.isnan(held), np.nan, np.abs(held) > work.level))
            loads.append(np.abs(held) / max(float(np.quantile(np.abs(moved.value), 0.98)), 1e-9))
            periods.append(step)
        if not on:
            return NEVER_CHANGES
        both = np.max(on, axis=0)
        if not np.isfinite(both).any():
            return NO_READINGS
        there = np.max(people, axis=0) if people else np.full(len(live), np.nan)
        return _Hoist(tuple(hoists), both, np.sum(loads, axis=0), there, max(periods))

    def _shows(self, camera: str, live: Liveliness) -> Bools:
        """Whether (n,) the picture shows something, by the last view before each second."""
        if camera not in self._views:
            return np.ones(len(live), dtype=bool)
        views = join(self._views[camera])
        small = views.layout.reshape(len(views), -1)
        shows = np.concatenate(
            [small[i : i + 4096].std(axis=1) for i in range(0, len(small), 4096)]
        )
        seconds = live.seconds()
        row = np.clip(np.searchsorted(views.time, seconds) - 1, 0, len(views) - 1)
        return np.asarray(shows[row] >= _DETAIL_GREY)

    def _usual_lag(self, live: Liveliness, hoist: _Hoist, use: Bools) -> tuple[int, float]:
        """Seconds by which the hoist's clock is ahead of the picture's, and how well the picture
        follows then; 0 where it does not or readings are too far apart to tell."""
        if hoist.period > 15 or int(use.sum()) < 60:
            return 0, float("nan")
        step = max(1, round(hoist.period))
        kernel = np.ones(step) / step
        tiles = np.convolve(np.sqrt(live.tiles), kernel, "same")
        most = int(min(self.parameters.lag_s, len(live) / 3))
        lags = np.arange(-most, most + 1)
        told = follows(tiles, hoist.load, use, lags)
        if not np.isfinite(told).any():
            return 0, float("nan")
        r = float(np.nanmax(told))
        near = lags[np.nan_to_num(told, nan=-1.0) >= 0.6 * r]  # cycles look alike: the nearest
        best = int(near[np.argmin(np.abs(near))])
        return (best, r) if r >= self.parameters.follows else (0, r)

    def _dead(self, live: Liveliness, hoist: _Hoist, use: Bools) -> list[Finding]:
        """Stretches without anything lively in which the hoist works."""
        margin = round(self.parameters.margin_s + hoist.period)
        found = []
        for first, last in runs(use & ~live.lively):
            inside = slice(first + margin, max(last + 1 - margin, first + margin))
            works = np.flatnonzero(hoist.on[inside] > 0) + inside.start
            if len(works):
                part = {"works_s": len(works), "still_s": last - first + 1}
                a, b = int(works[0]), int(works[-1])
                found.append(_finding(live, hoist, a, b, float(len(works)), "dead_picture", part))
        return found

    def _lively(self, live: Liveliness, hoist: _Hoist, use: Bools) -> list[Finding]:
        """Stretches in which all machines rest and the picture shows one at work, or people where
        none are counted."""
        margin = round(self.parameters.margin_s + hoist.period)
        window = round(self.parameters.window_s)
        found = []
        for first, last in runs(use & (hoist.on == 0)):
            for a in range(first + margin, last + 1 - margin, window):
                b = min(a + window, last + 1 - margin)
                busy = np.flatnonzero(live.lively[a:b]) + a
                if len(busy) < 5:
                    continue
                r, cycle = rhythm(live.motion[a:b])
                nobody = bool(np.all(hoist.people[a:b] == 0))
                if r < self.parameters.rhythm and not nobody:
                    continue
                kind = "lively_picture" if r >= self.parameters.rhythm else "nobody_there"
                part = {"lively_s": len(busy), "rhythm": round(r, 2), "cycle_s": round(cycle)}
                first_busy, last_busy = int(busy[0]), int(busy[-1])
                size = float(len(busy))
                found.append(_finding(live, hoist, first_busy, last_busy, size, kind, part))
        return found

    def _unfollowing(
        self, live: Liveliness, hoist: _Hoist, use: Bools, usual: float
    ) -> list[Finding]:
        """Windows in which hoist and picture both move in cycles, but not in the same ones."""
        if not np.isfinite(usual):
            return []
        p = self.parameters
        window = round(p.window_s)
        usually = usual >= p.follows
        varies = float(np.nanstd(hoist.load[use]))
        found = []
        for a in range(0, len(live), window):
            part = slice(a, min(a + window, len(live)))
            inside = use[part]
            if inside.sum() < 90 or float(np.nanstd(hoist.load[part][inside])) < 0.5 * varies:
                continue
            if float(np.mean(live.lively[part][inside])) < 0.1:
                continue
            most = 5 if usually else int(min(p.lag_s, inside.sum() / 3))
            lags = np.arange(-most, most + 1)
            told = follows(np.sqrt(live.tiles[part]), hoist.load[part], inside, lags)
            r, cycle = rhythm(live.motion[part])
            best = float(np.nanmax(told)) if np.isfinite(told).any() else 1.0
            if best > p.lost or (not usually and r < p.rhythm):
                continue
            seconds = float(inside.sum())
            figures = {
                "correlation_with_hoist": round(best, 2),
                "usual_with_hoist": round(usual, 2),
                "cycle_s": round(cycle),
            }
            last = a + len(inside) - 1
            found.append(_finding(live, hoist, a, last, seconds, "not_following", figures))
        return found


def _finding(
    live: Liveliness,
    hoist: _Hoist,
    first: int,
    last: int,
    value: float,
    kind: str,
    figures: Mapping[str, float],
) -> Finding:
    start, end = live.start + first, live.start + last + 1
    told = dict(figures) | {"signal": ", ".join(hoist.streams)}
    return Finding(start, end, value, Evidence(start, end, kind, told))


def _aligned(series: Series, live: Liveliness, alone: bool) -> Series | None:
    """The readings on the camera's times: as they are where both are of one kind, moved to begin
    together where only one has a clock and both are equally long; None where neither."""
    if not len(series) or (series.time[0] > _UNIX_S) == (live.start > _UNIX_S):
        return series
    length = float(series.time[-1] - series.time[0])
    close = abs(length - len(live)) <= max(_ALIKE * len(live), 2 * period(series))
    if not alone or not close:
        return None
    return Series(series.time - series.time[0] + live.start, series.value)


def _held(series: Series, seconds: F64, step: float) -> F64:
    """The reading (n,) that stands for each second: the next one, at most two periods later."""
    if len(series) < 3:
        return np.full(len(seconds), np.nan)
    row = np.searchsorted(series.time, seconds)
    inside = np.clip(row, 0, len(series) - 1)
    late = (row >= len(series)) | (series.time[inside] - seconds > 2 * step)
    return np.where(late, np.nan, series.value[inside])


def _shifted(hoist: _Hoist, lag: int) -> _Hoist:
    """The hoist's readings so many seconds earlier."""
    if not lag:
        return hoist
    moved = []
    for column in (hoist.on, hoist.load, hoist.people):
        other = np.full(len(column), np.nan)
        if lag > 0:
            other[:-lag] = column[lag:]
        else:
            other[-lag:] = column[:lag]
        moved.append(other)
    return _Hoist(hoist.streams, moved[0], moved[1], moved[2], hoist.period)


def _blind(live: Liveliness, where: Bools, why: str) -> list[BlindStretch]:
    return [BlindStretch(live.start + a, live.start + b + 1, why) for a, b in runs(where)]
