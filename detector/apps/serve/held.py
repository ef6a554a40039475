"""What is held in memory of each stream: its last stretch, as the store has it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from detector.config.live import Windows
from detector.core.observation import Frames, Readings, Views, join, join_arrived
from detector.edge.series import Block, Key, Series, StreamState

F64 = NDArray[np.float64]
Video = TypeVar("Video", Frames, Views)
#: Pieces of a camera's stretch at most, before they are joined.
_PIECES = 32
#: Readings that come so much later than others of their stream, s, were held back; and stretches of
#: such that are remembered.
_HELD_BACK_S, _REMEMBERED = 60.0, 100


@dataclass
class Stretch:
    """The last stretch of one stream; ``whole``: it is all that there ever was of it; ``late``: how
    often something of a camera came later than what follows it; ``back``: stretches [start, end] s
    of readings that were held back."""

    readings: list[Readings] = field(default_factory=list)
    frames: list[Frames] = field(default_factory=list)
    views: list[Views] = field(default_factory=list)
    newest: float = -np.inf
    whole: bool = True
    late: int = 0
    back: list[tuple[float, float]] = field(default_factory=list)

    @property
    def video(self) -> bool:
        """Whether it is a camera's."""
        return bool(self.frames or self.views)

    def add(self, block: Block) -> None:
        """Take up a block that arrived after all others."""
        if not len(block):
            return
        if isinstance(block, Readings):
            finite = block.time[np.isfinite(block.time)]
            if self.readings and len(finite) and finite.min() <= self.newest:
                self.blocks(-np.inf)  # joins what is held
                block = _unknown(block, self.readings[0])
                self._came_back(block.time)
            self.readings += [block] if len(block) else []
        elif isinstance(block, Frames):
            self.frames = self._after(self.frames, block)
        else:
            self.views = self._after(self.views, block)
        finite = block.time[np.isfinite(block.time)]
        if len(finite):
            self.newest = max(self.newest, float(finite.max()))

    def _came_back(self, time: F64) -> None:
        """Remember when readings are of that came long after others."""
        late = time[time < self.newest - _HELD_BACK_S]
        if len(late):
            self.back = [*self.back, (float(late.min()), float(late.max()))][-_REMEMBERED:]

    def _after(self, held: list[Video], block: Video) -> list[Video]:
        """Pieces are joined now and then: a picture more is no reason to copy all."""
        late = bool(held) and bool(block.time[0] <= held[-1].time[-1])
        self.late += late
        held.append(block)
        if late:
            return [_once(join(held))]
        return held if len(held) <= _PIECES else [join(held)]

    def blocks(self, since: float) -> list[Block]:
        """What it holds from a time on: readings in order of arrival, the rest of time."""
        if len(self.readings) > 1:
            self.readings = [join_arrived(self.readings)]
        whole: list[Block] = [*self.views, *self.frames]
        late = [
            b if b.time[0] >= since else b.rows(slice(int(np.searchsorted(b.time, since)), None))
            for b in whole
            if b.time[-1] >= since
        ]
        readings = [
            b.rows(~(b.time < since)) if np.any(b.time < since) else b for b in self.readings
        ]
        return [b for b in [*late, *readings] if len(b)]

    def trim(self, windows: Windows) -> None:
        """Let go of what is older than the window."""
        video, sensors = self.newest - windows.video_s, self.newest - windows.readings_s
        whole = self.blocks(-np.inf)
        before = sum(map(len, whole))
        frames = [b.rows(b.time >= video) for b in whole if isinstance(b, Frames)]
        views = [b.rows(b.time >= video) for b in whole if isinstance(b, Views)]
        self.frames, self.views = [b for b in frames if len(b)], [b for b in views if len(b)]
        kept = [b.rows(~(b.time < sensors)) for b in whole if isinstance(b, Readings)]
        self.readings = [b.rows(slice(-windows.readings_rows, None)) for b in kept]
        self.whole &= before == sum(map(len, (*self.frames, *self.views, *self.readings)))


class Held:
    """The stretches of all streams."""

    def __init__(self, windows: Windows) -> None:
        self.windows = windows
        self.streams: dict[Key, Stretch] = {}
        self._trimmed: dict[Key, int] = {}

    def load(self, series: Series, states: Iterable[StreamState]) -> None:
        """Take up what the store has of each stream's last stretch."""
        for state in states:
            key = Key(state.mine, state.stream)
            video = state.kind == "video"
            start = state.last - (self.windows.video_s if video else self.windows.readings_s)
            self.streams.setdefault(key, Stretch()).whole &= state.first >= start
            if not video:
                self._add(key, series.readings(key, start, np.inf))
            else:
                self._add(key, series.views(key, start, np.inf))
                self._add(key, series.frames(key, start, np.inf))

    def add(self, mine: str, block: Block) -> Key:
        """Take up a block that arrived."""
        key = Key(mine, block.stream)
        self._add(key, block)
        return key

    def _add(self, key: Key, block: Block) -> None:
        stretch = self.streams.setdefault(key, Stretch())
        stretch.add(block)
        rows = self._trimmed[key] = self._trimmed.get(key, 0) + len(block)
        if rows > (self.windows.readings_rows // 4 if isinstance(block, Readings) else 100):
            stretch.trim(self.windows)
            self._trimmed[key] = 0


def _once(block: Video) -> Video:
    """Rows of a time that comes twice are told once."""
    rows: Video = block.rows(np.concatenate([[True], np.diff(block.time) > 0]))
    return rows


def _unknown(block: Readings, held: Readings) -> Readings:
    """The rows that are not held: the store tells again what it has joined."""
    known = set(_identities(held.rows(held.time >= np.nanmin(block.time))))
    kept = np.array([identity not in known for identity in _identities(block)], dtype=bool)
    rows: Readings = block.rows(kept)
    return rows


def _identities(block: Readings) -> list[tuple[int, int]]:
    time = np.ascontiguousarray(block.time, dtype="<f8").view("<i8").tolist()
    value = np.ascontiguousarray(block.value, dtype="<f8").view("<i8").tolist()
    return list(zip(time, value, strict=True))
