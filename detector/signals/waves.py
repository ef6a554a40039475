"""Differences of neighbouring averages (Haar wavelets) at several scales, and windows of them.

Differencing takes out level and slow drift; averaging before it keeps slow signals above the noise
that may have been added to them. In a window each difference counts for at most ``_CLIP`` times the
mean one, so that one jump that many streams share does not make them alike.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from detector.signals.grid import held
from detector.signals.runs import centred_sum

F64 = NDArray[np.float64]
F32 = NDArray[np.float32]
I64 = NDArray[np.int64]
U64 = NDArray[np.uint64]

#: Rows averaged at each scale.
SCALES = (1, 4, 16)
#: Differences in a window.
LENGTH = 24
#: Effective number of differences that must carry a window.
TELLING = 9.0
_CLIP = 3.0
_SEED = 12
#: Windows of which is told how alike any other is to them.
_WINDOWS = 24


@dataclass(frozen=True)
class Waves:
    """Differences of streams at one scale.

    * ``scale`` rows; ``wave`` float32 (streams, n), clipped, 0 where nothing is known;
    * ``energy`` float32 (streams, n): sum of squares in the window of rows around;
    * ``carried`` float32 (streams, n): effective number of differences in that window.
    """

    scale: int
    wave: F32
    energy: F32
    carried: F32

    @property
    def reach(self) -> int:
        """Rows from a window's centre to its ends."""
        return self.scale * LENGTH // 2


def waves(value: F64, scale: int) -> Waves:
    """Differences of values (streams, n) with NaN where nothing was read."""
    parts = [_stream(row, scale) for row in value]
    wave, energy, carried = (np.array(column) for column in zip(*parts, strict=True))
    return Waves(scale, wave, energy, carried)


def _stream(value: F64, scale: int) -> tuple[F32, F32, F32]:
    filled = held(value)
    wave = _difference(filled - filled.mean(), scale)
    wave[_lacking(~np.isfinite(value), scale) > scale / 2] = 0.0
    reach = scale * LENGTH // 2
    mean = centred_sum(np.abs(wave), reach) / (2 * reach + 1)
    wave = np.clip(wave, -_CLIP * mean, _CLIP * mean)
    size = np.abs(wave)
    energy, total = _around(size * size, reach), _around(size, reach)
    carried = np.where(energy > 0, total**2 / np.where(energy > 0, energy, 1.0) / scale, 0.0)
    return wave.astype(np.float32), energy.astype(np.float32), carried.astype(np.float32)


def _around(power: F64, reach: int) -> F64:
    """Sums over windows, 0 where only rounding is left."""
    total = centred_sum(power, reach)
    total[total <= 1e-13 * float(power.max(initial=0.0)) * (2 * reach + 1)] = 0.0
    return total


def _lacking(mask: NDArray[np.bool_], scale: int) -> F64:
    total = np.concatenate([[0.0], np.cumsum(mask)])
    index = np.arange(len(mask))
    top = np.minimum(index + scale, len(mask))
    return np.asarray(total[top] - total[np.maximum(index - scale, 0)])


def _difference(value: F64, scale: int) -> F64:
    """Mean of the next ``scale`` values less that of those before; 0 at the ends."""
    n = len(value)
    result = np.zeros(n)
    if n < 2 * scale:
        return result
    total = np.concatenate([[0.0], np.cumsum(value)])
    after = total[2 * scale :] - total[scale:-scale]
    before = total[scale:-scale] - total[: -2 * scale]
    result[scale : n - scale + 1] = (after - before) / scale
    return result


