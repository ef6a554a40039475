"""Protocol Buffers' wire format: fields of a message, read within its bounds.

https://protobuf.dev/programming-guides/encoding/
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from detector.edge.payloads import BadPayload

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


def fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Number and value of each field: an unsigned integer (also of fixed width), or bytes."""
    at, end = 0, len(message)
    while at < end:
        key, at = _varint(message, at)
        field, kind = key >> 3, key & 7
        if not field:
            raise BadPayload("protobuf", "a field without number")
        value: int | bytes
        if kind == _VARINT:
            value, at = _varint(message, at)
        else:
            if kind == _BYTES:
                size, at = _varint(message, at)
            elif kind in (_FIXED32, _FIXED64):
                size = 4 if kind == _FIXED32 else 8
            else:
                raise BadPayload("protobuf", f"wire type {kind}")
            if size > end - at:
                raise BadPayload("protobuf", "it is cut off")
            value = message[at : at + size]
            at += size
            if kind != _BYTES:
                value = int.from_bytes(value, "little")
        yield field, value


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = 0
    for place in range(10):
        if at >= len(message):
            raise BadPayload("protobuf", "it is cut off")
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return value & 0xFFFF_FFFF_FFFF_FFFF, at
    raise BadPayload("protobuf", "a number without end")


def whole(value: int | bytes) -> int:
    """An integer field."""
    if not isinstance(value, int):
        raise BadPayload("protobuf", "no integer")
    return value


def raw(value: int | bytes) -> bytes:
    """A bytes field."""
    if not isinstance(value, bytes):
        raise BadPayload("protobuf", "no bytes")
    return value


def text(value: int | bytes) -> str:
    """A text field."""
    try:
        return raw(value).decode()
    except UnicodeDecodeError as error:
        raise BadPayload("protobuf", "no UTF-8") from error


def real(value: int | bytes, width: int) -> float:
    """A float (``width`` 4) or double (8) field."""
    number = whole(value)
    if number >> (8 * width):
        raise BadPayload("protobuf", "no floating-point number")
    (made,) = struct.unpack("<f" if width == 4 else "<d", number.to_bytes(width, "little"))
    return float(made)


def varint(number: int) -> bytes:
    """An unsigned integer as it is written."""
    made = bytearray()
    while number > 0x7F:
        made.append(number & 0x7F | 0x80)
        number >>= 7
    made.append(number)
    return bytes(made)
