"""Payloads of messages to what they report: pure functions, bounded by limits.

Each gives a list of :data:`Decoded`, or raises :class:`BadPayload` where nothing can be made of the
message. What cannot be read of a message that is otherwise good is in the list as a
:class:`Fault`: the message then belongs to the quarantine, and the rest of it into the store.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from detector.core.observation import Frames, Readings, Views

#: A stream name is not longer than this.
MAX_NAME = 128


class BadPayload(Exception):
    """Nothing can be made of a message. ``reason`` is one word of few, ``detail`` says more."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason, self.detail = reason, detail


@dataclass(frozen=True)
class Limits:
    """What is accepted of a message.

    * ``message_bytes``; ``readings`` in one message; ``rows`` of features in one message;
    * ``side``, ``pixels`` of a picture as its header claims;
    * ``ahead_s``, ``behind_s``: s that a time may lie after and before the arrival;
    * ``zone_s``: s by which local time, as cameras write it into EXIF, is ahead of UTC.
    """

    message_bytes: int = 8_000_000
    readings: int = 200_000
    rows: int = 4096
    side: int = 16_384
    pixels: int = 40_000_000
    ahead_s: float = 300.0
    behind_s: float = 366 * 86400.0
    zone_s: float = 0.0


class Reported(NamedTuple):
    """What a sensor reported: times in s (Unix), and values, NaN where there is no number. The
    lists may be shared."""

    mine: str
    stream: str
    times: list[float]
    values: list[float]


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture of a camera, still coded, of the size that its header tells."""

    mine: str
    stream: str
    time: float
    jpeg: bytes
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Features:
    """Features of a camera's pictures, made at the gateway."""

    mine: str
    block: Frames | Views


@dataclass(frozen=True, slots=True)
class Fault:
    """What cannot be read of a message, ``reason`` as in :class:`BadPayload`."""

    mine: str
    stream: str
    reason: str
    detail: str = ""


Decoded = Reported | Shot | Features | Fault


@lru_cache(maxsize=100_000)
def is_name(text: str) -> bool:
    """Whether a text can be a stream's name."""
    return 0 < len(text) <= MAX_NAME and text.isprintable()


def named(name: object) -> str:
    """A stream's name as it came; BadPayload where it is none."""
    if not isinstance(name, str) or not is_name(name):
        raise BadPayload("name", repr(name)[:80])
    return name


def gathered(decoded: Iterable[Decoded]) -> list[tuple[str, Readings]]:
    """All readings as one block for each stream, in order of arrival."""
    columns: dict[tuple[str, str], tuple[list[float], list[float]]] = {}
    for item in decoded:
        if isinstance(item, Reported):
            known = columns.get((item.mine, item.stream))
            if known is None:
                columns[item.mine, item.stream] = list(item.times), list(item.values)
            else:
                known[0].extend(item.times)
                known[1].extend(item.values)
    return [
        (mine, Readings(stream=stream, time=np.array(times), value=np.array(values)))
        for (mine, stream), (times, values) in columns.items()
        if times
    ]
