"""Where streams may show the same again: windows with equal prints vote for pairs and lags."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.signals.surprise import Changes, prints
from detector.signals.waves import LENGTH, Waves, sketches

I64 = NDArray[np.int64]
U64 = NDArray[np.uint64]

#: Changes in a row of which exact prints are taken.
_EXACT = (5, 15, 45)
#: Prints of each window of differences.
_TABLES = 2
#: Bits that hold the place of a print while prints are sorted.
_PLACE = 24
#: How many windows with the same print each window is linked with.
_NEXT = 4
#: Links that must agree on pair, lag and place.
_VOTES = 3
#: Candidates of one pair, and of all, that are looked at.
_PER_PAIR, _ALL = 6, 4000


@dataclass(frozen=True)
class Candidate:
    """Stream ``own`` around ``row`` may show what ``other`` showed ``lag`` >= 0 rows before."""

    own: int
    other: int
    lag: int
    row: int


def candidates(
    changes: Sequence[Changes], scales: Sequence[Waves], rows: int, own_past: bool
) -> list[Candidate]:
    """Candidates among streams of so many rows, those with the most votes first: between streams,
    or of each with its own past."""
    need = 2 * float(np.log2(max(sum(len(c) for c in changes), 2)))
    links = []
    for length in _EXACT:
        exact = [prints(c, length, need) for c in changes]
        links.append(_linked([(row, told[:, None]) for row, told in exact], own_past))
    for scale in scales:
        windows = len(changes) * rows // max(1, scale.scale // 4)
        # pairs of windows that chance gives one print: a few thousand, however many windows
        bits = int(np.clip(np.ceil(2 * np.log2(max(windows, 2)) - 12), 14, 32))
        told = [sketches(scale, i, bits, _TABLES) for i in range(len(changes))]
        links.append(_linked(told, own_past))
    return _counted(np.concatenate(links), len(changes), rows)


def _linked(told: Sequence[tuple[I64, U64]], own_past: bool) -> I64:
    """Links (k, 4) of windows with equal prints: own, other, lag, row of own."""
    stream = np.concatenate(
        [np.full(len(row), i, dtype=np.int64) for i, (row, _) in enumerate(told)]
    )
    row = np.concatenate([row for row, _ in told])
    every = np.concatenate([p for _, p in told])
    links: list[I64] = [np.zeros((0, 4), dtype=np.int64)]
    for table in range(every.shape[1] if len(every) else 0):
        keys, order = _sorted(every[:, table])
        for step in range(1, _NEXT + 1):
            same = np.flatnonzero(keys[step:] == keys[:-step])
            a, b = order[same], order[same + step]
            if own_past:
                use = (stream[a] == stream[b]) & (np.abs(row[a] - row[b]) >= LENGTH // 2)
            else:
                use = stream[a] != stream[b]
            links.append(_turned(stream, row, a[use], b[use]))
    return np.concatenate(links)


def _sorted(told: U64) -> tuple[U64, I64]:
    """Prints (n,), their first 40 bits, in order, and their places, in order among equal ones."""
    place = np.arange(len(told), dtype=np.uint64)
    if len(told) >= 1 << _PLACE:
        order = np.argsort(told, kind="stable")
        return told[order], order
    packed = np.sort((told << np.uint64(_PLACE)) | place)
    return packed >> np.uint64(_PLACE), (packed & np.uint64((1 << _PLACE) - 1)).astype(np.int64)


def _turned(stream: I64, row: I64, a: I64, b: I64) -> I64:
    """Links whose own is the later one; at one time that of the later stream."""
    swap = (row[a] < row[b]) | ((row[a] == row[b]) & (stream[a] < stream[b]))
    own, other = np.where(swap, b, a), np.where(swap, a, b)
    return np.stack([stream[own], stream[other], row[own] - row[other], row[own]], axis=1)


def _counted(links: I64, streams: int, rows: int) -> list[Candidate]:
    if not len(links):
        return []
    place = max(LENGTH * 8, rows // 16)
    key = (links[:, 0] * streams + links[:, 1]) * rows + links[:, 2]
    key = key * (rows // place + 1) + links[:, 3] // place
    _, first, which, count = np.unique(
        key, return_index=True, return_inverse=True, return_counts=True
    )
    middle = np.bincount(which, links[:, 3]) / count
    enough = np.flatnonzero(count >= _VOTES)
    found: list[Candidate] = []
    taken: dict[tuple[int, int], int] = {}
    for i in enough[np.argsort(-count[enough], kind="stable")].tolist():
        if len(found) >= _ALL:
            break
        own, other, lag = links[first[i], :3].tolist()
        if taken.get((own, other), 0) < _PER_PAIR:
            taken[own, other] = taken.get((own, other), 0) + 1
            found.append(Candidate(own, other, lag, round(middle[i])))
    return found
