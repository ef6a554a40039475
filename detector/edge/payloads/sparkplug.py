"""Sparkplug B: metrics of edge nodes and devices, between their births and deaths.

https://sparkplug.eclipse.org/specification/version/3.0/documents/sparkplug-specification-3.0.0.pdf
A node is the topic's group, which is the mine, and its name. A birth tells names for the aliases
that data uses afterwards, and each message of a node has the number after that of the one before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from detector.edge.payloads import BadPayload, Decoded, Fault, Limits, named
from detector.edge.payloads.numbers import number, within
from detector.edge.payloads.times import seconds
from detector.edge.payloads.wire import fields, raw, real, text, varint, whole

#: Datatypes of signed integers and their bits; of what is no reading (texts, sets, templates).
_SIGNED = {1: 8, 2: 16, 3: 32, 4: 64}
_BIRTHS, _DATA, _DEATHS = ("NBIRTH", "DBIRTH"), ("NDATA", "DDATA"), ("NDEATH", "DDEATH")
#: Messages that are remembered, of all nodes: those that may come again as they were not
#: acknowledged before a connection broke.
_REMEMBERED = 8192
#: Edge nodes of a mine at most; the aliases of each are no more than a message may have readings.
NODES = 1000
#: Names of a node's own metrics, which are no streams.
_OWN = ("Node Control/", "Node Info/", "Device Control/", "Properties/", "bdSeq")


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric of a payload; ``value`` None where it is null or no reading."""

    name: str
    alias: int | None
    time: int | None
    value: float | None


@dataclass(frozen=True, slots=True)
class Payload:
    """A Sparkplug B payload."""

    time: int | None
    seq: int | None
    metrics: list[Metric]


@dataclass
class Nodes:
    """What is known of the edge nodes of a broker: their aliases and their last number.

    ``known`` can be kept as JSON and handed in again after a restart. ``reborn`` are the nodes
    (group, edge) whose births must be asked for; whoever asks empties it. ``births`` counts those
    that came.
    """

    known: dict[str, dict[str, Any]] = field(default_factory=dict)
    reborn: set[tuple[str, str]] = field(default_factory=set)
    births: int = 0
    _seen: dict[tuple[str, bytes], None] = field(default_factory=dict)

    def decode(
        self, parts: Mapping[str, str], payload: bytes, arrival_s: float, limits: Limits
    ) -> list[Decoded]:
        """What a message of topic parts mine, type, edge and perhaps device reports."""
        mine, kind, edge = parts["mine"], parts["type"], parts["edge"]
        if kind not in _BIRTHS + _DATA + _DEATHS:
            return []
        device = parts.get("device", "")
        told = parsed(payload, limits)
        node = self._node(mine, edge)
        if self._comes_again(f"{mine}/{edge}/{kind}/{device}", payload, node["seq"], told.seq):
            if kind in _DEATHS:
                return []
            return self._read(mine, edge, node["aliases"].get(device, {}), told, arrival_s, limits)
        if kind in _DEATHS:  # a stream that ends is seen as silence
            node["seq"] = None if kind == "NDEATH" else told.seq
            return []
        found: list[Decoded] = []
        if kind == "NBIRTH":
            node["aliases"] = {}
        elif told.seq is not None and node["seq"] is not None:
            missing = (told.seq - node["seq"] - 1) % 256
            if missing and missing != 255:  # 255: the same message again
                found.append(Fault(mine, edge, "sequence", f"{missing} messages are missing"))
                self.reborn.add((mine, edge))
        node["seq"] = told.seq
        if kind in _BIRTHS:
            self.births += 1
            born = {str(m.alias): m.name for m in told.metrics if m.alias is not None}
            others = sum(1 + len(a) for d, a in node["aliases"].items() if d != device)
            if others + len(born) > limits.readings:
                raise BadPayload("size", f"{others + len(born)} aliases of a node")
            node["aliases"][device] = born
        aliases = node["aliases"].get(device, {})
        return found + self._read(mine, edge, aliases, told, arrival_s, limits)

    def _comes_again(self, topic: str, payload: bytes, last: int | None, seq: int | None) -> bool:
        """Whether a message was seen before, and is not the next one that looks the same: it then
        says nothing of what is missing."""
        key = topic, payload if len(payload) < 32 else sha256(payload).digest()
        known = key in self._seen
        self._seen.pop(key, None)
        self._seen[key] = None
        if len(self._seen) > _REMEMBERED:
            del self._seen[next(iter(self._seen))]
        return known and seq is not None and last is not None and seq != (last + 1) % 256

    def _node(self, mine: str, edge: str) -> dict[str, Any]:
        name = f"{mine}/{edge}"
        if name not in self.known and sum(n.startswith(f"{mine}/") for n in self.known) >= NODES:
            raise BadPayload("size", f"more than {NODES} nodes")
        return self.known.setdefault(name, {"seq": None, "aliases": {}})

    def _read(
        self,
        mine: str,
        edge: str,
        aliases: Mapping[str, str],
        told: Payload,
        arrival_s: float,
        limits: Limits,
    ) -> list[Decoded]:
        columns: dict[str, tuple[list[float], list[float]]] = {}
        found: list[Decoded] = []
        for metric in told.metrics:
            name = metric.name or aliases.get(str(metric.alias), "")
            try:
                if not name:
                    self.reborn.add((mine, edge))
                    raise BadPayload("alias", f"{metric.alias} is not known")
                if metric.value is None or name.startswith(_OWN):
                    continue
                stamp = metric.time if metric.time is not None else told.time
                time = arrival_s if stamp is None else seconds(stamp)
                times, values = columns.setdefault(named(name), ([], []))
                values.append(number(metric.value))
                times.append(time)
            except BadPayload as bad:
                found.append(Fault(mine, name[:80] or edge, bad.reason, bad.detail))
        for stream, (times, values) in columns.items():
            found += within(mine, stream, times, values, arrival_s, limits)
        return found


