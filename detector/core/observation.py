"""Observations: blocks of columns that detectors read.

Times are seconds on the stream's own timeline: from the first picture of the camera's first
recording, or Unix seconds where the wall clock is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I8 = NDArray[np.int8]
I32 = NDArray[np.int32]
U8 = NDArray[np.uint8]
Bool = NDArray[np.bool_]

#: Rows x columns of the tile grid on which change is measured.
TILES = (9, 16)
#: Rows x columns of the small luma picture that stands for the view.
LAYOUT = (72, 128)
#: Seconds of one step of :class:`Frames` (at most one row per step).
STEP_S = 0.2
#: Seconds of one step of :class:`Views` (at most one row per step).
VIEW_S = 1.0


@dataclass(frozen=True)
class _Columns:
    """Columns of one stream that share the first axis n, in order of time."""

    stream: str
    time: F64

    def __len__(self) -> int:
        return len(self.time)

    def rows(self, which: slice | NDArray[Any]) -> Any:
        """The same stream with only these rows."""
        columns = {f.name: getattr(self, f.name)[which] for f in fields(self) if f.name != "stream"}
        return type(self)(stream=self.stream, **columns)


Block = TypeVar("Block", bound=_Columns)


def join(blocks: Sequence[Block]) -> Block:
    """One block of blocks of one stream (at least one), its rows in order of time.

    A single block in order is given back as it is: columns mapped from disk stay there.
    """
    if len(blocks) == 1 and not np.any(np.diff(blocks[0].time) < 0):
        return blocks[0]
    names = [f.name for f in fields(blocks[0]) if f.name != "stream"]
    columns = {n: np.concatenate([getattr(b, n) for b in blocks]) for n in names}
    if np.any(np.diff(columns["time"]) < 0):
        order = np.argsort(columns["time"], kind="stable")
        columns = {name: column[order] for name, column in columns.items()}
    return type(blocks[0])(stream=blocks[0].stream, **columns)


@dataclass(frozen=True)
class Frames(_Columns):
    """What changed in one camera's pictures: a row per step in which every picture was decoded.

    * ``time`` float64 (n,) s: presentation time of the step's last picture.
    * ``seconds`` float32 (n,) s since the row before; 0 where none precedes directly (start, cut).
    * ``pictures`` int32 (n,): pictures decoded in the step.
    * ``motion`` int8 (n, 9, 16): signed change of each tile's mean luma, averaged over the step,
      since the step before, less the picture's median change, companded
      (:func:`detector.signals.change.compand`).
    * ``stir`` uint8 (n, 9, 16): mean absolute change of the high-passed luma per tile from the last
      picture of the step before, companded.
    * ``coded`` int32 (n,) bytes of the step's smallest packet, 0 where it has none of its own.
    """

    seconds: F32
    pictures: I32
    motion: I8
    stir: U8
    coded: I32


@dataclass(frozen=True)
class Views(_Columns):
    """What one camera sees: about a row a second, the key frame of that second where there is one.

    * ``key`` bool (n,): the picture is a key frame (coded by itself).
    * ``seconds`` float32 (n,) s since the picture it is compared with: the previous key frame for a
      key frame, the previous row otherwise; 0 where there is none.
    * ``stir`` uint8 (n, 9, 16): mean absolute change of the high-passed luma per tile since then,
      companded.
    * ``detail`` uint8 (n, 9, 16): mean absolute high-passed luma per tile, companded.
    * ``crisp`` uint8 (n, 9, 16) grey: how high the high-passed luma rises at a tile's strong edges
      (:func:`detector.signals.change.crispness`): kept by compression, lost by defocus.
    * ``layout`` uint8 (n, 72, 128): the small luma picture.
    * ``size`` int32 (n, 2): width and height of the picture.
    """

    key: Bool
    seconds: F32
    stir: U8
    detail: U8
    crisp: U8
    layout: U8
    size: I32


@dataclass(frozen=True)
class Readings(_Columns):
    """What one sensor reported, in the order in which it arrived.

    * ``time`` float64 (n,) s (Unix) as stamped, which may repeat or run back; NaN where it cannot
      be read. Detectors but clock_fault take them through :func:`detector.signals.series.ordered`.
    * ``value`` float64 (n,) in the stream's unit; NaN where it cannot be read.
    """

    value: F64


def join_arrived(blocks: Sequence[Readings]) -> Readings:
    """One block of blocks of one sensor (at least one), in order of arrival."""
    return Readings(
        stream=blocks[0].stream,
        time=np.concatenate([b.time for b in blocks]),
        value=np.concatenate([b.value for b in blocks]),
    )


@dataclass(frozen=True)
class Device:
    """What is known beforehand of the sensor behind a stream; NaN and "" where nothing is.

    * ``kind``: what it measures (methane, hoist, ..., other); ``role``: evidence or declaration;
    * ``resolution``: its smallest step; ``low``, ``high``: what it can report; ``alarm_at``: its
      alarm limit; all in its unit; ``period_s``: s between its reports.
    * ``mine_status``: what its mine is declared to do (producing, stopped, ...).
    * ``calibrating``: of a status, the value that says that a sensor is being calibrated.
    * ``shaft``: the shaft that it watches or belongs to; of a camera, ``kind`` is ``camera``.
    * ``zone_s``: s by which local time is ahead of UTC.
    """

    stream: str
    kind: str = "other"
    role: str = ""
    resolution: float = float("nan")
    low: float = float("nan")
    high: float = float("nan")
    alarm_at: float = float("nan")
    period_s: float = float("nan")
    calibrating: float = float("nan")
    location: str = ""
    mine_status: str = ""
    shaft: str = ""
    zone_s: float = 0.0


@dataclass(frozen=True)
class Segment:
    """One recording of a camera: what its name and metadata say, and what it holds.

    * ``start``, ``end`` s: the wall-clock interval it declares (Unix), NaN where not known.
    * ``duration`` s: the length of its content.
    * ``holes``: stretches (start, end) s from its first picture in which its time stamps lack
      pictures (:func:`detector.signals.time_stamps.holes`).
    """

    stream: str
    path: str
    start: float
    end: float
    duration: float
    holes: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class Tick:
    """Time passed on a stream without anything having been observed."""

    stream: str
    time: float
