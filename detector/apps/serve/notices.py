"""What of an alert is worth telling on a channel, and the words for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from detector.apps.report.texts import Texts, visible
from detector.apps.serve.telling import told
from detector.config.notify import Channel, Quiet
from detector.core.alert import DISPOSITIONS, SEVERITIES
from detector.edge.notify import Notice

Document = Mapping[str, Any]
#: Channels of people: they are not told of every change.
_PEOPLE = frozenset({"apprise"})
#: Alerts that a digest describes.
_DESCRIBED = 10


def wanted(channel: Channel, before: Document | None, after: Document) -> bool:
    """Whether a channel is told of an alert; ``before``: as it was told last, None where never."""
    if SEVERITIES.index(after["severity"]) < SEVERITIES.index(channel.least):
        return False
    escalated = after["escalated"] > (before["escalated"] if before else 0)
    if channel.escalation:
        return bool(escalated)
    if before is None or channel.kind not in _PEOPLE:
        return True
    worse = SEVERITIES.index(after["severity"]) > SEVERITIES.index(before["severity"])
    over = (after["closed"] is None) != (before["closed"] is None)
    return bool(escalated or worse or over)


def waits(quiet: Quiet | None, zone: str, after: Document, now: float) -> bool:
    """Whether an alert waits for the end of the quiet hours: what is critical never does."""
    if quiet is None or after["severity"] == "critical":
        return False
    local = datetime.fromtimestamp(now, ZoneInfo(zone)).time()
    start, end = time.fromisoformat(quiet.start), time.fromisoformat(quiet.end)
    return start <= local < end if start < end else local >= start or local < end


def notice(
    alert: Document,
    before: Document | None,
    lang: str,
    link: str | None,
    still: bytes | None = None,
) -> Notice:
    """One alert as it is told, perhaps with a picture."""
    texts = Texts(lang)
    title, summary = told(alert["mine"], alert["shaft"] or "", alert["episodes"], texts)
    heading, fields = "alert.heading", {"severity": texts(f"severity.{alert['severity']}")}
    if alert["closed"] is not None:
        heading, fields = "alert.over", {}
    elif alert["escalated"] > (before["escalated"] if before else 0):
        heading, fields = "alert.escalated", {"n": alert["escalated"]}
    opened = alert["opened"][:19].replace("T", " ")
    lines = [summary, texts("alert.since", opened=opened, n=len(alert["episodes"]))]
    if alert["state"] != "done":
        names = texts.names([texts(f"disposition.{name}") for name in DISPOSITIONS])
        lines.append(texts("alert.answer", dispositions=names))
    return Notice(
        id=f"{alert['id']}-{alert['ledger']['seq']}",
        title=texts(heading, mine=visible(alert["mine"]), title=title, **fields),
        text="\n".join(lines),
        severity=alert["severity"],
        document=alert,
        link=f"{link.rstrip('/')}/alerts/{alert['id']}" if link else None,
        still=still,
    )


def digest(alerts: Sequence[Document], lang: str, link: str | None) -> Notice:
    """Several alerts as one message, the worst and newest first."""
    texts = Texts(lang)
    ordered = sorted(alerts, key=lambda a: (-SEVERITIES.index(a["severity"]), -a["ledger"]["seq"]))
    each = [notice(a, None, lang, None) for a in ordered[:_DESCRIBED]]
    lines = [f"{n.title}\n{n.text.splitlines()[0]}" for n in each]
    if len(ordered) > _DESCRIBED:
        lines.append(texts("case.more", n=len(ordered) - _DESCRIBED))
    newest = max(a["ledger"]["seq"] for a in alerts)
    return Notice(
        id=f"digest-{newest}-{len(alerts)}",
        title=texts("alert.digest", n=len(alerts)),
        text="\n\n".join(lines),
        severity=ordered[0]["severity"],
        document={"schema": "trueshaft.alerts/1", "alerts": list(ordered)},
        link=link or None,
    )


def retry_in(attempts: int, first_s: float) -> timedelta:
    """How long to wait after so many failures, ten minutes at most."""
    return timedelta(seconds=min(first_s * 2.0 ** (attempts - 1), 600.0))
