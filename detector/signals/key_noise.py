"""How much key frames differ from the ones before them: the noise every live camera has."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.core.observation import VIEW_S, Frames, Views
from detector.signals.stillness import middle

F64 = NDArray[np.float64]


@dataclass(frozen=True)
class KeyNoise:
    """Key frames of a stream: how much each differs from the one before, and how bright they are.

    ``time``, ``seconds``, ``change`` (k,); ``live`` is the typical difference outside the still
    stretches (of all where there are none outside).
    """

    time: F64
    seconds: F64
    change: F64
    view_time: F64
    light: F64
    live: float
    usual_light: float

    @classmethod
    def of(cls, views: Views, frames: Frames, still: NDArray[np.bool_]) -> KeyNoise:
        """From views and the rows (n,) of the frames that lie in still stretches."""
        use = views.key & (views.seconds > 0)
        time, seconds = views.time[use], views.seconds[use].astype(np.float64)
        change = middle(views.stir[use])
        outside = ~(_at(still, frames, time) & _at(still, frames, time - seconds))
        chosen = change[outside] if outside.any() else np.zeros(0)
        light = views.layout.reshape(len(views), -1).mean(axis=1)
        moving = ~_at(still, frames, views.time)
        usual = float(np.median(light[moving])) if moving.any() else float(np.median(light))
        live = float(np.median(chosen)) if len(chosen) else 0.0
        return cls(time, seconds, change, views.time, light.astype(np.float64), live, usual)

    def between(self, start: float, end: float) -> list[tuple[float, float]]:
        """Time and difference of the key frames in [start, end] that follow another one in it."""
        inside = (self.time - self.seconds > start - 0.05) & (self.time <= end)
        return [
            (float(t), float(c))
            for t, c in zip(self.time[inside], self.change[inside], strict=True)
        ]

    def unlike(self, start: float, end: float) -> bool:
        """Whether the stretch is so much darker or brighter that its noise must differ."""
        inside = (self.view_time > start) & (self.view_time <= end)
        if not inside.any():
            return False
        light = float(np.median(self.light[inside]))
        return light < 0.5 * self.usual_light or light > 235 or light < 24


def _at(still: NDArray[np.bool_], frames: Frames, time: F64) -> NDArray[np.bool_]:
    """Whether instants (k,) lie in a still stretch; not where no frames are near."""
    row = np.clip(np.searchsorted(frames.time, time), 0, len(frames) - 1)
    return np.asarray(still[row] & (np.abs(frames.time[row] - time) <= VIEW_S))
