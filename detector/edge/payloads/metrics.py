"""Metrics of Telegraf and InfluxDB: a measurement with tags, fields and a time.

The streams of a metric are its fields. A tag ``stream`` names the stream where there is one: its
field ``value`` is the stream itself, others are ``stream.field``. Without it a field ``value`` is
the stream of the measurement's name, and others are of their own name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from detector.edge.payloads import BadPayload, Decoded, Fault, Limits, named
from detector.edge.payloads.numbers import number, within
from detector.edge.payloads.times import seconds

#: Tag that names the stream, and field that holds its value.
STREAM, VALUE = "stream", "value"


class Metric(NamedTuple):
    """A metric; ``time`` as told, None where it is not; a field that is a text is no reading."""

    name: str
    tags: Mapping[str, str]
    fields: Mapping[str, Any]
    time: object


def readings(
    mine: str, metrics: Iterable[Metric], arrival_s: float, limits: Limits
) -> list[Decoded]:
    """What metrics report, in their order, each stream's readings together."""
    columns: dict[str, tuple[list[float], list[float]]] = {}
    found: list[Decoded] = []
    count = 0
    for metric in metrics:
        try:
            time = arrival_s if metric.time is None else seconds(metric.time)
            for field, told in metric.fields.items():
                if told is None or isinstance(told, str):
                    continue
                stream = _stream(metric.name, metric.tags.get(STREAM), field)
                value = number(told)
                known = columns.get(stream)
                if known is None:
                    columns[stream] = [time], [value]
                else:
                    known[0].append(time)
                    known[1].append(value)
                count += 1
        except BadPayload as bad:
            found.append(Fault(mine, metric.name[:80], bad.reason, bad.detail))
        if count > limits.readings:
            raise BadPayload("size", f"more than {limits.readings} readings")
    for stream, (times, values) in columns.items():
        found += within(mine, stream, times, values, arrival_s, limits)
    return found


@lru_cache(maxsize=100_000)
def _stream(measurement: str, tag: str | None, field: str) -> str:
    if tag is None:
        return named(measurement if field == VALUE else field)
    return named(tag if field == VALUE else f"{tag}.{field}")


def of_telegraf(told: object) -> list[Metric]:
    """Metrics of Telegraf's JSON: ``{"metrics": [...]}``, one metric, or a list of such."""
    if isinstance(told, dict) and isinstance(told.get("metrics"), list):
        told = told["metrics"]
    metrics = []
    for one in told if isinstance(told, list) else [told]:
        if not isinstance(one, dict) or not isinstance(one.get("fields"), dict):
            raise BadPayload("shape", "a metric without fields")
        tags, name = one.get("tags") or {}, one.get("name", "")
        if not isinstance(tags, dict) or not isinstance(name, str):
            raise BadPayload("shape", "a metric's name or tags")
        if not isinstance(tags.get(STREAM, ""), str):
            raise BadPayload("shape", f"a tag {STREAM} that is no text")
        metrics.append(Metric(name, tags, one["fields"], one.get("timestamp")))
    return metrics
