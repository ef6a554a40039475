"""Sparkplug B: births, data, deaths, and what is missing between them."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.edge.payloads import BadPayload, Fault, Limits
from detector.edge.payloads.sparkplug import NODES, Nodes, parsed, rebirth
from detector.edge.payloads.wire import fields, varint
from tests.edge.payloads.making import NOW, field, metric, reported, sparkplug, told

NODE = "spBv1.0/7/{}/node"


def doubled(value: float) -> bytes:
    return field(13, value)


def reasons(payload: bytes, kind: str, nodes: Nodes) -> list[str]:
    found = told(NODE.format(kind), payload, nodes=nodes)
    return [item.reason for item in found if isinstance(item, Fault)]


def test_aliases_of_a_birth_name_data() -> None:
    nodes = Nodes()
    birth = sparkplug(
        metric("bdSeq", field(11, 3)),
        metric("Node Control/Rebirth", field(14, 0)),
        metric("MM116", doubled(0.4), alias=1, at=-2),
        metric("hoist", field(12, 1.5, 4), alias=2),
        seq=0,
    )
    found = told(NODE.format("NBIRTH"), birth, nodes=nodes)
    assert reported(found) == {"MM116": [(-2, 0.4)], "hoist": [(0, 1.5)]}
    data = sparkplug(metric("", doubled(0.5), alias=1, at=-1), seq=1)
    assert reported(told(NODE.format("NDATA"), data, nodes=nodes)) == {"MM116": [(-1, 0.5)]}
    again = Nodes(json.loads(json.dumps(nodes.known)))
    data = sparkplug(metric("", doubled(0.6), alias=1), seq=2)
    assert reported(told(NODE.format("NDATA"), data, nodes=again)) == {"MM116": [(0, 0.6)]}
    assert not nodes.reborn


def test_devices_have_aliases_of_their_own() -> None:
    nodes = Nodes()
    for device, name in (("a", "MM1"), ("b", "MM2")):
        birth = sparkplug(metric(name, doubled(1.0), alias=1))
        told(NODE.format("DBIRTH") + f"/{device}", birth, nodes=nodes)
    data = sparkplug(metric("", doubled(2.0), alias=1))
    for device, name in (("a", "MM1"), ("b", "MM2")):
        found = told(NODE.format("DDATA") + f"/{device}", data, nodes=nodes)
        assert reported(found) == {name: [(0, 2)]}


def test_an_unknown_alias_asks_for_a_birth() -> None:
    nodes = Nodes()
    data = sparkplug(metric("", doubled(1.0), alias=9), metric("MM1", doubled(2.0)), seq=5)
    found = told(NODE.format("NDATA"), data, nodes=nodes)
    assert reported(found) == {"MM1": [(0, 2)]}
    assert [f.reason for f in found if isinstance(f, Fault)] == ["alias"]
    assert nodes.reborn == {("7", "node")}
    topic, command = rebirth("7", "node", NOW)
    assert topic == "spBv1.0/7/NCMD/node"
    (asked,) = parsed(command, Limits()).metrics
    assert (asked.name, asked.value) == ("Node Control/Rebirth", 1)


def test_a_gap_in_the_numbers_is_told() -> None:
    nodes = Nodes()
    empty = [sparkplug(seq=number) for number in (0, 254, 255, 0, 0, 2)]
    assert reasons(empty[0], "NBIRTH", nodes) == []
    assert reasons(empty[1], "NDATA", nodes) == ["sequence"]
    assert nodes.reborn == {("7", "node")}
    assert reasons(empty[2], "NDATA", nodes) == []
    assert reasons(empty[3], "NDATA", nodes) == []
    assert reasons(empty[4], "NDATA", nodes) == []  # sent again
    assert reasons(empty[5], "NDATA", nodes) == ["sequence"]
    assert reasons(sparkplug(), "NDEATH", nodes) == []
    assert reasons(empty[2], "NDATA", nodes) == []


@pytest.mark.parametrize(
    ("datatype", "told_as", "value"),
    [
        (1, field(10, 0xFFFFFFFF), -1),
        (1, field(10, 0xFF), -1),
        (2, field(10, 0x8000), -32768),
        (3, field(10, 0x7FFFFFFF), 2**31 - 1),
        (3, field(10, 0xFFFFFFFE), -2),
        (4, field(11, 2**64 - 5), -5),
        (7, field(10, 0xFFFFFFFE), 2**32 - 2),
        (8, field(11, 2**64 - 1), 2.0**64),
        (11, field(14, 1), 1),
        (9, field(12, math.inf, 4), math.nan),
    ],
)
def test_values_of_all_types(datatype: int, told_as: bytes, value: float) -> None:
    made = metric("X", field(4, datatype), told_as)
    ((_, found),) = reported(told(NODE.format("NDATA"), sparkplug(made)))["X"]
    assert found == value or (math.isnan(found) and math.isnan(value))


def test_what_is_no_reading_is_left_out() -> None:
    made = [
        metric("null", doubled(1.0), field(7, 1)),
        metric("text", field(15, "on")),
        metric("set", field(17, b"")),
    ]
    assert told(NODE.format("NDATA"), sparkplug(*made)) == []
    assert told(NODE.format("NCMD"), sparkplug(metric("a", doubled(1.0)))) == []


def test_times_beyond_the_limits_are_told() -> None:
    made = sparkplug(metric("X", doubled(1.0), at=1e6), metric("Y", field(3, 2**63), doubled(1.0)))
    assert sorted(reasons(made, "NDATA", Nodes())) == ["clock", "time"] or sorted(
        reasons(made, "NDATA", Nodes())
    ) == ["clock", "clock"]


@pytest.mark.parametrize(
    "payload",
    [
        b"\x08",
        b"\x12\x7f\x00",
        b"\x00",
        b"\x0b",
        b"\x09\x01",
        b"\xff" * 11,
        field(2, b"\x0a\x01\xff"),
        field(2, 5),
        field(1, b"x"),
        field(2, field(13, 5)) + b"\x12\x02\x68\x05\x80",
    ],
)
def test_what_is_no_payload_is_refused(payload: bytes) -> None:
    with pytest.raises(BadPayload, match="protobuf"):
        told(NODE.format("NDATA"), payload)


def test_too_many_metrics_are_refused() -> None:
    with pytest.raises(BadPayload, match="size"):
        told(NODE.format("NDATA"), field(2, b"") * 4, limits=Limits(readings=3))


@settings(deadline=None)
@given(st.binary(max_size=80))
def test_any_bytes_are_read_or_refused(payload: bytes) -> None:
    try:
        told(NODE.format("NDATA"), payload)
    except BadPayload:
        return


@settings(deadline=None)
@given(st.integers(0, 2**64 - 1))
def test_numbers_come_back(number: int) -> None:
    assert list(fields(b"\x08" + varint(number))) == [(1, number)]


def test_messages_that_come_again_are_no_gap() -> None:
    nodes = Nodes()
    data = [sparkplug(metric("", doubled(float(n)), alias=1), seq=n) for n in range(60)]
    stream = [
        (NODE.format("NBIRTH"), sparkplug(metric("MM1", doubled(0.1), alias=1), seq=254)),
        (NODE.format("DBIRTH") + "/a", sparkplug(metric("MM2", doubled(0.2), alias=1), seq=255)),
        *((NODE.format("NDATA"), payload) for payload in data),
    ]
    for topic, payload in [*stream, *stream[-40:], *stream]:
        found = told(topic, payload, nodes=nodes)
        assert not any(isinstance(item, Fault) for item in found)
    again = told(NODE.format("NDATA"), data[3], nodes=nodes)
    assert reported(again) == {"MM1": [(0, 3)]}
    assert reasons(sparkplug(metric("", doubled(9.0), alias=1), seq=60), "NDATA", nodes) == []
    assert reasons(sparkplug(metric("", doubled(9.5), alias=1), seq=63), "NDATA", nodes) == [
        "sequence"
    ]


def test_equal_messages_of_equal_numbers_are_not_taken_for_the_same() -> None:
    nodes = Nodes()
    for number in range(600):  # a constant value without a time, numbers that begin anew
        payload = sparkplug(metric("MM1", doubled(1.0)), seq=number % 256)
        assert reasons(payload, "NBIRTH" if not number else "NDATA", nodes) == []
    payload = sparkplug(metric("MM1", doubled(1.0)), seq=601 % 256)
    assert "sequence" not in reasons(payload, "NDATA", nodes)  # one of before comes again
    assert reasons(sparkplug(metric("MM1", doubled(2.0)), seq=600 % 256), "NDATA", nodes) == []
    assert reasons(sparkplug(metric("MM1", doubled(3.0)), seq=605 % 256), "NDATA", nodes) == [
        "sequence"
    ]


def test_nodes_and_aliases_have_limits() -> None:
    nodes, limits = Nodes(), Limits(readings=5)
    parts = {"mine": "loud", "type": "NDEATH"}
    for number in range(NODES):
        nodes.decode({**parts, "edge": str(number)}, b"", 0.0, limits)
    with pytest.raises(BadPayload, match="nodes"):
        nodes.decode({**parts, "edge": "one more"}, b"", 0.0, limits)
    nodes.decode({**parts, "mine": "other", "edge": "e"}, b"", 0.0, limits)
    born = {"mine": "other", "edge": "e", "type": "DBIRTH"}
    for device in "abcdef":
        nodes.decode({**born, "device": device}, b"", 0.0, limits)
    with pytest.raises(BadPayload, match="aliases"):
        nodes.decode({**born, "device": "g"}, b"", 0.0, limits)
    nodes.decode({**born, "device": "a"}, b"", 0.0, limits)
    assert len(nodes.known) == NODES + 1 and len(nodes.known["other/e"]["aliases"]) == 6
