"""How much a series of changes says: the bits that repeating it exactly would take by chance.

Each change is coded by what the stream usually does: its size given the size before (a mixture of
orders 1 and 0; Witten and Bell, "The zero-frequency problem", 1991), and the time since the change
before (by powers of two). A stream of coarse resolution that steps at even distances says little,
however many readings it has.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
U64 = NDArray[np.uint64]

_SEED = 31


@dataclass(frozen=True)
class Changes:
    """What changes in values (n,): ``row`` (k,), ``size`` (k,), ``gap`` (k,) rows since the change
    before, and the ``bits`` (k,) that each says."""

    row: I64
    size: F64
    gap: I64
    bits: F64

    def __len__(self) -> int:
        return len(self.row)


def changes_of(value: F64) -> Changes:
    """The changes of values (n,) without gaps."""
    change = np.diff(value, prepend=value[:1])
    spread = float(np.ptp(value)) if len(value) else 0.0
    row = np.flatnonzero(np.abs(change) > 1e-9 * max(spread, 1e-300)).astype(np.int64)
    size = significant(change[row])
    gap = np.diff(row, prepend=row[:1] - 1) if len(row) else row
    return Changes(row, size, gap, _size_bits(size) + _gap_bits(gap))


def significant(change: F64) -> F64:
    """Changes (n,) to four digits, so that rounding errors do not tell equal ones apart."""
    size = np.abs(change)
    power = 10.0 ** (np.floor(np.log10(np.where(size > 0, size, 1.0))) - 3)
    return np.asarray(np.round(change / power) * power)


def _size_bits(size: F64) -> F64:
    if not len(size):
        return np.zeros(0)
    _, kind, count = np.unique(np.round(size, 12), return_inverse=True, return_counts=True)
    plain = count[kind] / (len(size) + len(count))
    before = np.concatenate([[len(count)], kind[:-1]]).astype(np.int64)
    pair = before * (len(count) + 1) + kind
    _, first, which, pairs = np.unique(
        pair, return_index=True, return_inverse=True, return_counts=True
    )
    follows = np.bincount(before[first], minlength=len(count) + 1)
    seen = np.bincount(before, minlength=len(count) + 1)
    share = (pairs[which] - 1) / (seen[before] + follows[before])
    rest = np.minimum(2 * follows[before] / (seen[before] + follows[before]), 1.0)
    return np.asarray(-np.log2(np.minimum(share + rest * plain, 1.0)))


def _gap_bits(gap: I64) -> F64:
    if not len(gap):
        return np.zeros(0)
    power = np.floor(np.log2(np.maximum(gap, 1))).astype(np.int64)
    count = np.bincount(power)
    return np.asarray(-np.log2(count[power] / len(gap)) + power)


def prints(changes: Changes, length: int, least_bits: float) -> tuple[I64, U64]:
    """Exact prints of every ``length`` changes in a row that say enough: first row, print."""
    if len(changes) < length:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.uint64)
    random = np.random.default_rng(_SEED)
    factor = random.integers(1, 2**62, size=(2, length), dtype=np.uint64) * np.uint64(2)
    factor += np.uint64(1)
    size = np.ascontiguousarray(changes.size.astype(np.float32)).view(np.uint32)
    sizes, gaps = _mixed(size.astype(np.uint64)), _mixed(changes.gap.astype(np.uint64))
    first = np.zeros(len(changes) - length + 1, dtype=np.uint64)
    for i in range(length):
        end = i + len(first)
        first += sizes[i:end] * factor[0, i]
        if i:
            first += gaps[i:end] * factor[1, i]
    total = np.concatenate([[0.0], np.cumsum(changes.bits)])
    telling = total[length:] - total[:-length] >= least_bits
    return changes.row[: len(first)][telling], first[telling]


def _mixed(number: U64) -> U64:
    number = (number ^ (number >> np.uint64(16))) * np.uint64(0x9E3779B97F4A7C15)
    return np.asarray(number ^ (number >> np.uint64(32)))
