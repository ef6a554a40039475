"""One channel's part of the ledger: what it is still to be told, sent, and written down.

What is pending follows from the ledger alone, so that after a crash a message is sent again
rather than lost; it then has the same id.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from detector.apps.serve.notices import Document, digest, notice, retry_in, waits, wanted
from detector.apps.serve.view import placed
from detector.config import notify as config
from detector.edge.ledger import Entry, Ledger
from detector.edge.notify import Channel, NotSent

LOG = logging.getLogger("trueshaft.notify")
#: Alerts that are told one by one; more at a time are told in a digest.
_SINGLY = 3
_MINUTE_S = 60.0


class Teller:
    """Tells one channel; ``clock`` gives Unix seconds, ``still`` a picture that shows an alert."""

    def __init__(
        self,
        channel: Channel,
        chosen: config.Channel,
        rules: config.Notify,
        zone: str,
        ledger: Ledger,
        clock: Callable[[], float],
        still: Callable[[Document], bytes | None] | None = None,
    ) -> None:
        self._channel, self._chosen, self._rules = channel, chosen, rules
        self._zone, self._ledger, self._clock = zone, ledger, clock
        self._still = still
        self._seq = 0
        self._known = False
        self._told: dict[str, Document] = {}
        self._pending: dict[str, Document] = {}
        self._sent: deque[float] = deque()
        self._attempts, self._again = 0, 0.0
        self.sent, self.failed, self.problem = 0, 0, ""
        self._read()
        if not self._known:
            self._ledger.append("channel", {"channel": chosen.name, "kind": chosen.kind})
            self._read()

    @property
    def pending(self) -> int:
        """Alerts that are still to be told."""
        return len(self._pending)

    def look(self) -> bool:
        """Tell what is to be told now; whether anything was."""
        self._read()
        now = self._clock()
        ready = [
            alert
            for alert in self._pending.values()
            if not waits(self._rules.quiet, self._zone, alert, now)
        ]
        if not ready or now < self._again or not self._may(now):
            return False
        lang, link = self._chosen.lang, self._rules.link
        if len(ready) <= min(_SINGLY, self._chosen.per_minute - len(self._sent)):
            ready = ready[:1]
            before = self._told.get(ready[0]["id"])
            picture = self._still(ready[0]) if self._still is not None else None
            told = notice(ready[0], before, lang, link, picture)
        else:
            told = digest(ready, lang, link)
        places = {a["id"]: a["ledger"]["seq"] for a in ready}
        try:
            self._channel.send(told)
        except NotSent as error:
            self._not_sent(error, places, now)
            return False
        self._sent.append(now)
        self._attempts, self.problem = 0, ""
        self.sent += 1
        self._note("sent", places, {})
        return True

    def _may(self, now: float) -> bool:
        """Whether the channel takes one more message this minute."""
        while self._sent and self._sent[0] <= now - _MINUTE_S:
            self._sent.popleft()
        return len(self._sent) < self._chosen.per_minute

    def _not_sent(self, error: NotSent, places: Mapping[str, int], now: float) -> None:
        self.failed += 1
        self._attempts += 1
        self._again = now + retry_in(self._attempts, self._rules.retry_s).total_seconds()
        if not self.problem:
            LOG.error("channel %s: %s", self._chosen.name, error)
        late = min(_unix(self._pending[i]["updated"]) for i in places) < now - self._rules.give_up_s
        if late or not error.again:
            self._note("failed", places, {"error": str(error)[:300], "given_up": True})
        elif not self.problem:
            self._note("failed", places, {"error": str(error)[:300], "given_up": False})
        self.problem = str(error)[:300]

    def _note(self, kind: str, places: Mapping[str, int], more: Mapping[str, Any]) -> None:
        only = next(iter(places)) if len(places) == 1 else None
        told = {"channel": self._chosen.name, "alerts": dict(places), "alert": only, **more}
        self._ledger.append(kind, told)
        self._read()

    def _read(self) -> None:
        if self._ledger.last_seq() == self._seq:
            return
        for entry in list(self._ledger.entries(self._seq)):
            self._seq = entry.seq
            if entry.kind == "alert":
                self._take(placed(entry))
            elif entry.document.get("channel") == self._chosen.name:
                self._settle(entry)

    def _take(self, alert: Document) -> None:
        identity = alert["id"]
        self._pending.pop(identity, None)
        if wanted(self._chosen, self._told.get(identity), alert):
            self._pending[identity] = alert

    def _settle(self, entry: Entry) -> None:
        """What was sent or given up is told; before the channel was there, all that was over."""
        if entry.kind == "channel":
            self._known = True
            over = [i for i, a in self._pending.items() if a["closed"] or a["state"] == "done"]
            for identity in over:
                self._told[identity] = self._pending.pop(identity)
        elif entry.kind == "sent" or entry.document.get("given_up"):
            for identity, seq in entry.document["alerts"].items():
                pending = self._pending.get(identity)
                if pending is not None and pending["ledger"]["seq"] <= seq:
                    self._told[identity] = self._pending.pop(identity)


def _unix(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
