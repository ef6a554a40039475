"""A webhook: the alert's document, signed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

from detector.edge.notify import Notice
from detector.edge.notify.http import post


class Webhook:
    """Posts ``{"id", "title", "text", "severity", "link", "document"}``, and where there is a
    picture ``"still": {"type": "image/jpeg", "base64"}``.

    With a secret the header ``X-Trueshaft-Signature`` is ``t=TIME,v1=HEX``: HMAC-SHA256 of
    ``TIME.BODY``. ``X-Trueshaft-Id`` is the same when a message is sent again.
    """

    def __init__(self, url: str, secret: str, clock: Callable[[], float] = time.time) -> None:
        self._url, self._secret, self._clock = url, secret.encode(), clock

    def send(self, notice: Notice) -> None:
        """Post it."""
        told: dict[str, Any] = {
            "id": notice.id,
            "title": notice.title,
            "text": notice.text,
            "severity": notice.severity,
            "link": notice.link,
            "document": notice.document,
        }
        if notice.still is not None:
            coded = base64.b64encode(notice.still).decode()
            told["still"] = {"type": "image/jpeg", "base64": coded}
        body = json.dumps(told, ensure_ascii=False, sort_keys=True).encode()
        headers = {"X-Trueshaft-Id": notice.id}
        if self._secret:
            headers["X-Trueshaft-Signature"] = signature(self._secret, int(self._clock()), body)
        post(self._url, body, headers)

    def close(self) -> None:
        """Nothing is held."""


def signature(secret: bytes, at: int, body: bytes) -> str:
    """The value of the header.

    >>> signature(b"key", 1767225600, b"{}")[:28]
    't=1767225600,v1=df344de429b8'
    """
    told = hmac.new(secret, f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={told}"
