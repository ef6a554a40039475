"""Messages that nothing can be made of: counted, and some of them kept for engineers to look at.

The folder is bounded: what is oldest goes first, and of a topic that keeps failing in the same way
only the first few of an hour are kept, so that it does not push out all others.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

#: Topics with a reason that are told apart, the ones seen last.
MOST_TROUBLES = 2000
#: Messages kept of a topic and reason in an hour, and bytes of a message that are kept.
KEPT, KEPT_BYTES = 5, 1_000_000
_HOUR_S = 3600.0


@dataclass
class Trouble:
    """Bad messages of one topic for one reason: since ``first`` s (Unix) without a pause of more
    than an hour, ``last`` s the latest; ``count`` of them; ``kept`` in this hour."""

    topic: str
    reason: str
    detail: str
    first: float
    last: float
    count: int = 0
    kept: int = 0


class Quarantine:
    """Bad messages in a folder, ``most`` files and ``most_bytes`` at most.

    ``refused`` counts all that came, by reason; ``unkept`` those that could not be written.
    """

    def __init__(self, folder: Path, most: int = 2000, most_bytes: int = 200_000_000) -> None:
        self._folder, self._most, self._most_bytes = folder, most, most_bytes
        folder.mkdir(parents=True, exist_ok=True)
        self._files = OrderedDict(
            (path.name, path.stat().st_size) for path in sorted(folder.glob("*.message"))
        )
        newest = next(reversed(self._files), "0")
        self._next = int(newest.split(".")[0]) + 1
        self._bytes = sum(self._files.values())
        self._troubles: OrderedDict[tuple[str, str], Trouble] = OrderedDict()
        self.refused: dict[str, int] = {}
        self.unkept = 0

    def add(self, topic: str, payload: bytes, reason: str, detail: str, arrival_s: float) -> None:
        """Take in a message that arrived at ``arrival_s`` (Unix)."""
        self.refused[reason] = self.refused.get(reason, 0) + 1
        trouble = self._troubles.pop((topic, reason), None)
        if trouble is None or arrival_s - trouble.last > _HOUR_S:
            trouble = Trouble(topic, reason, detail, arrival_s, arrival_s)
        self._troubles[topic, reason] = trouble
        if len(self._troubles) > MOST_TROUBLES:
            self._troubles.popitem(last=False)
        if int(arrival_s // _HOUR_S) != int(trouble.last // _HOUR_S):
            trouble.kept = 0
        trouble.last, trouble.detail = max(trouble.last, arrival_s), detail
        trouble.count += 1
        if trouble.kept < KEPT:
            trouble.kept += 1
            self._keep(topic, payload, reason, detail, arrival_s)

    def persisting(self, now_s: float, count: int = 5, within_s: float = 600.0) -> list[Trouble]:
        """Topics that failed ``count`` times or more and still did within the last ``within_s``."""
        return [
            trouble
            for trouble in self._troubles.values()
            if trouble.count >= count and now_s - trouble.last <= within_s
        ]

    def _keep(self, topic: str, payload: bytes, reason: str, detail: str, arrival_s: float) -> None:
        told = {"topic": topic, "reason": reason, "detail": detail, "arrival": arrival_s}
        told["bytes"] = len(payload)
        body = json.dumps(told, ensure_ascii=True).encode() + b"\n" + payload[:KEPT_BYTES]
        name = f"{self._next:010d}.message"
        self._next += 1
        try:
            (self._folder / name).write_bytes(body)
        except OSError:
            self.unkept += 1
            (self._folder / name).unlink(missing_ok=True)
            return
        self._files[name] = len(body)
        self._bytes += len(body)
        while len(self._files) > self._most or self._bytes > self._most_bytes:
            oldest, size = self._files.popitem(last=False)
            self._bytes -= size
            (self._folder / oldest).unlink(missing_ok=True)

    def kept(self) -> list[tuple[dict[str, object], bytes]]:
        """What is kept, oldest first: what is known of each message, and its payload."""
        found = []
        for name in self._files:
            try:
                head, _, payload = (self._folder / name).read_bytes().partition(b"\n")
                found.append((json.loads(head), payload))
            except (OSError, ValueError):
                continue
        return found
