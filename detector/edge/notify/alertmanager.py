"""Prometheus Alertmanager, API v2: an alert that lasts until it is over."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from detector.edge.notify import Notice
from detector.edge.notify.http import post

_LONG = timedelta(days=3650)


class Alertmanager:
    """Posts to ``/api/v2/alerts``. What identifies an alert there are its labels: they never
    change; severity, title and text are annotations."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/") + "/api/v2/alerts"

    def send(self, notice: Notice) -> None:
        """Post it; all alerts of a digest."""
        documents = notice.document.get("alerts", [notice.document])
        body = json.dumps([_alert(d, notice.link) for d in documents], ensure_ascii=False)
        post(self._url, body.encode(), {})

    def close(self) -> None:
        """Nothing is held."""


def _alert(told: Mapping[str, Any], link: str | None) -> dict[str, Any]:
    over = told["updated"] if told["state"] == "done" else told["closed"]
    alert = {
        "labels": {
            "alertname": "trueshaft",
            "alert": told["id"],
            "mine": told["mine"],
            "shaft": told["shaft"] or "-",
        },
        "annotations": {
            "severity": told["severity"],
            "summary": told["title"],
            "description": told["summary"],
        },
        "startsAt": told["opened"],
        "generatorURL": link or "",
    }
    return alert | {"endsAt": over or _far(told["opened"])}


def _far(opened: str) -> str:
    """An end that never comes: without one Alertmanager takes it for over after some minutes."""
    return (datetime.fromisoformat(opened) + _LONG).isoformat(timespec="milliseconds")
