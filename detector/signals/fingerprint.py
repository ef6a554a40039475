"""Fingerprints of motion: short windows to bits, so that equal content collides and little else.

Random projections keep angles (Charikar, "Similarity estimation techniques from rounding
algorithms", 2002): two windows that correlate with r differ in each bit with probability
``arccos(r) / pi``. A fingerprint has as many bits as it takes to address the corpus, so that the
number of chance collisions per window stays the same however large the corpus is.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from detector.signals.motion import I64, TELLING, Motion

U32 = NDArray[np.uint32]

#: Steps of one window (4 s).
WINDOW = 20
#: Fingerprints (bands) per window.
BANDS = 24
_PATTERNS = 32
_SEED = 20


def bits_for(windows: int) -> int:
    """Bits per fingerprint for a corpus of so many windows."""
    return int(np.clip(np.ceil(np.log2(max(windows, 2))) + 2, 12, 30))


def fingerprints(motion: Motion, bits: int, every: int = 1) -> tuple[I64, U32]:
    """Windows that tell something, of every so many: first step (m,), fingerprints (m, BANDS)."""
    count = len(motion) - WINDOW + 1
    if count <= 0:
        return np.zeros(0, dtype=np.int64), np.zeros((0, BANDS), dtype=np.uint32)
    whole = motion.step[WINDOW - 1 :] - motion.step[:count] == WINDOW - 1
    total = np.concatenate([[0.0], np.cumsum(motion.energy, dtype=np.float64)])
    energy = total[WINDOW:] - total[:-WINDOW]
    telling = energy >= TELLING * WINDOW / 2
    start = np.flatnonzero(whole & telling).astype(np.int64)
    start = start[start % every == 0]
    random = np.random.default_rng(_SEED)
    patterns = random.standard_normal((motion.change.shape[1], _PATTERNS)).astype(np.float32)
    filters = random.standard_normal((BANDS * 30, WINDOW * _PATTERNS)).astype(np.float32)
    chosen = filters.reshape(BANDS, 30, -1)[:, :bits].reshape(BANDS * bits, -1).T
    projected = np.ascontiguousarray(motion.change @ patterns)
    powers = (1 << np.arange(bits, dtype=np.uint64)).astype(np.float64)
    prints = np.empty((len(start), BANDS), dtype=np.uint32)
    for low in range(0, len(start), 4096):
        part = start[low : low + 4096]
        windows = projected[part[:, None] + np.arange(WINDOW)].reshape(len(part), -1)
        signs = (windows @ chosen > 0).reshape(len(part), BANDS, bits)
        prints[low : low + 4096] = (signs @ powers).astype(np.uint32)
    return start, prints


def collisions(known: U32, asked: U32, most: int = 64) -> tuple[I64, I64]:
    """Pairs (row of ``known``, row of ``asked``) that share a fingerprint, once per band.

    A fingerprint that more than ``most`` known windows share tells nothing and is passed over.
    """
    rows: list[I64] = []
    queries: list[I64] = []
    for band in range(known.shape[1]):
        order = np.argsort(known[:, band], kind="stable")
        values = known[order, band]
        low = np.searchsorted(values, asked[:, band], "left")
        count = np.searchsorted(values, asked[:, band], "right") - low
        count[count > most] = 0
        query = np.repeat(np.arange(len(asked)), count)
        within = np.arange(len(query)) - np.repeat(np.cumsum(count) - count, count)
        rows.append(order[low[query] + within].astype(np.int64))
        queries.append(query.astype(np.int64))
    return np.concatenate(rows), np.concatenate(queries)