def parsed(payload: bytes, limits: Limits) -> Payload:
    """A payload of its bytes; BadPayload where it is none."""
    time, seq, metrics = None, None, []
    for number_of, value in fields(payload):
        if number_of == 1:
            time = whole(value)
        elif number_of == 2:
            metrics.append(_metric(raw(value)))
            if len(metrics) > limits.readings:
                raise BadPayload("size", f"more than {limits.readings} metrics")
        elif number_of == 3:
            seq = whole(value) % 256
    return Payload(time, seq, metrics)


def _metric(message: bytes) -> Metric:
    told: dict[int, int | bytes] = dict(fields(message))
    name = text(told[1]) if 1 in told else ""
    alias = whole(told[2]) if 2 in told else None
    time = whole(told[3]) if 3 in told else None
    null = bool(told.get(7, 0))
    return Metric(name, alias, time, None if null else _value(told))


def _value(told: Mapping[int, int | bytes]) -> float | None:
    if 10 in told or 11 in told:
        made = whole(told[10] if 10 in told else told[11])
        bits = _SIGNED.get(whole(told.get(4, 0)))
        if bits is None:
            return float(made)
        made &= (1 << bits) - 1
        return float(made - (1 << bits) if made >> (bits - 1) else made)
    if 12 in told:
        return real(told[12], 4)
    if 13 in told:
        return real(told[13], 8)
    return float(whole(told[14]) != 0) if 14 in told else None


def rebirth(group: str, edge: str, time_s: float) -> tuple[str, bytes]:
    """Topic and payload of the command that asks a node for its births."""
    name = b"Node Control/Rebirth"
    metric = b"\x0a" + varint(len(name)) + name + b"\x20\x0b" + b"\x70\x01"
    message = b"\x08" + varint(round(time_s * 1000)) + b"\x12" + varint(len(metric)) + metric
    return f"spBv1.0/{group}/NCMD/{edge}", message
