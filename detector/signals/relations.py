"""The normal relations of a site's readings: what each stream is expected to report, given all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.signals.runs import runs
from detector.signals.series import Series, resolution

F64 = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: Rows that are learned from at most: what is longer is averaged over more seconds a row.
ROWS = 20_000
#: Rows that are needed, and rows per stream.
LEAST_ROWS = 500
ROWS_A_STREAM = 10
#: Streams of a model at most.
STREAMS = 300
#: Stretches of time, each of which is judged by a model learned from the others.
_FOLDS = 8
#: Part of its spread to which a reading is taken to be good (ridge).
_GOOD = 0.01
#: Sizes from the middle beyond which a reading counts no further.
_FAR = 6.0
#: Rows over which what was not expected is averaged: what lasts counts, an instant does not.
LASTING = 12
#: Part of the learned time in which a stream's unexpected is usual, of rows and averaged.
_USUAL, _MOST = 0.99, 0.999
#: What a stream must reach at least, averaged, in times its usual: no relation is tighter.
_LEAST = 0.2
#: Part of its size above which the steps of a stream that was learned finer tell nothing.
_COARSE = 0.5
#: Variance of what rounding adds, in squares of a step.
_ROUNDED = 1 / 12
#: Times what is left unexplained of a stream once seen that may be left of it unseen.
_UNSTEADY = 2.0
#: Rows without readings that the last reading stands for.
_BRIDGED = 2
#: Combinations of streams that report together which are judged at most.
_PATTERNS = 64
#: Times the spread that all leave of a stream which those that are there may leave to judge it.
LOOSER = 1.05


@dataclass(frozen=True)
class RelationsModel:
    """Linear relations of ``streams`` at rows ``step_s`` apart, as plain numbers.

    With z = (reading - ``middle``) / ``size``, clipped, ``alike`` holds the mean products of all of
    [z(t), z(t - step_s)]: what each is expected at, given any others, follows from it. ``usual`` is
    what 99 of 100 unseen rows do not miss that by, given all; ``most`` what their mean over 12 rows
    does not exceed in 999 of 1000, in ``usual``. ``low`` and ``high``: the readings learned from. A
    stream of ``size`` 0 never changed. ``grain``: the smallest step of its readings, 0 where there
    is none. ``rest_s``: the longest a stream stayed at one value. ``twins``: pairs of streams (by
    number) that mostly change by the same amount at once.
    """

    step_s: float
    streams: tuple[str, ...]
    middle: tuple[float, ...]
    size: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    grain: tuple[float, ...]
    rest_s: tuple[float, ...]
    twins: tuple[tuple[int, int], ...]
    usual: tuple[float, ...]
    most: tuple[float, ...]
    alike: tuple[tuple[float, ...], ...]

    def complete(self) -> bool:
        """Whether all parts fit together and can be computed with."""
        n = len(self.streams)
        parts = (
            self.middle,
            self.size,
            self.low,
            self.high,
            self.grain,
            self.rest_s,
            self.usual,
            self.most,
        )
        if not n or any(len(part) != n for part in parts) or not 0 < self.step_s < np.inf:
            return False
        if len(self.alike) != 2 * n or any(len(row) != 2 * n for row in self.alike):
            return False
        numbers = [x for part in (*parts, *self.alike) for x in part]
        if any(not 0 <= i < n for pair in self.twins for i in pair):
            return False
        positive = min(*self.usual, *self.most) > 0 and min(*self.size, *self.grain) >= 0
        return bool(np.isfinite(numbers).all()) and positive


@dataclass(frozen=True)
class Unexpected:
    """What a model did not expect of readings, at ``time`` (n,) s.

    * ``ratio`` (n, streams): mean over the last 12 rows of how far from the expected each was, in
      times of what was usual when the model was learned, NaN where there was no reading;
    * ``now`` (n, streams): the same of the row alone, in times of what 99 of 100 do not exceed;
    * ``off`` (n, streams): reported less expected, in the stream's unit;
    * ``left`` (n,): the site as a whole has left what was learned; ``known`` (n,): enough was read.
    """

    time: F64
    ratio: F64
    now: F64
    off: F64
    left: Bools
    known: Bools


def step_of(series: Mapping[str, Series]) -> float:
    """Seconds from row to row: what 9 of 10 streams report in, more where they are long; 0 where
    no stream has three readings."""
    long = [s for s in series.values() if len(s) >= 3]
    if not long:
        return 0.0
    periods = [float(np.median(np.diff(s.time))) for s in long]
    span = max(float(s.time[-1] - s.time[0]) for s in long)
    return max(float(np.quantile(periods, 0.9, method="lower")), span / ROWS)


def rows_of(series: Mapping[str, Series], streams: tuple[str, ...], step: float) -> tuple[F64, F64]:
    """Times (n,) at multiples of ``step`` s and mean readings (n, streams) of the row around each,
    NaN where there was none, nor one in the two rows before."""
    there = [s for name in streams if (s := series.get(name)) is not None and len(s)]
    if not there:
        return np.zeros(0), np.zeros((0, len(streams)))
    first = round(min(float(s.time[0]) for s in there) / step)
    last = round(max(float(s.time[-1]) for s in there) / step)
    time: F64 = step * np.arange(first, last + 1, dtype=np.float64)
    value = np.full((len(time), len(streams)), np.nan)
    for column, name in enumerate(streams):
        one = series.get(name)
        if one is None or not len(one):
            continue
        row = np.clip(np.round(one.time / step).astype(np.intp) - first, 0, len(time) - 1)
        count = np.bincount(row, minlength=len(time))
        middle = float(np.median(one.value))
        total = np.bincount(row, one.value - middle, minlength=len(time))
        with np.errstate(invalid="ignore"):
            value[:, column] = middle + total / np.where(count > 0, count, np.nan)
    return time, _bridged(value)


@dataclass(frozen=True)
class Learned:
    """A model, the ``rows`` it was learned from, and the part of each stream's spread that it
    leaves unexplained where it has not seen it (``unseen``) and where it has (``seen``)."""

    model: RelationsModel
    rows: int
    unseen: tuple[float, ...]
    seen: tuple[float, ...]

    def unsteady(self) -> list[str]:
        """Streams of which one part of the time does not teach what they do in another."""
        pairs = zip(self.model.streams, self.unseen, self.seen, strict=True)
        return [name for name, unseen, seen in pairs if unseen > _UNSTEADY * max(seen, _GOOD)]

    def unmoved(self) -> list[str]:
        """Streams that never changed, so that any change of them will count."""
        return [n for n, size in zip(self.model.streams, self.model.size, strict=True) if not size]


def learned(series: Mapping[str, Series]) -> Learned | None:
    """The relations of streams over a clean period; None where there are too few rows.

    Each of eight stretches of time is judged by what the others teach, so that ``usual`` and
    ``most`` are those of readings that were not learned from.
    """
    step = step_of(series)
    if step <= 0:
        return None
    names = tuple(sorted(n for n, s in series.items() if len(s)))
    _, value = rows_of(series, names, step)
    full = np.isfinite(value).mean(axis=0) >= 0.5
    use = np.flatnonzero(full)[:STREAMS]
    names, value = tuple(names[i] for i in use), value[:, use]
    rows = value[np.isfinite(value).all(axis=1)]
    if len(names) < 2 or len(rows) < max(LEAST_ROWS, ROWS_A_STREAM * len(names)):
        return None
    middle, size = np.median(rows, axis=0), rows.std(axis=0)
    size[size <= 1e-9 * np.maximum(np.abs(middle), 1.0)] = 0.0
    if (size > 0).sum() < 2:
        return None
    z = _stacked(_scaled(value, middle, size))
    whole = np.isfinite(z).all(axis=1)
    fold = np.arange(len(z)) * _FOLDS // len(z)
    parts = [z[whole & (fold == f)].T @ z[whole & (fold == f)] for f in range(_FOLDS)]
    counts = [int((whole & (fold == f)).sum()) for f in range(_FOLDS)]
    missed = np.full((len(z), len(names)), np.nan)
    for f in range(_FOLDS):
        others = sum(counts) - counts[f]
        weight, _ = _conditional((sum(parts) - parts[f]) / max(others, 1), size, size >= 0)
        missed[fold == f] = z[fold == f, : len(names)] - z[fold == f] @ weight.T
    usual = np.nanquantile(np.abs(missed), _USUAL, axis=0) + _GOOD
    ratio = lasting(np.minimum(np.abs(missed) / usual, _FAR))
    most = np.maximum(np.nanquantile(ratio, _MOST, axis=0), _LEAST)
    usual[size == 0], most[size == 0] = 1.0, 1.0
    alike = np.asarray(sum(parts) / sum(counts))
    weight, _ = _conditional(alike, size, size >= 0)
    seen = z[:, : len(names)] - z @ weight.T
    model = RelationsModel(
        *(step, names, _plain(middle), _plain(size), _plain(rows.min(axis=0))),
        *(_plain(rows.max(axis=0)), tuple(resolution(series[n]) for n in names)),
        *(tuple(_longest_rest(series[n]) for n in names), _twins(rows, size)),
        *(_plain(usual), _plain(most)),
        tuple(_plain(row) for row in alike),
    )
    spread = [_plain(np.sqrt(np.nanmean(m**2, axis=0))) for m in (missed, seen)]
    return Learned(model, sum(counts), spread[0], spread[1])


def unexpected(
    model: RelationsModel, series: Mapping[str, Series], looser: float = LOOSER
) -> Unexpected:
    """What the model does not expect of readings, row by row from the streams that report.

    A stream is judged where those that report leave at most ``looser`` times the spread of it that
    all would leave.
    """
    time, value = rows_of(series, model.streams, model.step_s)
    size, usual, most = (np.array(p) for p in (model.size, model.usual, model.most))
    unit = np.where(size > 0, size, 1.0)
    coarse = np.array([resolution(series[n]) if n in series else 0.0 for n in model.streams])
    rounded = np.maximum(coarse**2 - np.array(model.grain) ** 2, 0.0) / unit**2
    rounded[size == 0] = 0.0
    z = _scaled(value, np.array(model.middle), size)
    z[:, rounded > _COARSE**2] = np.nan
    stacked = _stacked(z)
    there = np.isfinite(stacked[:, : len(size)]) & np.isfinite(stacked[:, len(size) :])
    missed, now = np.full(z.shape, np.nan), np.full(z.shape, np.nan)
    whole = _conditional(np.array(model.alike), size, np.ones(len(size), dtype=bool))[1]
    for rows, use in _patterns(there):
        weight, spread = _conditional(np.array(model.alike), size, use)
        off = z[rows] - np.nan_to_num(stacked[rows]) @ weight.T
        error = rounded + weight**2 @ np.tile(rounded, 2)
        limit = np.sqrt((usual * spread / whole) ** 2 + _ROUNDED * error)
        missed[rows] = np.where(use & (spread <= looser * whole), off, np.nan)
        now[rows] = np.minimum(np.abs(missed[rows]) / limit, _FAR)
    low, high = np.array(model.low), np.array(model.high)
    beyond = (value < low - (high - low) / 2) | (value > high + (high - low) / 2)
    return Unexpected(
        *(time, lasting(now) / most, now, missed * unit),
        left=np.asarray(beyond[:, size > 0].mean(axis=1) > 0.5),
        known=np.asarray(np.isfinite(now).any(axis=1)),
    )


def _patterns(there: Bools) -> Iterator[tuple[NDArray[np.intp], Bools]]:
    """Rows in which the same streams are there, and which those are (streams,): where most are, and
    the most frequent ones only."""
    kinds, kind, count = np.unique(there, axis=0, return_inverse=True, return_counts=True)
    for one in np.argsort(-count, kind="stable")[:_PATTERNS]:
        if kinds[one].mean() >= 0.5:
            yield np.flatnonzero(kind.ravel() == one), kinds[one]


def lasting(value: F64) -> F64:
    """Mean (n, k) of each value and those of the 11 rows before, of those that are not NaN."""
    known = np.isfinite(value)
    sums = []
    for part in (np.where(known, value, 0.0), known.astype(np.float64)):
        total = np.concatenate([np.zeros((1, part.shape[1])), np.cumsum(part, axis=0)])
        row = np.arange(len(part))
        sums.append(total[row + 1] - total[np.maximum(row + 1 - LASTING, 0)])
    with np.errstate(invalid="ignore"):
        return np.where(known, sums[0] / LASTING, np.nan)


def _scaled(value: F64, middle: F64, size: F64) -> F64:
    """Readings in sizes from the middle; a stream that never changed is far away by any change."""
    z = np.clip((value - middle) / np.where(size > 0, size, 1.0), -_FAR, _FAR)
    same = np.abs(value - middle) <= 0.01 * np.abs(middle) + 1e-9
    still = np.where(np.isnan(value), np.nan, np.where(same, 0.0, _FAR * np.sign(value - middle)))
    return np.where(size > 0, z, still)


def _stacked(z: F64) -> F64:
    """Each row with the one before it (the first with itself)."""
    return np.hstack([z, np.vstack([z[:1], z[:-1]])])


def _conditional(alike: F64, size: F64, use: Bools) -> tuple[F64, F64]:
    """Weights (streams, 2 * streams) of the ridge regressions of each stream on the others in
    ``use``, and the spread (streams,) they leave: all at once from the inverse P of the products
    ``alike`` of [z(t), z(t - 1)], ``-P[i, j] / P[i, i]`` and ``P[i, i] ** -0.5``."""
    n = len(size)
    rows = np.flatnonzero(np.tile(use & (size > 0), 2))
    weight, spread = np.zeros((n, 2 * n)), np.ones(n)
    if len(rows):
        own = rows[: len(rows) // 2]
        inverse = np.linalg.inv(alike[np.ix_(rows, rows)] + _GOOD**2 * np.eye(len(rows)))
        strength = np.diag(inverse)[: len(own)]
        weight[np.ix_(own, rows)] = -inverse[: len(own)] / strength[:, None]
        weight[own, own] = 0.0
        spread[own] = strength**-0.5
    return weight, spread


def _longest_rest(series: Series) -> float:
    still = runs(np.diff(series.value) == 0)
    return max((float(series.time[b + 1] - series.time[a]) for a, b in still), default=0.0)


def _twins(rows: F64, size: F64) -> tuple[tuple[int, int], ...]:
    """Pairs of streams whose steps are the same, to a hundredth of their size, at least half of the
    times that either steps."""
    steps, found = np.diff(rows, axis=0), []
    moves = np.abs(steps) > _GOOD * size
    for i in np.flatnonzero(size > 0):
        close = np.abs(steps - steps[:, [i]]) <= _GOOD * np.minimum(size, size[i])
        either = moves | moves[:, [i]]
        same = (close & either).sum(axis=0) >= 0.5 * np.maximum(either.sum(axis=0), 1)
        found += [(int(i), int(j)) for j in np.flatnonzero(same & (size > 0)) if j > i]
    return tuple(found)


def _bridged(value: F64) -> F64:
    filled = value.copy()
    for _ in range(_BRIDGED):
        gap = np.isnan(filled[1:])
        filled[1:] = np.where(gap, filled[:-1], filled[1:])
    return filled


def _plain(values: F64) -> tuple[float, ...]:
    return tuple(float(v) for v in values)
