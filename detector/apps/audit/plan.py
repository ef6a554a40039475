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
from detector.signals.echoes import echoes, surprises
from detector.signals.rhythm import likeness, rhythm_of
from detector.signals.runs import runs
from detector.signals.stillness import middle

F64 = NDArray[np.float64]
Mode = Literal["full", "coarse"]
Window = tuple[float, float]

#: Luma pixels up to which a recording is decoded in full: about two minutes of 720p at 25 fps.
FULL_PIXELS = 3_000_000_000
#: Part of the work of decoding a longer recording that may be spent on stretches of it.
FULL_PART = 0.05
#: Part of a picture's work that does not depend on its bytes (held pictures have hardly any).
FIXED_PART = 0.3
#: Key frames that agree better than this part of what the camera's usually do are looked at.
AGREE = 0.3
#: Seconds decoded beyond where such a stretch may begin or end.
_EDGE_S = 0.5
#: Key frames of a stretch up to which it is decoded as a whole.
_SHORT = 3
#: Part of that which goes first to what may be held, the rest to what may be shown twice; what
#: most likely is held may take it all.
HELD_PART = 0.5
#: Seconds of a probe into a stretch whose packet sizes repeat.
PROBE_S = 7.0
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
    held = [_held(r) for r in recordings]
    chosen = [
        _affordable(r, h, HELD_PART * r.budget, _affordable(r, h[:1], r.budget))
        for r, h in zip(recordings, held, strict=True)
    ]
    twice: list[list[tuple[Window, ...]]] = [[] for _ in recordings]
    for own, other, at, lag in _repeats(recordings):
        shown, before = (at, at + PROBE_S), (at - lag, at - lag + PROBE_S)
        if own == other:
            twice[own].append((shown, before))
        else:
            twice[own].append((shown,))
            twice[other].append((before,))
    return [
        _affordable(r, w, r.budget, begun)
        for r, w, begun in zip(recordings, twice, chosen, strict=True)
    ]


def _held(recording: Coarse) -> list[tuple[Window, ...]]:
    """Around key frames that agree too well with the one before: where such stretches begin and
    end, those that agree best first. What lies between is told by key frames alone."""
    views, packets = recording.views, recording.packets
    use = views.key & (views.seconds > 0)
    if not use.any():
        return [((0.0, packets.duration_s),)]
    change, time = middle(views.stir[use]), views.time[use]
    spacing = views.seconds[use].astype(np.float64)
    suspect = change <= AGREE * float(np.median(change))
    found: list[tuple[Window, ...]] = []
    for first, last in sorted(
        runs(suspect), key=lambda r: float(np.median(change[r[0] : r[1] + 1]))
    ):
        begun = float(time[first] - 2 * spacing[first]) - _EDGE_S
        ended = float(time[last] + spacing[last]) + _EDGE_S
        if last - first < _SHORT:
            found.append(((begun, ended),))
        else:
            begin = begun, float(time[first]) + _EDGE_S
            found.append((begin, (float(time[last] - spacing[last]) - _EDGE_S, ended)))
    if float(np.median(spacing)) > 2.5:
        found += [(window,) for window in _sparse(packets)]
    return found


def _sparse(packets: Packets) -> list[Window]:
    """Stretches of small packets between key frames too far apart to tell by themselves."""
    rhythm = rhythm_of(packets.time, packets.size, packets.key)
    return [(a - 1.0, b + 1.0) for a, b in rhythm.quiet(3.0)]


def _repeats(recordings: Sequence[Coarse]) -> list[tuple[int, int, float, float]]:
    """(own, other, at s, lag s) where packet sizes suggest that the same is shown twice."""
    packets = [r.packets for r in recordings]
    rhythms = [rhythm_of(p.time, p.size, p.key) for p in packets]
    own_ways = [surprises(p.time, p.size, p.key) for p in packets]
    found = []
    for own, (rhythm, ways) in enumerate(zip(rhythms, own_ways, strict=True)):
        found += [(own, own, e.start, e.lag) for e in echoes(ways, ways, same=True)]
        for other in range(own):
            alike = echoes(ways, own_ways[other], same=False)
            found += [(own, other, e.start, e.lag) for e in alike]
            found += [(own, other, at, lag) for at, lag in likeness(rhythm, rhythms[other])]
    return found


def _affordable(
    recording: Coarse,
    wanted: Sequence[tuple[Window, ...]],
    budget: float,
    begun: Sequence[Window] = (),
) -> list[Window]:
    """Those begun with and the first of the wanted stretches (what belongs together all or not at
    all) that the budget holds, joined and in order."""
    chosen = list(begun)
    for together in wanted:
        inside = [(max(a, 0.0), min(b, recording.packets.duration_s)) for a, b in together]
        longer = _joined([*chosen, *(w for w in inside if w[1] > w[0])])
        if recording.cost(longer) <= budget:
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
