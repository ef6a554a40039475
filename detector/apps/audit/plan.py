"""Where to look: which recordings are decoded in full, and which stretches of the others.

Decoding is what an audit costs. Packets cost next to nothing and key frames a sixth of everything,
so a long recording is read coarsely, and decoded in full only where that could matter: where key
frames agree more than live ones do (held pictures), and where packet sizes repeat (loops, copies).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from detector.core.observation import Views
from detector.edge.packets import Packets
from detector.signals.rhythm import Rhythm, likeness, rhythm_of
from detector.signals.runs import runs
from detector.signals.stillness import middle

F64 = NDArray[np.float64]
Mode = Literal["full", "coarse"]
Window = tuple[float, float]

#: Luma pixels up to which a recording is decoded in full: about two minutes of 720p at 25 fps.
FULL_PIXELS = 3_000_000_000
#: Part of the work of decoding a longer recording that may be spent on stretches of it.
FULL_PART = 0.04
#: Part of a picture's work that does not depend on its bytes (held pictures have hardly any).
FIXED_PART = 0.3
#: Key frames that agree better than this part of what the camera's usually do are looked at.
AGREE = 0.5
#: Seconds decoded beyond where such a stretch may begin or end.
_EDGE_S = 0.5
#: Key frames of a stretch up to which it is decoded as a whole.
_SHORT = 3
#: Seconds of a probe into a stretch whose packet sizes repeat.
PROBE_S = 8.0
#: Tasks that the stretches of one recording are dealt to; of key-frame tasks a multiple of it.
SHARES = 2
#: Seconds of a key-frame task, so that a long recording keeps several processes busy.
PART_S = 75.0


@dataclass(frozen=True)
class Coarse:
    """A recording of which packets and key frames were read."""

    packets: Packets
    views: Views

    @property
    def budget(self) -> float:
        """Part of the work of decoding all of it that may be spent."""
        return min(1.0, max(FULL_PART, FULL_PIXELS / 3 / max(self.packets.pixels, 1)))

    def cost(self, windows: Sequence[Window]) -> float:
        """Part of the work of decoding all of it that these stretches (apart) take."""
        time, size = self.packets.time, self.packets.size
        inside = np.zeros(len(time), dtype=bool)
        for start, end in windows:
            inside |= (time >= start) & (time < end)
        part = float(size[inside].sum()) / max(float(size.sum()), 1.0)
        return FIXED_PART * float(inside.mean()) + (1 - FIXED_PART) * part


def full_or_coarse(packets: Packets, thorough: bool, environment: Mapping[str, str]) -> Mode:
    """How to decode a recording; ``TRUESHAFT_DECODE`` = full | coarse overrules its length."""
    forced = environment.get("TRUESHAFT_DECODE", "")
    if thorough or forced == "full":
        return "full"
    if forced == "coarse":
        return "coarse"
    return "full" if packets.pixels <= FULL_PIXELS else "coarse"


def parts(duration_s: float) -> list[Window]:
    """Stretches (s) in which the key frames of a recording are read side by side."""
    count = SHARES * max(1, round(duration_s / PART_S / SHARES))
    edges = [i * duration_s / count for i in range(count)] + [duration_s + 1e6]
    return list(pairwise(edges))


def shares(windows: Sequence[Window]) -> list[list[Window]]:
    """Stretches dealt out so that several processes can decode them side by side."""
    dealt: list[list[Window]] = [[] for _ in range(min(SHARES, len(windows)))]
    for window in sorted(windows, key=lambda w: (w[0] - w[1], w)):
        min(dealt, key=lambda share: sum(b - a for a, b in share)).append(window)
    return [sorted(share) for share in dealt]


def looks(recordings: Sequence[Coarse]) -> list[list[Window]]:
    """Stretches (s) of each coarsely read recording to decode in full."""
    wanted: list[list[Window]] = [_held(r) for r in recordings]
    rhythms = [rhythm_of(r.packets.time, r.packets.size, r.packets.key) for r in recordings]
    for own, other, at, lag in _repeats(rhythms):
        wanted[own].append((at, at + PROBE_S))
        wanted[other].append((at - lag, at - lag + PROBE_S))
    return [_affordable(r, w) for r, w in zip(recordings, wanted, strict=True)]


def _held(recording: Coarse) -> list[Window]:
    """Around key frames that agree too well with the one before: where such stretches begin and
    end, those that agree best first, then the insides. What lies between a beginning and an end
    that are held is told by key frames alone."""
    views, packets = recording.views, recording.packets
    use = views.key & (views.seconds > 0)
    if not use.any():
        return [(0.0, packets.duration_s)]
    change, time = middle(views.stir[use]), views.time[use]
    spacing = views.seconds[use].astype(np.float64)
    suspect = change <= AGREE * float(np.median(change))
    found: list[Window] = []
    for first, last in sorted(runs(suspect), key=lambda r: float(change[r[0] : r[1] + 1].min())):
        begun = float(time[first] - 2 * spacing[first]) - _EDGE_S
        ended = float(time[last] + spacing[last]) + _EDGE_S
        if last - first < _SHORT:
            found.append((begun, ended))
        else:
            found.append((begun, float(time[first]) + _EDGE_S))
            found.append((float(time[last] - spacing[last]) - _EDGE_S, ended))
    inside = np.flatnonzero(suspect)[np.argsort(change[suspect], kind="stable")]
    found += [(float(time[i] - spacing[i]), float(time[i])) for i in inside]
    if float(np.median(spacing)) > 2.5:
        found += _sparse(packets)
    return found


def _sparse(packets: Packets) -> list[Window]:
    """Stretches of small packets between key frames too far apart to tell by themselves."""
    rhythm = rhythm_of(packets.time, packets.size, packets.key)
    return [(a - 1.0, b + 1.0) for a, b in rhythm.quiet(3.0)]


def _repeats(rhythms: Sequence[Rhythm]) -> list[tuple[int, int, float, float]]:
    """(own, other, at s, lag s) where packet sizes suggest that the same is shown twice."""
    found = []
    for own, rhythm in enumerate(rhythms):
        for other in range(own + 1):
            for at, lag in likeness(rhythm, rhythms[other], same=own == other):
                found.append((own, other, at, lag))
    return found


def _affordable(recording: Coarse, wanted: Sequence[Window]) -> list[Window]:
    """The first of the wanted stretches that the budget holds, joined and in order."""
    chosen: list[Window] = []
    for start, end in wanted:
        window = max(start, 0.0), min(end, recording.packets.duration_s)
        longer = _joined([*chosen, window]) if window[1] > window[0] else chosen
        if recording.cost(longer) <= recording.budget:
            chosen = longer
    return chosen


def _joined(windows: Sequence[Window]) -> list[Window]:
    joined: list[Window] = []
    for start, end in sorted(windows):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], end)
        else:
            joined.append((start, end))
    return joined
