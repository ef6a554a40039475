"""Messages that nothing could be made of, as the quarantine keeps them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from detector.edge.topics import Topics

#: The newest of them are shown, and the beginning of each.
_NEWEST, _BEGINNING = 30, 160


@dataclass(frozen=True)
class Kept:
    """A message: when it arrived, s (Unix), and why nothing could be made of it."""

    topic: str
    reason: str
    detail: str
    at: float
    begins: str


def waste(folder: Path, mine: str, topics: Topics) -> list[Kept]:
    """The newest kept messages of the mine, as the layouts of topics tell whose they are: that a
    stream of another mine is called like it makes them none of its own."""
    found: list[Kept] = []
    for path in sorted((folder / "quarantine").glob("*.message"), reverse=True)[: 10 * _NEWEST]:
        try:
            with path.open("rb") as file:
                told = json.loads(file.readline(10_000))
                begins = file.read(_BEGINNING)
        except (OSError, ValueError):
            continue
        topic = str(told.get("topic", ""))
        route = topics.route(topic)
        if route is not None and route[1]["mine"] == mine:
            text = begins.decode("utf-8", "backslashreplace")
            reason, detail = str(told.get("reason", "")), str(told.get("detail", ""))
            found.append(Kept(topic, reason, detail, float(told.get("arrival", 0.0)), text))
        if len(found) == _NEWEST:
            break
    return found
