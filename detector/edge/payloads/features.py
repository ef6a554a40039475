"""Features of a camera's pictures as a gateway sends them: a line of JSON, then the columns."""

from __future__ import annotations

import json

import numpy as np

from detector.core.observation import Frames, Views
from detector.edge.payloads import BadPayload, Features, Limits
from detector.edge.series.columns import kind_of, made, pack, unpack

#: How a message begins; the number is that of the format.
MAGIC = b"trueshaft.features/1 "


def encoded(block: Frames | Views) -> bytes:
    """A block as the payload of a message."""
    head = json.dumps({"kind": kind_of(block), "rows": len(block)}, sort_keys=True)
    return MAGIC + head.encode() + b"\n" + pack(block)


def decoded(mine: str, camera: str, payload: bytes, arrival_s: float, limits: Limits) -> Features:
    """A block of a camera; BadPayload where the message is none, or its times are off."""
    head, line, data = payload[:200].partition(b"\n")
    if not head.startswith(MAGIC) or not line:
        raise BadPayload("features", "it begins otherwise")
    try:
        told = json.loads(head[len(MAGIC) :])
        kind, rows = told["kind"], told["rows"]
    except (ValueError, KeyError, TypeError) as error:
        raise BadPayload("features", "its first line") from error
    if kind not in ("frames", "views") or type(rows) is not int or rows < 1:
        raise BadPayload("features", "its first line")
    if rows > limits.rows:
        raise BadPayload("size", f"{rows} rows")
    try:
        data = payload[len(head) + 1 :]
        block = made(kind, camera, unpack(kind, rows, data), "")
    except ValueError as error:
        raise BadPayload("features", str(error)) from error
    assert isinstance(block, Frames | Views)
    off = block.time - arrival_s
    if not np.all((off >= -limits.behind_s) & (off <= limits.ahead_s)):
        raise BadPayload("clock", "the times of features are off")
    return Features(mine, block)
