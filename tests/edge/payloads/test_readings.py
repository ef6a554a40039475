"""Readings in JSON, Telegraf's JSON and line protocol."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from detector.edge.payloads import BadPayload, Fault, Limits, gathered
from detector.edge.payloads.line_protocol import of_lines
from tests.edge.payloads.making import NOW, reported, told

SENSOR, READINGS = "mines/7/sensors/MM116", "mines/7/readings"


def faults(topic: str, payload: str, limits: Limits | None = None) -> list[str]:
    try:
        return [f.reason for f in told(topic, payload, limits=limits) if isinstance(f, Fault)]
    except BadPayload as bad:
        return [f"!{bad.reason}"]


@pytest.mark.parametrize(
    ("payload", "readings"),
    [
        ("0.42", [(0, 0.42)]),
        (" -3e2\n", [(0, -300)]),
        ("true", [(0, 1)]),
        ('{"t": "2026-01-02T03:04:05.6Z", "value": 0.42}', [(0.6, 0.42)]),
        ('{"t": "2026-01-02T11:04:04+08:00", "value": 1}', [(-1, 1)]),
        ('{"t": 1767323044, "value": "1.5"}', [(-1, 1.5)]),
        ('{"t": 1767323044500, "value": 2}', [(-0.5, 2)]),
        ('{"t": 1767323044500250, "value": 2}', [(-0.49975, 2)]),
        ('{"t": 1767323044500250000, "value": 2}', [(-0.49975, 2)]),
        ('{"value": 7}', [(0, 7)]),
        ('{"t": null, "value": 7}', [(0, 7)]),
        ('[{"t": 1767323043, "value": 1}, {"t": 1767323044, "value": null}, 3]', [(-2, 1), (0, 3)]),
    ],
)
def test_a_sensor(payload: str, readings: list[tuple[float, float]]) -> None:
    assert reported(told(SENSOR, payload)) == {"MM116": readings}


@pytest.mark.parametrize(
    ("payload", "reasons"),
    [
        ("", ["!json"]),
        ("0.4.2", ["!json"]),
        ("\ud800".encode("utf-8", "surrogatepass").decode("latin-1"), ["!json"]),
        ("[" * 100_000, ["!json"]),
        ("9" * 5000, ["!json"]),
        ('"on"', ["!value"]),
        ("{}", ["!shape"]),
        ('{"value": [1]}', ["!value"]),
        ('{"t": "yesterday", "value": 1}', ["!time"]),
        ('{"t": 1e30, "value": 1}', ["!time"]),
        ('{"t": NaN, "value": 1}', ["!time"]),
        ('{"t": true, "value": 1}', ["!time"]),
        ('{"t": "2096-01-01", "value": 1}', ["!clock"]),
        ('{"t": 3, "value": 1}', ["!clock"]),
        ('[{"t": 3, "value": 1}, {"t": "x", "value": 1}, 3]', ["clock", "time"]),
        ("[1, 2, 3, 4]", ["!size"]),
        ('{"value": null}', []),
        ("[]", []),
    ],
)
def test_what_is_wrong_with_a_sensor(payload: str, reasons: list[str]) -> None:
    assert faults(SENSOR, payload, Limits(readings=3)) == reasons


def test_what_is_no_number_is_nan() -> None:
    (readings,) = reported(told(SENSOR, "[NaN, Infinity, 1e999]")).values()
    assert all(math.isnan(value) for _, value in readings)
    assert math.isnan(reported(told(READINGS, '{"values": {"A": -Infinity}}'))["A"][0][1])


def test_columns() -> None:
    payload = {
        "t": ["2026-01-02T03:04:04Z", 1767323045000],
        "values": {"MM116": [0.1, 0.2], "BA13": [None, 981]},
    }
    found = reported(told(READINGS, json.dumps(payload)))
    assert found == {"MM116": [(-1, 0.1), (0, 0.2)], "BA13": [(0, 981)]}
    one = told(READINGS, '{"t": 1767323044, "values": {"MM116": 0.5, "BA13": null, "V": 2}}')
    assert reported(one) == {"MM116": [(-1, 0.5)], "V": [(-1, 2)]}
    assert reported(told(READINGS, '{"values": {"V": 2.5}}')) == {"V": [(0, 2.5)]}


@pytest.mark.parametrize(
    ("payload", "reasons", "streams"),
    [
        ('{"t": ["x", 1767323044], "values": {"A": [1, 2]}}', ["time"], ["A"]),
        ('{"t": [1767323044], "values": {"A": [1, 2], "B": [1]}}', ["shape"], ["B"]),
        ('{"t": [1767323044, 3], "values": {"A": [1, 2], "B": ["x", "y"]}}', ["clock"], ["A"]),
        ('{"values": {"": 1, "B": 1, "C\\n": 2}}', ["name", "name"], ["B"]),
        ('{"values": {"B": "on"}}', ["value"], []),
        ('{"values": [1]}', ["!shape"], []),
        ('{"t": [1,2], "values": {"A": [1,2], "B": [1,2]}}', ["!size"], []),
        ('{"t": 1}', ["!shape"], []),
        ("3", ["!line"], []),
        ("", [], []),
    ],
)
def test_what_is_wrong_with_columns(payload: str, reasons: list[str], streams: list[str]) -> None:
    limits = Limits(readings=3 if "!size" in reasons else 100)
    found = faults(READINGS, payload, limits)
    assert [r for r in found if r != "value" or r in reasons] == reasons
    if not any(reason.startswith("!") for reason in found):
        assert list(reported(told(READINGS, payload))) == streams


def test_telegraf() -> None:
    one: dict[str, Any] = {
        "name": "modbus",
        "tags": {"host": "a"},
        "fields": {"MM116": 0.4, "BA13": 981, "state": "ok", "running": True},
        "timestamp": 1767323044,
    }
    expected = {"MM116": [(-1, 0.4)], "BA13": [(-1, 981)], "running": [(-1, 1)]}
    assert reported(told(READINGS, json.dumps(one))) == expected
    assert reported(told(READINGS, json.dumps({"metrics": [one]}))) == expected
    tagged = {**one, "tags": {"stream": "fan"}, "fields": {"value": 1, "rpm": 2}}
    plain = {"name": "BA13", "fields": {"value": 5.5}, "timestamp": 1767323044500}
    assert reported(told(READINGS, json.dumps([tagged, plain]))) == {
        "fan": [(-1, 1)],
        "fan.rpm": [(-1, 2)],
        "BA13": [(-0.5, 5.5)],
    }


@pytest.mark.parametrize(
    ("payload", "reasons"),
    [
        ('{"metrics": [{"name": "a"}]}', ["!shape"]),
        ('{"metrics": 3}', ["!shape"]),
        ('{"name": 3, "fields": {"a": 1}}', ["!shape"]),
        ('{"name": "a", "fields": {"a": []}}', ["value"]),
        ('{"name": "a", "fields": {"b": 1}, "timestamp": "x"}', ["time"]),
        ('{"name": "a", "fields": {"b": 1, "c": 1, "d": 1, "e": 1}}', ["!size"]),
    ],
)
def test_what_is_wrong_with_telegraf(payload: str, reasons: list[str]) -> None:
    assert faults(READINGS, payload, Limits(readings=3)) == reasons


def test_line_protocol() -> None:
    lines = """
