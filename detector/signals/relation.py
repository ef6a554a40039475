"""What a stream reports against what other streams let expect, and where that changes for good."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.signals.grid import Grid, held

F64 = NDArray[np.float64]

#: Windows the readings are divided into, and windows on either side of a moment that are compared.
WINDOWS = 160
SIDE = 12
#: Rows of a window at least.
LEAST_ROWS = 4
_ROUNDS = 5
_RIDGE = 0.01
_CLIP = 5.0
#: Standard errors of noise (Huber 1964).
_HUBER = 1.5
#: Part of the usual size below which expected values and steps tell nothing.
_NOTHING = 0.1
#: Times the next largest that a change counts for at most.
_MOST = 1e3


@dataclass(frozen=True)
class Shift:
    """The largest lasting change of a relation: between windows ``at`` - 1 and ``at``.

    ``back``: the window from which it is undone, ``WINDOWS`` if it is not; ``beyond``: how many
    times the next largest it is; ``factor``: what is told of what is expected, after / before.
    """

    at: int
    back: int
    beyond: float
    factor: float


def alikeness(value: F64) -> F64:
    """How much streams (streams, n), NaN where nothing is known, go along: absolute correlations
    (streams, streams), -1 with themselves and with what says nothing."""
    middle = np.array([np.median(v[np.isfinite(v)]) for v in value])[:, None]
    shape = value - middle
    size = np.sqrt(np.nanmean(shape * shape, axis=1, keepdims=True))
    shape = np.clip(np.nan_to_num(shape / np.where(size > 0, size, 1.0)), -_CLIP, _CLIP)
    length = np.linalg.norm(shape, axis=1)
    r = np.abs(shape @ shape.T) / np.maximum(np.outer(length, length), 1e-12)
    r[:, length == 0] = -1.0
    np.fill_diagonal(r, -1.0)
    return np.asarray(r)


def companions(grid: Grid, alike: F64, row: int, most: int, covered: float) -> NDArray[np.intp]:
    """The streams, at most ``most``, that go along with a stream most and report during this part
    of its time, most alike first."""
    first, end = grid.spans
    shared = np.minimum(end, end[row]) - np.maximum(first, first[row])
    near = np.where(shared >= covered * (end[row] - first[row]), alike[row], -1.0)
    others = np.argsort(-near, kind="stable")[:most]
    return others[near[others] > 0]


def expected(own: F64, shown: F64) -> F64:
    """What others ``shown`` (k, n) let expect of ``own`` (n,): robust ridge regression, learned on
    the first half."""
    rows = len(own)
    half = rows // 2
    middle = np.median(shown[:, :half], axis=1, keepdims=True)
    size = shown[:, :half].std(axis=1, keepdims=True)
    size[size <= 0] = 1.0
    known = np.vstack([np.clip((shown - middle) / size, -_CLIP, _CLIP), np.ones(rows)])
    past, told = known[:, :half], own[:half]
    weight = np.ones(half)
    fit = np.zeros(len(known))
    penalty = _RIDGE * half * np.eye(len(known))
    penalty[-1, -1] = 1e-9 * half
    for _ in range(_ROUNDS):
        fit = np.linalg.solve((past * weight) @ past.T + penalty, (past * weight) @ told)
        left = np.abs(told - fit @ past)
        noise = _HUBER * 1.4826 * float(np.median(left)) + 1e-12
        weight = np.minimum(1.0, noise / np.maximum(left, 1e-12))
    return np.asarray(fit @ known)


def shift(told: F64, awaited: F64, known: NDArray[np.bool_]) -> Shift | None:
    """The largest change between what is told (n,) and awaited (n,); None of too few rows and where
    it does not last.

    Per window: the factor between them (least squares through 0), and the logarithm of the ratio of
    their mean steps: a scaled signal is scaled in both. A window of which less than half is
    ``known`` is as the one before, and there is no change where over half the windows on either
    side are such.
    """
    rows = len(told) // WINDOWS
    if rows < LEAST_ROWS:
        return None
    one, two = (v[: rows * WINDOWS].reshape(WINDOWS, rows) for v in (told, awaited))
    power = (two * two).mean(axis=1)
    gain = (one * two).mean(axis=1) / (power + _NOTHING * float(power.mean()) + 1e-300)
    lively = _liveliness(told, rows) - _liveliness(awaited, rows)
    lacking = known[: rows * WINDOWS].reshape(WINDOWS, rows).mean(axis=1) < 0.5
    measures = np.array([held(np.where(lacking, np.nan, m)) for m in (gain, lively)])
    told_by = np.convolve(~lacking, np.ones(SIDE), "valid")
    return _largest(measures, np.minimum(told_by[SIDE:], told_by[:-SIDE]) >= SIDE / 2)


def _liveliness(value: F64, rows: int) -> F64:
    step = np.abs(np.diff(value, prepend=value[:1]))
    mean = step[: rows * WINDOWS].reshape(WINDOWS, rows).mean(axis=1)
    return np.asarray(np.log(mean + 1e-3 * float(step.mean()) + 1e-300))


def _largest(measures: F64, known: NDArray[np.bool_]) -> Shift | None:
    """The largest change of measures (2, WINDOWS) from the ``SIDE`` windows before to those after,
    each in units of what 9 of 10 changes of it do not exceed, of changes that are ``known``."""
    level = np.median(np.lib.stride_tricks.sliding_window_view(measures, SIDE, axis=1), axis=2)
    change = level[:, SIDE:] - level[:, :-SIDE]
    usual = np.quantile(np.abs(change), 0.9, axis=1, keepdims=True)
    change = change / np.where(usual > 0, usual, np.inf)
    size = np.linalg.norm(change, axis=0)
    at = int(np.argmax(np.where(known, size, 0.0)))
    if not known[at]:
        return None
    far = np.abs(np.arange(len(size)) - at) >= 2 * SIDE
    against = np.where(far & (change[:, at] @ change < 0), size, 0.0)
    partner = int(np.argmax(against))
    first, last = min(at, partner), max(at, partner)
    total = np.linalg.norm(change[:, at] + change[:, partner])
    undone = against[partner] > 0 and bool(total < size[at] / 2)
    elsewhere = far & (np.abs(np.arange(len(size)) - partner) >= 2 * SIDE) if undone else far
    if not elsewhere.any() or size[at] <= 0:
        return None
    begin, end = (first + SIDE, last + SIDE) if undone else (at + SIDE, WINDOWS)
    beside = max(begin - SIDE, 0)
    jump = measures[0, begin : begin + SIDE], measures[0, beside:begin]
    whole = measures[0, begin:end], np.delete(measures[0], np.s_[begin:end])
    (near, before), (after, rest) = ([float(np.median(m)) for m in pair] for pair in (jump, whole))
    if abs(after - rest) < abs(near - before) / 2 or (after - rest) * (near - before) < 0:
        return None
    beyond = float(size[at]) / max(float(size[elsewhere].max()), 1e-12)
    return Shift(begin, end, min(beyond, _MOST), near / (before or 1e-12))
