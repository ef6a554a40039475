"""InfluxDB's line protocol: ``measurement,tag=x field=1.5,other=2i 1767323045600000000``.

https://docs.influxdata.com/influxdb/v2/reference/syntax/line-protocol/
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from detector.edge.payloads import BadPayload
from detector.edge.payloads.metrics import Metric

_PLAIN = r"(?:[^,=\s\\]|\\.)+"
_MEASUREMENT = re.compile(r"(?:[^,\s\\]|\\.)+")
_TAG = re.compile(rf",({_PLAIN})=({_PLAIN})")
_FIELD = re.compile(rf'({_PLAIN})=("(?:[^"\\]|\\.)*"|[^,\s"]+)', re.DOTALL)
_TIME = re.compile(r"[ \t]+(-?\d{1,20})[ \t]*$")
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_SWITCH = {"t": True, "T": True, "true": True, "True": True, "TRUE": True}
_SWITCH |= {"f": False, "F": False, "false": False, "False": False, "FALSE": False}
_ESCAPED = re.compile(r"\\([,= \\])")


def of_lines(payload: bytes) -> Iterator[Metric]:
    """Metrics of lines; BadPayload at the first that is none. Blank lines and comments pass."""
    try:
        text = payload.decode()
    except UnicodeDecodeError as error:
        raise BadPayload("text", str(error)) from error
    for line in _lines(text):
        bare = line.strip(" \t\r")
        if bare and not bare.startswith("#"):
            yield _metric(bare)


def _lines(text: str) -> Iterator[str]:
    """Lines; a line break inside a quoted field is part of it."""
    start, quoted, at = 0, False, 0
    if '"' not in text:
        yield from text.split("\n")
        return
    while at < len(text):
        sign = text[at]
        if sign == "\\":
            at += 1
        elif sign == '"':
            quoted = not quoted
        elif sign == "\n" and not quoted:
            yield text[start:at]
            start = at + 1
        at += 1
    yield text[start:]


def _metric(line: str) -> Metric:
    if "\\" not in line and '"' not in line:
        parts = line.split(" ")
        if len(parts) in (2, 3) and "=" in parts[1]:
            return _simple(*parts)
    found = _MEASUREMENT.match(line)
    if found is None:
        raise BadPayload("line", repr(line[:80]))
    name, at = _plain(found.group()), found.end()
    tags: dict[str, str] = {}
    while tag := _TAG.match(line, at):
        tags[_plain(tag[1])], at = _plain(tag[2]), tag.end()
    if line[at : at + 1] not in (" ", "\t"):
        raise BadPayload("line", repr(line[:80]))
    at += 1
    fields: dict[str, float | bool | str] = {}
    while field := _FIELD.match(line, at):
        fields[_plain(field[1])], at = _value(field[2]), field.end()
        if line[at : at + 1] != ",":
            break
        at += 1
    rest = _TIME.match(line, at)
    if not fields or line[at - 1] == "," or (rest is None and line[at:].strip()):
        raise BadPayload("line", repr(line[:80]))
    return Metric(name, tags, fields, int(rest[1]) if rest else None)


def _simple(head: str, told: str, stamp: str = "") -> Metric:
    """A metric without escapes, quotes and more spaces than it needs: nearly all are."""
    fields: dict[str, float | bool | str] = {}
    for field in told.split(","):
        key, sign, value = field.partition("=")
        if not key or not sign or "=" in value:
            raise BadPayload("line", repr(field[:80]))
        fields[key] = _value(value)
    if stamp and not (len(stamp) <= 20 and stamp.removeprefix("-").isdecimal()):
        raise BadPayload("line", repr(stamp[:80]))
    name, tags = _head(head)
    return Metric(name, tags, fields, int(stamp) if stamp else None)


@lru_cache(maxsize=20_000)
def _head(head: str) -> tuple[str, dict[str, str]]:
    """Measurement and tags, without escapes."""
    name, *told = head.split(",")
    tags = dict(tag.split("=", 1) for tag in told if "=" in tag)
    if not name or len(tags) < len(told) or not all(k and v for k, v in tags.items()):
        raise BadPayload("line", repr(head[:80]))
    return name, tags


def _value(told: str) -> float | bool | str:
    if told.startswith('"'):
        return told[1:-1]
    if told in _SWITCH:
        return _SWITCH[told]
    bare = told[:-1] if told.endswith(("i", "u")) else told
    if not _NUMBER.fullmatch(bare):
        raise BadPayload("value", repr(told[:80]))
    return float(bare)


def _plain(text: str) -> str:
    return _ESCAPED.sub(r"\1", text) if "\\" in text else text
