"""Stretches of readings that occur twice, exactly, in one stream or in several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

#: Steps of one hashed gram.
GRAM = 8
#: Information (bits) a gram must have to be looked up.
_LEAST_BITS = 8.0
_PRIME = np.uint64(1099511628211)


@dataclass(frozen=True)
class Repeat:
    """Steps [first, last] of stream ``own`` are those ``lag`` rows before in stream ``other``.

    ``bits``: information of the repeated steps: how unlikely that is by chance.
    """

    own: int
    other: int
    first: int
    last: int
    lag: int
    bits: float


def steps_of(value: F64) -> tuple[I64, F64]:
    """Codes (n - 1,) of the steps between values, equal where the steps are, and their information
    (n - 1,) in bits: ``-log2`` of the part of the stream's steps that are alike, none where nothing
    changes. A copy with an offset has the same codes."""
    step = np.diff(value)
    size = float(np.median(np.abs(value - np.median(value)))) or float(np.std(value)) or 1.0
    coded = np.rint(step / (size * 1e-7)).astype(np.int64)
    _, inverse, count = np.unique(coded, return_inverse=True, return_counts=True)
    bits = -np.log2(count[inverse] / max(len(coded), 1))
    bits[coded == 0] = 0.0
    return np.rint(step * 1e7).astype(np.int64), bits


def repeats(streams: Sequence[tuple[I64, F64]], min_bits: float) -> list[Repeat]:
    """Repeated stretches of at least ``GRAM`` steps and ``min_bits`` bits among streams of (codes,
    bits), each occurrence with the one before it (streams count in order)."""
    hashes, places = [], []
    for number, (codes, bits) in enumerate(streams):
        if len(codes) < GRAM:
            continue
        total = np.concatenate([[0.0], np.cumsum(bits)])
        telling = np.flatnonzero(total[GRAM:] - total[:-GRAM] >= _LEAST_BITS)
        hashes.append(_hashed(codes)[telling])
        places.append(np.column_stack([np.full(len(telling), number), telling]))
    if not hashes:
        return []
    gram, place = np.concatenate(hashes), np.concatenate(places)
    order = np.lexsort((place[:, 1], place[:, 0], gram))
    same = np.flatnonzero(gram[order][1:] == gram[order][:-1])
    earlier, later = place[order[same]], place[order[same + 1]]
    return _linked(earlier, later, streams, min_bits)


def _hashed(codes: I64) -> NDArray[np.uint64]:
    unsigned = codes.astype(np.uint64)
    n = len(codes) - GRAM + 1
    result = np.zeros(n, dtype=np.uint64)
    with np.errstate(over="ignore"):
        for k in range(GRAM):
            mixed = unsigned[k : k + n] ^ (unsigned[k : k + n] >> np.uint64(15))
            np.multiply(result, _PRIME, out=result)
            np.add(result, mixed * np.uint64(0x9E3779B97F4A7C15), out=result)
    return result


def _linked(
    earlier: NDArray[np.int64],
    later: NDArray[np.int64],
    streams: Sequence[tuple[I64, F64]],
    min_bits: float,
) -> list[Repeat]:
    """Pairs of grams (n, 2) of (stream, row) at one lag and in a row, as stretches."""
    if not len(earlier):
        return []
    lag = later[:, 1] - earlier[:, 1]
    order = np.lexsort((later[:, 1], lag, earlier[:, 0], later[:, 0]))
    own, other = later[order, 0], earlier[order, 0]
    row, lag = later[order, 1], lag[order]
    breaks = (np.diff(own) != 0) | (np.diff(other) != 0) | (np.diff(lag) != 0)
    breaks |= np.diff(row) > GRAM
    bounds = np.concatenate([[0], np.flatnonzero(breaks) + 1, [len(row)]])
    found = []
    for a, b in pairwise(bounds.tolist()):
        first, last = int(row[a]), int(row[b - 1]) + GRAM - 1
        bits = float(streams[int(own[a])][1][first : last + 1].sum())
        if bits >= min_bits:
            found.append(Repeat(int(own[a]), int(other[a]), first, last, int(lag[a]), bits))
    return found
