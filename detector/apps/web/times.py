"""Times as the console shows them: by the site's clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from detector.apps.report.texts import Texts, wall


@dataclass(frozen=True)
class Times:
    """Tells times in one time zone; ``now`` s (Unix)."""

    zone: str
    now: float

    def of(self, told: str | float | None) -> datetime | None:
        """A time told in ISO 8601 or Unix seconds, in the zone."""
        if isinstance(told, str):
            known = wall(told)
            known = known.replace(tzinfo=UTC) if known and known.tzinfo is None else known
        else:
            known = None if told is None else datetime.fromtimestamp(told, UTC)
        return known.astimezone(ZoneInfo(self.zone)) if known else None

    def iso(self, told: str | float | None) -> str | None:
        """It in ISO 8601 with the zone's offset."""
        known = self.of(told)
        return known.isoformat() if known else None

    def shown(self, told: str | float | None) -> str:
        """Date and time; of today the time alone."""
        known = self.of(told)
        if known is None:
            return ""
        today = self.of(self.now)
        same = today is not None and today.date() == known.date()
        return f"{known:%H:%M:%S}" if same else f"{known:%Y-%m-%d %H:%M}"

    def full(self, told: str | float | None) -> str:
        """Date and time to the second."""
        known = self.of(told)
        return f"{known:%Y-%m-%d %H:%M:%S}" if known else ""

    def ago(self, told: str | float | None, t: Texts) -> str:
        """How long ago it was."""
        known = self.of(told)
        if known is None:
            return ""
        passed = round(self.now - known.timestamp())
        if not passed:
            return t("c.time.now")
        length = abs(passed)
        told = t("unit.second", n=length) if length < 60 else t.duration(length)
        return t("c.time.in" if passed < 0 else "c.time.ago", duration=told)

    def local(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """An episode's document with its times in the zone."""
        told = {**document, "start": self.iso(document["start"]), "end": self.iso(document["end"])}
        other = document.get("other")
        if other:
            start, end = self.iso(other.get("start")), self.iso(other.get("end"))
            told["other"] = {**other, "start": start, "end": end}
        return told
