"""What a user would otherwise pick for readings: ioos_qc, saqc, a detector of pyod, stumpy.

Each is told a clean history of the stream (which no audit has) and learns its limits from it: by a
margin beyond the most extreme it ever was there, so that it raises nothing in the history. Whatever
it flags counts as found, by whichever test. One that is not installed is named and left out.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.signals.runs import runs
from detector.signals.series import Series, period

F64 = NDArray[np.float64]
Bools = NDArray[np.bool_]
Stretches = list[tuple[float, float]]

#: Half as much again as the most extreme of the history; a tenth where a measure is bounded.
_MARGIN, _BOUNDED = 1.5, 1.1
#: Readings in a window of pyod and stumpy; flagged readings no further apart are one episode.
_WINDOW, _JOIN = 60, 10


def ioos_qc(series: Series, history: Series) -> Stretches:
    """QARTOD's gross range, spike, rate of change, flat line and time gap."""
    qartod = import_module("ioos_qc.qartod")
    time, value = series.time, series.value
    rate = float(np.max(np.abs(np.diff(history.value)) / np.diff(history.time)))
    middle = (history.value[2:] + history.value[:-2]) / 2
    jump = float(np.max(np.abs(history.value[1:-1] - middle)))
    flat = max(int(_MARGIN * _longest_flat(history)), int(3 * period(history)))
    gap = _MARGIN * float(np.max(np.diff(history.time)))
    tests = (
        qartod.gross_range_test(value, _span(history)),
        qartod.spike_test(value, _MARGIN * jump, _MARGIN * jump),
        qartod.rate_of_change_test(value, time, _MARGIN * rate),
    )
    bad = np.any([np.isin(np.ma.getdata(test), (3, 4)) for test in tests], axis=0)
    still = np.ma.getdata(qartod.flat_line_test(value, time, flat, flat, 1e-9)) == 4
    held = [(float(time[a]) - flat, float(time[b])) for a, b in runs(np.asarray(still))]
    stamped = (time * 1e9).astype("datetime64[ns]")
    late = np.ma.getdata(qartod.time_gap_test(stamped, gap / 3600)) == 4
    gaps = [(float(time[i - 1]), float(time[i])) for i in np.flatnonzero(late) if i]
    return _joined([*_stretches(time, bad), *held, *gaps], series)


def saqc(series: Series, history: Series) -> Stretches:
    """SaQC's constants, range and local outlier factor; missing values on a regular grid."""
    pd = import_module("pandas")
    make = import_module("saqc").SaQC

    def told(some: Series) -> Any:
        return pd.Series(some.value, index=pd.DatetimeIndex((some.time * 1e9).astype("int64")))

    def outlying(some: Series) -> F64:
        data = make({"x": told(some)}).assignUniLOF("x", target="lof").data["lof"]
        return np.abs(np.nan_to_num(np.asarray(data, dtype=np.float64)))

    low, high = _span(history)
    flat = max(_MARGIN * _longest_flat(history), 3 * period(history))
    qc = make({"x": told(series)})
    qc = qc.flagRange("x", min=low, max=high)
    qc = qc.flagConstants("x", thresh=1e-9, window=f"{flat:.3f}s")
    bad = np.array(qc.flags["x"] > 0)
    bad |= outlying(series) > _MARGIN * float(np.max(outlying(history)))
    gap = _MARGIN * float(np.max(np.diff(history.time)))
    grid = told(series).resample(f"{max(gap, period(history)):.3f}s").mean()
    missing = np.asarray(make({"x": grid}).flagNAN("x").flags["x"] > 0)
    at = np.asarray(grid.index.astype("datetime64[ns]").astype("int64")) / 1e9
    gaps = [(float(at[a]), float(at[b]) + gap) for a, b in runs(missing)]
    return _joined([*_stretches(series.time, bad), *gaps], series)


