"""Fingerprints of motion: short windows to bits, so that equal content collides and little else.

Random projections keep angles (Charikar, "Similarity estimation techniques from rounding
algorithms", 2002): two windows that correlate with r differ in each bit with probability
``arccos(r) / pi``. A fingerprint has as many bits as it takes to address the corpus, so that the
number of chance collisions per window stays the same however large the corpus is.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from detector.core.observation import TILES
from detector.signals.motion import F32, I64, TELLING, Disguise, Motion

U32 = NDArray[np.uint32]
#: Which known windows are compared with those of a stream.
Among = Literal["own", "later", "others"]

#: Steps of one window (4 s).
WINDOW = 20
#: Fingerprints (bands) per window.
BANDS = 24
_PATTERNS = 32
_SEED = 20


def bits_for(windows: int) -> int:
    """Bits per fingerprint for a corpus of so many windows."""
    return int(np.clip(np.ceil(np.log2(max(windows, 2))) + 2, 12, 30))


def fingerprints(
    motion: Motion, bits: int, disguise: Disguise | None = None, every: int = 1
) -> tuple[I64, U32]:
    """Windows that tell something, of every so many, as a disguised copy would show them: first
    step (m,), fingerprints (m, BANDS)."""
    count = len(motion) - WINDOW + 1
    if count <= 0:
        return np.zeros(0, dtype=np.int64), np.zeros((0, BANDS), dtype=np.uint32)
    whole = motion.step[WINDOW - 1 :] - motion.step[:count] == WINDOW - 1
    total = np.concatenate([[0.0], np.cumsum(motion.energy, dtype=np.float64)])
    energy = total[WINDOW:] - total[:-WINDOW]
    telling = energy >= TELLING * WINDOW / 2
    start = np.flatnonzero(whole & telling).astype(np.int64)
    start = start[start % every == 0]
    patterns, filters = _projections(bits)
    if disguise is not None:
        patterns = disguise.weights.T @ patterns
    projected = np.ascontiguousarray(motion.change @ patterns)
    powers = (1 << np.arange(bits, dtype=np.uint64)).astype(np.float64)
    prints = np.empty((len(start), BANDS), dtype=np.uint32)
    for low in range(0, len(start), 4096):
        part = start[low : low + 4096]
        windows = projected[part[:, None] + np.arange(WINDOW)].reshape(len(part), -1)
        signs = (windows @ filters > 0).reshape(len(part), BANDS, bits)
        prints[low : low + 4096] = (signs @ powers).astype(np.uint32)
    return start, prints


@lru_cache(maxsize=4)
def _projections(bits: int) -> tuple[F32, F32]:
    """Patterns over the tiles (144, 32), and filters over their windows (640, BANDS * bits)."""
    random = np.random.default_rng(_SEED)
    patterns = random.standard_normal((TILES[0] * TILES[1], _PATTERNS)).astype(np.float32)
    filters = random.standard_normal((BANDS * 30, WINDOW * _PATTERNS)).astype(np.float32)
    chosen = filters.reshape(BANDS, 30, -1)[:, :bits].reshape(BANDS * bits, -1).T
    return patterns, np.ascontiguousarray(chosen)


class Index:
    """Fingerprints (m, BANDS) of known windows of streams (``owner`` (m,), rising), sorted once."""

    def __init__(self, known: U32, owner: I64) -> None:
        self._bits = max(1, int(owner[-1]).bit_length() if len(owner) else 1)
        self._owner = owner.astype(np.uint64)
        self._orders: list[I64] = []
        self._keys: list[NDArray[np.uint64]] = []
        for band in range(known.shape[1]):
            order = np.argsort(known[:, band], kind="stable").astype(np.int64)
            self._orders.append(order)
            self._keys.append(self._key(known[order, band], self._owner[order]))

    def _key(self, prints: U32, owner: NDArray[np.uint64] | int) -> NDArray[np.uint64]:
        shifted = prints.astype(np.uint64) << np.uint64(self._bits)
        return np.asarray(shifted | np.asarray(owner, dtype=np.uint64))

    def collisions(self, asked: U32, stream: int, among: Among, most: int = 64) -> tuple[I64, I64]:
        """Pairs (row of the known, row of ``asked``) that share a fingerprint, once per band.

        ``asked`` are of ``stream``; known windows are its own, those of the streams after it, or of
        all others. A fingerprint that more than ``most`` of these share tells nothing.
        """
        rows: list[I64] = [np.zeros(0, dtype=np.int64)]
        queries: list[I64] = [np.zeros(0, dtype=np.int64)]
        for band, (order, keys) in enumerate(zip(self._orders, self._keys, strict=True)):
            first, own, after, last = (
                np.searchsorted(keys, key).astype(np.int64)
                for key in (
                    self._key(asked[:, band], 0),
                    self._key(asked[:, band], stream),
                    self._key(asked[:, band], stream) + np.uint64(1),
                    (asked[:, band].astype(np.uint64) + np.uint64(1)) << np.uint64(self._bits),
                )
            )
            spans = {"own": [(own, after)], "later": [(after, last)]}
            spans["others"] = [(first, own), (after, last)]
            shared = np.sum([high - low for low, high in spans[among]], axis=0)
            for low, high in spans[among]:
                count = np.where(shared > most, 0, high - low)
                query = np.repeat(np.arange(len(asked)), count)
                within = np.arange(len(query)) - np.repeat(np.cumsum(count) - count, count)
                rows.append(order[low[query] + within])
                queries.append(query.astype(np.int64))
        return np.concatenate(rows), np.concatenate(queries)
