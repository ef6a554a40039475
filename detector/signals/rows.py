"""Pictures of one camera, one after another, to rows of observations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from weakref import ReferenceType, ref

import numpy as np
from numpy.typing import NDArray

from detector.core.observation import STEP_S, U8, VIEW_S, Frames, Views
from detector.signals import change

F32 = NDArray[np.float32]


class Fine:
    """A picture high-passed, which the rows of both kinds may share."""

    def __init__(self, luma: U8) -> None:
        self.values = change.high_pass(luma)
        self._since: tuple[ReferenceType[Fine], F32] | None = None

    def stir(self, before: Fine) -> F32:
        """Mean absolute change of each tile since another picture of the same size, float32."""
        if self._since is None or self._since[0]() is not before:
            self._since = ref(before), change.tile_size(self.values - before.values)
        return self._since[1]


class FrameRows:
    """Folds every picture into a row per step (:class:`Frames`)."""

    def __init__(self, stream: str) -> None:
        self._stream = stream
        self._rows: list[tuple[Any, ...]] = []
        self._step: int | None = None
        self._time = 0.0
        self._luma: U8 | None = None
        self._fine: Fine | None = None
        self._sum: F32 | None = None
        self._pictures = 0
        self._coded = 0
        self._before: tuple[float, F32, Fine] | None = None

    def add(self, time: float, luma: U8, coded: int, fine: Fine | None = None) -> None:
        """Add the next picture, ``luma`` uint8 (h, w) at ``time`` s, of ``coded`` bytes; ``fine``
        is it high-passed, where that is known already."""
        step = int(np.floor(time / STEP_S + 1e-6))
        if self._luma is not None and (step != self._step or luma.shape != self._luma.shape):
            self._close()
        if self._before is not None and self._before[2].values.shape != luma.shape:
            self._before = None
        means = change.tile_means(luma)
        self._sum = means if self._sum is None else self._sum + means
        self._step, self._time, self._luma, self._fine = step, time, luma, fine
        self._pictures += 1
        self._coded = min(coded or self._coded, self._coded or coded)

    def cut(self) -> None:
        """What comes next does not follow directly on what came before."""
        if self._luma is not None:
            self._close()
        self._before = None

    def _close(self) -> None:
        assert self._luma is not None and self._sum is not None
        mean = self._sum / np.float32(self._pictures)
        fine = self._fine or Fine(self._luma)
        if self._before is None:
            seconds, moved = 0.0, np.zeros_like(mean)
            stir = np.zeros_like(mean)
        else:
            seconds = self._time - self._before[0]
            moved = mean - self._before[1]
            stir = fine.stir(self._before[2])
        moved = moved - np.float32(np.median(moved))
        self._rows.append(
            (
                self._time,
                seconds,
                self._pictures,
                change.compand(moved),
                change.compand_size(stir),
                self._coded,
            )
        )
        self._before = (self._time, mean, fine)
        self._luma, self._sum, self._pictures, self._coded = None, None, 0, 0

    def blocks(self, at_least: int) -> Iterator[Frames]:
        """The finished rows as a block, where more than ``at_least``; 0 ends the stream."""
        if at_least == 0 and self._luma is not None:
            self._close()
        yield from self.finished(at_least)

    def finished(self, at_least: int = 0) -> Iterator[Frames]:
        """The finished rows as a block, where more than ``at_least``; the open step stays open."""
        if len(self._rows) > at_least:
            time, seconds, pictures, motion, stir, coded = zip(*self._rows, strict=True)
            self._rows = []
            yield Frames(
                stream=self._stream,
                time=np.asarray(time, dtype=np.float64),
                seconds=np.asarray(seconds, dtype=np.float32),
                pictures=np.asarray(pictures, dtype=np.int32),
                motion=np.stack(motion),
                stir=np.stack(stir),
                coded=np.asarray(coded, dtype=np.int32),
            )


class ViewRows:
    """Chooses about a picture a second, key frames first, into rows of :class:`Views`."""

    def __init__(self, stream: str) -> None:
        self._stream = stream
        self._rows: list[tuple[Any, ...]] = []
        self._last: tuple[float, Fine] | None = None
        self._last_key: tuple[float, Fine] | None = None

    def add(self, time: float, luma: U8, key: bool, fine: Fine | None = None) -> None:
        """Offer the next picture; it becomes a row where it is due. ``fine`` as in
        :meth:`FrameRows.add`."""
        due = self._last is None or time - self._last[0] >= VIEW_S - 1e-6
        key_due = key and (self._last_key is None or time - self._last_key[0] >= VIEW_S - 1e-6)
        if not due and not key_due:
            return
        fine = fine or Fine(luma)
        before = self._last_key if key and self._last_key is not None else self._last
        if before is not None and before[1].values.shape == fine.values.shape:
            seconds = time - before[0]
            stir = fine.stir(before[1])
        else:
            seconds = 0.0
            stir = np.zeros((9, 16), dtype=np.float32)
        self._rows.append(
            (
                time,
                key,
                seconds,
                change.compand_size(stir),
                change.compand_size(change.tile_size(fine.values)),
                change.crispness(fine.values),
                change.layout(luma),
                (luma.shape[1], luma.shape[0]),
            )
        )
        self._last = (time, fine)
        if key:
            self._last_key = (time, fine)

    def blocks(self, at_least: int) -> Iterator[Views]:
        """The finished rows as a block, where there are more than ``at_least``."""
        if len(self._rows) > at_least:
            time, key, seconds, stir, detail, crisp, layout, size = zip(*self._rows, strict=True)
            self._rows = []
            yield Views(
                stream=self._stream,
                time=np.asarray(time, dtype=np.float64),
                key=np.asarray(key, dtype=np.bool_),
                seconds=np.asarray(seconds, dtype=np.float32),
                stir=np.stack(stir),
                detail=np.stack(detail),
                crisp=np.stack(crisp),
                layout=np.stack(layout),
                size=np.asarray(size, dtype=np.int32),
            )