def likeness(of: Waves, own: int, other: int, lag: int, rows: slice | None = None) -> F64:
    """Correlation of the windows around ``rows`` (all without) with those ``lag`` rows before.

    NaN where either says too little or reaches beyond what both have.
    """
    n = of.wave.shape[1]
    start, stop, _ = (rows or slice(None)).indices(n)
    result = np.full(max(stop - start, 0), np.nan)
    low, high = max(start, lag + of.reach), min(stop, n - of.reach)
    if high <= low:
        return result
    later, sooner = slice(low, high), slice(low - lag, high - lag)
    wide = slice(low - of.reach, high + of.reach)
    before = slice(wide.start - lag, wide.stop - lag)
    product = of.wave[own, wide].astype(np.float64) * of.wave[other, before]
    total = np.concatenate([[0.0], np.cumsum(product)])
    width = 2 * of.reach
    both = total[width:-1] - total[: -width - 1] + product[width:]
    energy = of.energy[own, later].astype(np.float64) * of.energy[other, sooner]
    told = np.minimum(of.carried[own, later], of.carried[other, sooner]) >= TELLING
    told &= energy > 0
    result[low - start : high - start] = np.where(
        told, both[: high - low] / np.sqrt(np.where(told, energy, 1.0)), np.nan
    )
    return result


def recurring_likeness(of: Waves, stream: int, lag: int, stretch: tuple[int, int]) -> float:
    """The correlation that a quarter of a stream's windows reach with whichever other of its own
    is most like them, all apart from rows [first, last] of a ``stretch`` and those ``lag`` before:
    the cycles of a pump are all alike, whenever they come. 0 where there are none."""
    near, n = 2 * of.reach, of.wave.shape[1]
    told = of.carried[stream] >= TELLING
    for first, last in (stretch, (stretch[0] - lag, stretch[1] - lag)):
        told[max(first - near, 0) : max(last + near, 0)] = False
    told[: of.reach] = told[n - of.reach :] = False
    centres = np.flatnonzero(told)
    if not len(centres):
        return 0.0
    centres = centres[np.linspace(0, len(centres) - 1, _WINDOWS).astype(np.int64)]
    less = slice(stretch[0] - near, stretch[1] + near)
    r = [_nearest(of, stream, int(at), near, less) for at in centres]
    return max(float(np.quantile(r, 0.75)), 0.0)


def _nearest(of: Waves, stream: int, centre: int, apart: int, less: slice) -> float:
    """The largest correlation of a stream's window around a row with any other at least ``apart``
    rows away and not centred in ``less``; -1 where none tells anything."""
    n = of.wave.shape[1]
    rows = slice(centre - of.reach, centre + of.reach + 1)
    window = of.wave[stream, rows].astype(np.float64)
    size = 1 << int(n + len(window)).bit_length()
    spectrum = np.fft.rfft(of.wave[stream].astype(np.float64), size)
    both = np.fft.irfft(spectrum * np.conj(np.fft.rfft(window, size)), size)[: n - 2 * of.reach]
    inner = slice(of.reach, n - of.reach)
    energy = float(window @ window) * of.energy[stream, inner].astype(np.float64)
    told = (of.carried[stream, inner] >= TELLING) & (energy > 0)
    at = np.arange(of.reach, n - of.reach)
    told &= (np.abs(at - centre) >= apart) & ((at < less.start) | (at >= less.stop))
    return float((both[told] / np.sqrt(energy[told])).max()) if told.any() else -1.0


def sketches(of: Waves, stream: int, bits: int, tables: int) -> tuple[I64, U64]:
    """Windows of a stream that tell something: centre row (m,), prints (m, tables).

    A print is the signs of random projections (Charikar, "Similarity estimation techniques from
    rounding algorithms", 2002): windows correlated by r differ in each with probability
    arccos(r) / pi.
    """
    span, n = of.scale * LENGTH, of.wave.shape[1]
    if n < span:
        return np.zeros(0, dtype=np.int64), np.zeros((0, tables), dtype=np.uint64)
    centre = np.arange(of.reach, n - of.reach, max(1, of.scale // 4))
    centre = centre[of.carried[stream, centre] >= TELLING]
    random = np.random.default_rng(_SEED)
    filters = random.standard_normal((tables, LENGTH, bits)).astype(np.float32)
    view = sliding_window_view(of.wave[stream], span)[:, :: of.scale]
    window = view[centre - of.reach]
    powers = 2.0 ** np.arange(bits)
    found = [((window @ f > 0) @ powers).astype(np.uint64) for f in filters]
    return centre.astype(np.int64), np.stack(found, axis=1)
