"""Readings in JSON: one sensor's, or columns of many."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard

from detector.edge.payloads import BadPayload, Decoded, Fault, Limits, Reported, is_name, named
from detector.edge.payloads.numbers import MOST, number, within
from detector.edge.payloads.times import seconds

_READER = json.JSONDecoder()


def parsed(payload: bytes) -> Any:
    """JSON as Python values; BadPayload where it is none."""
    try:
        text = payload.decode()
        told, end = _READER.raw_decode(text)
        if end == len(text):
            return told  # by far the most frequent: UTF-8, and nothing around it
    except (ValueError, RecursionError):
        pass
    try:
        return json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise BadPayload("json", str(error)[:120]) from error


def sensor(
    mine: str, stream: str, payload: bytes, arrival_s: float, limits: Limits
) -> list[Decoded]:
    """One sensor's: a number (at the time of arrival), ``{"t", "value"}``, or a list of such.

    Without ``t`` the time is that of arrival; a value of null is no reading.
    """
    told = parsed(payload)
    if type(told) is dict and _plain(value := told.get("value")) and told.get("t") is not None:
        time = seconds(told["t"])  # most frequent by far
        if arrival_s - limits.behind_s <= time <= arrival_s + limits.ahead_s:
            return [Reported(mine, stream, [time], [value])]
    listed = told if isinstance(told, list) else [told]
    if len(listed) > limits.readings:
        raise BadPayload("size", f"{len(listed)} readings")
    times, values, found = [], [], list[Decoded]()
    for one in listed:
        try:
            if isinstance(one, dict):
                if one["value"] is None:
                    continue
                time = seconds(one["t"]) if one.get("t") is not None else arrival_s
                values.append(number(one["value"]))
            else:
                time = arrival_s
                values.append(number(one))
            times.append(time)
        except KeyError as error:
            found.append(Fault(mine, stream, "shape", f"there is no {error}"))
        except BadPayload as bad:
            found.append(Fault(mine, stream, bad.reason, bad.detail))
    found = within(mine, stream, times, values, arrival_s, limits) + found[:1]
    if len(listed) == len(found) == 1 and isinstance(found[0], Fault):
        raise BadPayload(found[0].reason, found[0].detail)
    return found


def columns(mine: str, told: Mapping[str, Any], arrival_s: float, limits: Limits) -> list[Decoded]:
    """Many sensors': ``{"t": [...], "values": {stream: [...]}}``, or one value each and one t.

    A value of null is no reading. Times that cannot be read make faults of their rows.
    """
    given, streams = told.get("t", arrival_s), told["values"]
    if not isinstance(streams, dict):
        raise BadPayload("shape", "values are not by stream")
    stamps = given if isinstance(given, list) else [given]
    if len(stamps) * len(streams) > limits.readings:
        raise BadPayload("size", f"{len(stamps)} x {len(streams)} readings")
    found: list[Decoded] = []
    times, fault = _times(stamps)
    if fault is not None:
        found.append(Fault(mine, "", fault.reason, fault.detail))
    low, high = arrival_s - limits.behind_s, arrival_s + limits.ahead_s
    one = [time for time in times if time is not None and low <= time <= high]
    single = len(times) == len(one) == 1
    for name, cells in streams.items():
        if single and _lone(cells) and is_name(name):  # most frequent by far
            found.append(Reported(mine, name, one, cells))
            continue
        column = cells if isinstance(cells, list) else [cells]
        try:
            stream = named(name)
            if len(column) != len(times):
                raise BadPayload("shape", f"{len(column)} values at {len(times)} times")
            found += _column(mine, stream, times, column, arrival_s, limits)
        except BadPayload as bad:
            found.append(Fault(mine, str(name)[:80], bad.reason, bad.detail))
    return found


def _lone(cells: object) -> bool:
    """Whether it is a column of one plain number."""
    plain = type(cells) is list and len(cells) == 1 and type(cells[0]) is float
    return plain and -MOST < cells[0] < MOST  # type: ignore[index]


def _plain(value: object) -> TypeGuard[float]:
    """Whether it is a plain number with a point."""
    return type(value) is float and -MOST < value < MOST


def _times(stamps: Sequence[Any]) -> tuple[list[float | None], BadPayload | None]:
    times: list[float | None] = []
    fault = None
    for stamp in stamps:
        try:
            times.append(seconds(stamp))
        except BadPayload as bad:
            times.append(None)
            fault = bad
    return times, fault


def _column(
    mine: str,
    stream: str,
    times: Sequence[float | None],
    cells: Sequence[Any],
    arrival_s: float,
    limits: Limits,
) -> list[Decoded]:
    kept_times, values = [], []
    fault: BadPayload | None = None
    for time, cell in zip(times, cells, strict=True):
        if cell is None or time is None:
            continue
        try:
            values.append(number(cell))
            kept_times.append(time)
        except BadPayload as bad:
            fault = bad
    found = within(mine, stream, kept_times, values, arrival_s, limits)
    if fault is not None:
        found.append(Fault(mine, stream, fault.reason, fault.detail))
    return found
