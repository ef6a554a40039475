"""Payloads as others would send them."""

from __future__ import annotations

import struct
from collections.abc import Mapping

import cv2
import numpy as np

from detector.edge.payloads import Decoded, Limits, Reported
from detector.edge.payloads.decoding import decode
from detector.edge.payloads.sparkplug import Nodes
from detector.edge.payloads.wire import varint
from detector.edge.topics import Topics

#: Unix time of arrival, 2026-01-02T03:04:05Z.
NOW = 1_767_323_045.0
TOPICS = Topics()


def told(
    topic: str,
    payload: bytes | str,
    properties: Mapping[str, str] | None = None,
    limits: Limits | None = None,
    nodes: Nodes | None = None,
) -> list[Decoded]:
    """What a message reports when it arrives."""
    found = TOPICS.route(topic)
    assert found is not None
    data = payload.encode() if isinstance(payload, str) else payload
    return decode(*found, data, properties or {}, NOW, limits or Limits(), nodes or Nodes())


def reported(found: list[Decoded]) -> dict[str, list[tuple[float, float]]]:
    """Readings by stream: s after ``NOW``, and value."""
    return {
        item.stream: [(round(t - NOW, 6), v) for t, v in zip(item.times, item.values, strict=True)]
        for item in found
        if isinstance(item, Reported)
    }


def field(number: int, value: int | float | bytes | str, width: int = 0) -> bytes:
    """A field of a protobuf message."""
    if isinstance(value, float):
        made = struct.pack("<f" if width == 4 else "<d", value)
        return varint(number << 3 | (5 if width == 4 else 1)) + made
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def metric(name: str, *rest: bytes, alias: int | None = None, at: float | None = None) -> bytes:
    """A metric of a Sparkplug payload, ``at`` s after ``NOW``."""
    made = field(1, name) if name else b""
    made += field(2, alias) if alias is not None else b""
    made += field(3, round((NOW + at) * 1000)) if at is not None else b""
    return field(2, made + b"".join(rest))


def sparkplug(*metrics: bytes, seq: int | None = None) -> bytes:
    """A Sparkplug payload of ``NOW``."""
    made = field(1, round(NOW * 1000)) + b"".join(metrics)
    return made if seq is None else made + field(3, seq)


def jpeg(width: int = 96, height: int = 72, seed: int = 0) -> bytes:
    """A picture of noise."""
    luma = np.random.default_rng(seed).integers(0, 256, (height, width), dtype=np.uint8)
    done, coded = cv2.imencode(".jpg", luma)
    assert done
    return coded.tobytes()


def with_exif(picture: bytes, tags: Mapping[int, str], order: str = "<") -> bytes:
    """A picture with EXIF's texts, in the sub-directory."""
    texts = b"".join(text.encode() + b"\0" for text in tags.values())
    start, entries = 26 + 2 + 12 * len(tags) + 4, b""
    for tag, text in tags.items():
        size = len(text) + 1
        at = text.encode().ljust(4, b"\0") if size <= 4 else struct.pack(order + "I", start)
        entries += struct.pack(order + "HHI", tag, 2, size) + at
        start += size
    tiff = b"II*\0" if order == "<" else b"MM\0*"
    tiff += struct.pack(order + "IH", 8, 1) + struct.pack(order + "HHII", 0x8769, 4, 1, 26)
    tiff += bytes(4) + struct.pack(order + "H", len(tags)) + entries + bytes(4) + texts
    data = b"Exif\0\0" + tiff
    return picture[:2] + b"\xff\xe1" + struct.pack(">H", len(data) + 2) + data + picture[2:]


def claiming(picture: bytes, width: int, height: int) -> bytes:
    """A picture whose header claims another size."""
    at = picture.index(b"\xff\xc0")
    return picture[: at + 5] + struct.pack(">HH", height, width) + picture[at + 9 :]
