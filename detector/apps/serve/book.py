"""The alerts there are: made of episodes, kept in the ledger, read back from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from detector.apps.serve.desks import Desks
from detector.apps.serve.telling import alert_of, document, part_of, slim
from detector.core import alert as alerts
from detector.core.alert import Alert, Part, Policy
from detector.edge.ledger import Entry, Ledger
from detector.edge.series import EpisodeRow

#: Alerts that are over or done are forgotten here after so many seconds; the ledger keeps them.
_FORGOTTEN_S = 30 * 86400.0


class Book:
    """Alerts by id. Only one process has it: it alone writes entries of kind ``alert``."""

    def __init__(self, ledger: Ledger, desks: Desks, clock: Callable[[], float]) -> None:
        told = desks.live.alerts
        self._policy = Policy(told.cool_down_s, told.escalate_after_s, told.escalations)
        self._ledger, self._desks, self._clock = ledger, desks, clock
        self._alerts: dict[str, Alert] = {}
        self._episodes: dict[str, dict[str, Mapping[str, Any]]] = {}
        self._of: dict[tuple[str, str], str] = {}
        self._handled: dict[str, int] = {}
        self._seq = 0
        self._own: set[int] = set()
        self._read()

    def alerts(self) -> list[Alert]:
        """All that are remembered, the oldest first."""
        return sorted(self._alerts.values(), key=lambda a: (a.opened, a.id))

    def going_on(self) -> list[tuple[str, Mapping[str, Any]]]:
        """Mine and document of every episode that goes on."""
        return [
            (alert.mine, self._episodes[alert.id][part.id])
            for alert in self._alerts.values()
            for part in alert.parts
            if not part.closed and part.id in self._episodes[alert.id]
        ]

    def knows(self, mine: str, episode: str) -> bool:
        """Whether an episode is part of an alert."""
        return (mine, episode) in self._of

    def take(self, mine: str, rows: Iterable[EpisodeRow]) -> list[Entry]:
        """Episodes that are new or have changed: what the ledger now says of their alerts."""
        now = self._clock()
        before: dict[str, Alert | None] = {}
        for row in sorted(rows, key=lambda r: (r.start, r.id)):
            part = part_of(row.document)
            shaft = self._desks[mine].shaft(row.stream)
            alert = self._alert_for(mine, shaft, part)
            changed = alerts.joined(alert, part, now) if alert else None
            after = changed or alerts.opened(mine, shaft, part, now)
            before.setdefault(after.id, alert)
            self._alerts[after.id] = after
            self._episodes.setdefault(after.id, {})[row.id] = slim(row.document)
            self._of[mine, row.id] = after.id
        return [e for i, old in before.items() if (e := self._saved(old, self._alerts[i]))]

    def _alert_for(self, mine: str, shaft: str, part: Part) -> Alert | None:
        known = self._of.get((mine, part.id))
        if known is not None:
            return self._alerts[known]
        joining = [a for a in self._alerts.values() if alerts.joins(a, mine, shaft, part)]
        return max(joining, key=lambda a: a.opened, default=None)

    def note(self, kind: str, document: Mapping[str, Any]) -> None:
        """Write into the ledger what is of no alert."""
        self._ledger.append(kind, document)

    def tick(self) -> list[Entry]:
        """Time passed, and people handled alerts: what the ledger now says of them."""
        self._read()
        now = self._clock()
        written = []
        for alert in list(self._alerts.values()):
            after = alerts.settled(alert, now, self._policy)
            after = alerts.escalated(after, now, self._policy)
            if after is not alert:
                self._alerts[alert.id] = after
                written += [e for e in [self._saved(alert, after)] if e]
            elif alert.closed is not None and now - alert.updated > _FORGOTTEN_S:
                self._forget(alert)
        return written

    def _forget(self, alert: Alert) -> None:
        del self._alerts[alert.id]
        self._episodes.pop(alert.id, None)
        self._handled.pop(alert.id, None)
        for part in alert.parts:
            self._of.pop((alert.mine, part.id), None)

    def _saved(self, before: Alert | None, after: Alert) -> Entry | None:
        if not alerts.worth_telling(before, after):
            return None
        told = document(after, self._episodes.get(after.id, {}))
        told["handled"] = self._handled.get(after.id, 0)
        entry = self._ledger.append("alert", told)
        self._own.add(entry.seq)
        return entry

    def _read(self) -> None:
        """Take up what the ledger says since it was read last."""
        if self._ledger.last_seq() == self._seq:
            return
        handled = []
        for entry in list(self._ledger.entries(self._seq)):
            self._seq = entry.seq
            if entry.seq in self._own:
                self._own.remove(entry.seq)
            elif entry.kind == "alert":
                self._restore(entry.document)
            elif entry.kind == "handled":
                handled.append(entry)
        for entry in handled:
            self._handle(entry)

    def _restore(self, told: Mapping[str, Any]) -> None:
        alert = alert_of(told)
        self._alerts[alert.id] = alert
        episodes = self._episodes.setdefault(alert.id, {})
        for episode in told["episodes"]:
            episodes[episode["id"]] = episode
            self._of[alert.mine, episode["id"]] = alert.id
        self._of |= {(alert.mine, e): alert.id for e in told["earlier_episodes"]}
        self._handled[alert.id] = told["handled"]

    def _handle(self, entry: Entry) -> None:
        """What a person did with an alert; each such entry is answered by one of kind ``alert``."""
        told = entry.document
        alert = self._alerts.get(str(told.get("alert")))
        if alert is None or entry.seq <= self._handled.get(alert.id, 0):
            return
        self._handled[alert.id] = entry.seq
        try:
            after = alerts.handled(alert, told["state"], told.get("disposition"), self._clock())
        except (KeyError, ValueError):
            return
        self._alerts[alert.id] = after
        self._saved(alert, after)
