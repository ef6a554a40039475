"""A message to what it reports, whatever its format: by the route that its topic took."""

from __future__ import annotations

from collections.abc import Mapping

from detector.edge.payloads import BadPayload, Decoded, Limits, features, jpeg
from detector.edge.payloads.json_readings import columns, parsed, sensor
from detector.edge.payloads.line_protocol import of_lines
from detector.edge.payloads.metrics import of_telegraf, readings
from detector.edge.payloads.sparkplug import Nodes


def decode(
    route: str,
    parts: Mapping[str, str],
    payload: bytes,
    properties: Mapping[str, str],
    arrival_s: float,
    limits: Limits,
    nodes: Nodes,
) -> list[Decoded]:
    """What a message reports.

    ``route`` and ``parts`` as :meth:`detector.edge.topics.Topics.route` tells them; ``properties``:
    the user properties of MQTT 5; ``arrival_s``: Unix time of its arrival; ``nodes``: what is known
    of Sparkplug's edge nodes, which the message may change. BadPayload where nothing can be made
    of it.
    """
    if len(payload) > limits.message_bytes:
        raise BadPayload("size", f"{len(payload)} bytes")
    if route == "sensor":
        return sensor(parts["mine"], parts["stream"], payload, arrival_s, limits)
    if route == "readings":
        return _readings(parts["mine"], payload, arrival_s, limits)
    if route == "frame":
        return [jpeg.shot(parts, payload, properties, arrival_s, limits)]
    if route == "features":
        return [features.decoded(parts["mine"], parts["camera"], payload, arrival_s, limits)]
    if route == "sparkplug":
        return nodes.decode(parts, payload, arrival_s, limits)
    raise BadPayload("topic", route)


def _readings(mine: str, payload: bytes, arrival_s: float, limits: Limits) -> list[Decoded]:
    if payload.lstrip()[:1] not in (b"{", b"["):
        return readings(mine, of_lines(payload), arrival_s, limits)
    told = parsed(payload)
    if isinstance(told, dict) and "values" in told:
        return columns(mine, told, arrival_s, limits)
    return readings(mine, of_telegraf(told), arrival_s, limits)
