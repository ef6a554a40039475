"""JPEG pictures: their size and time from the header, before anything is decoded."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from detector.edge.payloads import BadPayload, Limits, Shot
from detector.edge.payloads.times import seconds

_SIZED = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}  # SOF: what holds the size
_BARE = {0x01, *range(0xD0, 0xD8)}  # markers without a segment
_SCAN = 0xDA
#: EXIF: sub-directory; times of taking and of writing, their offsets and fractions.
_EXIF, _TIMES, _OFFSETS, _FRACTIONS = 0x8769, (0x9003, 0x0132), (0x9011, 0x9010), (0x9291, 0x9290)
_MOST_TAGS = 200
#: Scans of a picture at most: each costs a pass over all its pixels, however few bytes it has.
_MOST_SCANS = 64


def shot(
    parts: Mapping[str, str],
    payload: bytes,
    properties: Mapping[str, str],
    arrival_s: float,
    limits: Limits,
) -> Shot:
    """A camera's picture; its time is the topic's, else the property's ``t``, else EXIF's, else
    that of its arrival. BadPayload where it is no JPEG, or its size or time is beyond limits."""
    width, height, exif = header(payload, limits.zone_s)
    if not (0 < width <= limits.side and 0 < height <= limits.side):
        raise BadPayload("picture", f"{width} x {height}")
    if width * height > limits.pixels:
        raise BadPayload("picture", f"{width} x {height}")
    scans = payload.count(bytes((0xFF, _SCAN)))
    if scans > _MOST_SCANS:
        raise BadPayload("picture", f"{scans} scans")
    if "time" in parts:
        time = seconds(parts["time"])
    elif "t" in properties:
        time = seconds(properties["t"])
    else:
        time = arrival_s if exif is None else exif
    if not -limits.behind_s <= time - arrival_s <= limits.ahead_s:
        raise BadPayload("clock", f"off by {time - arrival_s:.0f} s")
    return Shot(parts["mine"], parts["camera"], time, payload, width, height)


def header(payload: bytes, zone_s: float = 0.0) -> tuple[int, int, float | None]:
    """Width, height, and the time that EXIF tells (Unix seconds), None where it does not."""
    size, time = None, None
    for marker, segment in _segments(payload):
        if marker == 0xE1 and segment[:6] == b"Exif\0\0" and time is None:
            time = _exif_time(segment[6:], zone_s)
        if marker in _SIZED:
            if len(segment) < 5:
                raise BadPayload("picture", "its header is cut off")
            size = struct.unpack(">HH", segment[1:5])
    if size is None:
        raise BadPayload("picture", "there is no size in it")
    return size[1], size[0], time


def _segments(payload: bytes) -> Iterator[tuple[int, bytes]]:
    """Markers and their segments up to the first scan."""
    if payload[:2] != b"\xff\xd8":
        raise BadPayload("picture", "it is no JPEG")
    at = 2
    while True:
        while payload[at : at + 2] == b"\xff\xff":
            at += 1
        if len(payload) < at + 4 or payload[at] != 0xFF:
            raise BadPayload("picture", "its header is cut off or damaged")
        marker = payload[at + 1]
        at += 2
        if marker in _BARE:
            continue
        length = int.from_bytes(payload[at : at + 2], "big")
        if marker == _SCAN:
            return
        if length < 2 or at + length > len(payload):
            raise BadPayload("picture", "its header is cut off or damaged")
        yield marker, payload[at + 2 : at + length]
        at += length


def _exif_time(tiff: bytes, zone_s: float) -> float | None:
    """The time of taking in s; None where it is not told or makes no sense."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return None
    try:
        (first,) = struct.unpack_from(order + "I", tiff, 4)
        tags = _tags(tiff, order, first)
        if isinstance(tags.get(_EXIF), int):
            tags |= _tags(tiff, order, int(tags[_EXIF]))
    except struct.error:
        return None
    for taken, offset, fraction in zip(_TIMES, _OFFSETS, _FRACTIONS, strict=True):
        time = _moment(tags.get(taken), tags.get(offset), tags.get(fraction), zone_s)
        if time is not None:
            return time
    return None


def _tags(tiff: bytes, order: str, at: int) -> dict[int, int | str]:
    """Texts and offsets of a directory."""
    (count,) = struct.unpack_from(order + "H", tiff, at)
    tags: dict[int, int | str] = {}
    for index in range(min(count, _MOST_TAGS)):
        start = at + 2 + 12 * index
        tag, kind, length, value = struct.unpack_from(order + "HHII", tiff, start)
        if kind == 4:
            tags[tag] = value
        elif kind == 2 and length <= 64:
            place = start + 8 if length <= 4 else value
            tags[tag] = tiff[place : place + length].split(b"\0")[0].decode("ascii", "replace")
    return tags


def _moment(told: object, offset: object, fraction: object, zone_s: float) -> float | None:
    """A time as EXIF writes it: ``2026:01:02 03:04:05``, ``+08:00``, ``600``."""
    if not isinstance(told, str):
        return None
    try:
        moment = datetime.strptime(told.strip(), "%Y:%m:%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None
    ahead = timedelta(seconds=zone_s)
    zone = re.fullmatch(r"([+-])(\d\d):(\d\d)", offset) if isinstance(offset, str) else None
    if zone is not None:
        ahead = timedelta(hours=int(zone[2]), minutes=int(zone[3])) * (-1 if zone[1] == "-" else 1)
    part = fraction.strip() if isinstance(fraction, str) else ""
    return (moment - ahead).timestamp() + (float(f"0.{part}") if part.isdecimal() else 0.0)


def stamped(picture: bytes, time_s: float) -> bytes:
    """A JPEG without EXIF as one that tells its time (Unix seconds), to the millisecond."""
    moment = datetime.fromtimestamp(round(time_s, 3), UTC)
    texts = {
        _TIMES[0]: moment.strftime("%Y:%m:%d %H:%M:%S"),
        _OFFSETS[0]: "+00:00",
        _FRACTIONS[0]: f"{moment.microsecond // 1000:03d}",
    }
    at, entries, data = 26 + 2 + 12 * len(texts) + 4, b"", b""
    for tag, text in sorted(texts.items()):
        told = text.encode() + b"\0"
        place = told if len(told) <= 4 else struct.pack("<I", at + len(data))
        data += told if len(told) > 4 else b""
        entries += struct.pack("<HHI", tag, 2, len(told)) + place
    tiff = b"II*\0" + struct.pack("<IHHHIII", 8, 1, _EXIF, 4, 1, 26, 0)
    segment = b"Exif\0\0" + tiff + struct.pack("<H", len(texts)) + entries + bytes(4) + data
    return picture[:2] + b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment + picture[2:]