def pyod(series: Series, history: Series) -> Stretches:
    """pyod's k nearest neighbours, over what windows of readings look like."""
    usual, seen = _looks(history), _looks(series)
    if not len(usual):
        return []
    middle = np.median(usual, axis=0)
    size = np.maximum(np.quantile(np.abs(usual - middle), 0.75, axis=0), 1e-9)
    judge = import_module("pyod.models.knn").KNN(method="largest", contamination=1e-6)
    judge.fit((usual - middle) / size)
    limit = _MARGIN * float(np.max(judge.decision_scores_))
    bad = judge.decision_function((seen - middle) / size) > limit
    return _joined(_windows(series.time, bad, _WINDOW // 2), series)


def stumpy(series: Series, history: Series) -> Stretches:
    """The matrix profile: windows unlike any other (discords), and windows that are another one
    again, far more alike than any two of the history (motifs)."""
    stump = import_module("stumpy").stump

    def profile(some: Series) -> tuple[F64, Bools]:
        far = np.asarray(stump(some.value, _WINDOW)[:, 0], dtype=np.float64)
        spread = np.std(np.lib.stride_tricks.sliding_window_view(some.value, _WINDOW), axis=1)
        return far, np.asarray(spread > 0.1 * np.std(history.value))

    usual, lively = profile(history)
    far, moves = profile(series)
    bad = far > _BOUNDED * float(np.max(usual))
    if lively.any():
        bad |= moves & (far < float(np.min(usual[lively])) / _MARGIN)
    return _joined(_windows(series.time, bad, 1), series)


#: By the name of the package.
RIVALS: dict[str, Callable[[Series, Series], Stretches]] = {
    "ioos_qc": ioos_qc,
    "saqc": saqc,
    "pyod": pyod,
    "stumpy": stumpy,
}


def installed() -> list[str]:
    """Rivals that are there."""
    return [name for name in RIVALS if find_spec(name) is not None]


def flagged(rival: str, series: Series, history: Series) -> Stretches:
    """Stretches (start, end) s that a rival flags, in order; its own warnings are left out."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return RIVALS[rival](series, history)


def _span(history: Series) -> tuple[float, float]:
    """The values of the history, and a quarter of their width on either side."""
    low, high = float(np.min(history.value)), float(np.max(history.value))
    more = (_MARGIN - 1) / 2 * (high - low)
    return low - more, high + more


def _longest_flat(history: Series) -> float:
    """The longest time in s that the history rests at one value."""
    still = runs(np.diff(history.value) == 0)
    return max((float(history.time[b + 1] - history.time[a]) for a, b in still), default=0.0)


def _looks(series: Series) -> F64:
    """What windows of readings, half of them shared with the next, look like (k, 7)."""
    if len(series) < _WINDOW:
        return np.empty((0, 7))
    some = np.lib.stride_tricks.sliding_window_view(series.value, _WINDOW)[:: _WINDOW // 2]
    step = np.diff(some, axis=1)
    spread = np.std(some, axis=1)
    centred = some - some.mean(axis=1, keepdims=True)
    follows = np.mean(centred[:, 1:] * centred[:, :-1], axis=1) / np.maximum(spread**2, 1e-12)
    return np.column_stack(
        [
            *(some.mean(axis=1), spread, np.mean(np.abs(step), axis=1), np.max(some, axis=1)),
            *(np.min(some, axis=1), follows, np.mean(step == 0, axis=1)),
        ]
    )


def _windows(time: F64, bad: Bools, hop: int) -> Stretches:
    """From flagged windows (k,), one every ``hop`` readings, to stretches."""
    return [(float(time[i * hop]), float(time[i * hop + _WINDOW - 1])) for i in np.flatnonzero(bad)]


def _stretches(time: F64, bad: Bools) -> Stretches:
    return [(float(time[a]), float(time[b])) for a, b in runs(bad)]


def _joined(stretches: Stretches, series: Series) -> Stretches:
    """In order, those that are near each other as one."""
    joined: Stretches = []
    reach = _JOIN * period(series)
    for start, end in sorted(stretches):
        if joined and start <= joined[-1][1] + reach:
            joined[-1] = joined[-1][0], max(joined[-1][1], end)
        else:
            joined.append((start, end))
    return joined