# a comment
MM116,mine=7 value=0.42 1767323044000000000
modbus,host=a\\ b BA13=981i,on=t,name="a, \\"b\\" = c",flow=-1.5e1 1767323044500
modbus,stream=fan value=7u
"""
    assert reported(told(READINGS, lines)) == {
        "MM116": [(-1, 0.42)],
        "BA13": [(-0.5, 981)],
        "on": [(-0.5, 1)],
        "flow": [(-0.5, -15)],
        "fan": [(0, 7)],
    }


def test_a_line_break_in_a_quoted_field_is_part_of_it() -> None:
    assert reported(told(READINGS, 'm t="a\nb c=1",a=1\nm b=2')) == {"a": [(0, 1)], "b": [(0, 2)]}


@pytest.mark.parametrize(
    "line",
    [
        "m",
        "m ",
        "m a",
        "m a=",
        "m a=x",
        "m a=1 x",
        "m,a a=1",
        ",a=1 b=2",
        "m a=1, 3",
        "m a=1e",
        "=",
    ],
)
def test_lines_that_are_none(line: str) -> None:
    with pytest.raises(BadPayload, match=r"line|value"):
        told(READINGS, line)


@settings(deadline=None)
@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
@example(b'a b="')
@example(b"\\")
def test_any_bytes_are_read_or_refused(payload: bytes) -> None:
    for topic in (SENSOR, READINGS):
        try:
            told(topic, payload)
        except BadPayload:
            continue


_names = st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="\\"), min_size=1)


@settings(deadline=None)
@given(_names.filter(lambda name: not name.startswith("#")), _names, st.floats(allow_nan=False))
def test_names_are_escaped(name: str, field: str, value: float) -> None:
    escaped = [
        text.replace(",", "\\,").replace(" ", "\\ ").replace("=", "\\=") for text in (name, field)
    ]
    if math.isinf(value):
        return
    (metric,) = of_lines(f"{escaped[0]} {escaped[1]}={value!r} 5".encode())
    assert metric == (name, {}, {field: value}, 5)


def test_readings_are_gathered_by_stream() -> None:
    found = told(SENSOR, "[1, 2]") + told(READINGS, '{"values": {"MM116": 3, "B": null}}')
    ((mine, block),) = gathered(found)
    assert (mine, block.stream) == ("7", "MM116")
    np.testing.assert_array_equal(block.time, [NOW] * 3)
    np.testing.assert_array_equal(block.value, [1, 2, 3])
