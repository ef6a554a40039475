"""Channels by which people and machines are told of alerts: one module each.

A channel is asked to send one :class:`Notice` and returns when it has been taken, or raises
:class:`NotSent`. It neither retries nor limits: that is the work of the service.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class Notice:
    """What is told: title and text for people, ``document`` (an alert, or a digest of several
    under ``alerts``) for machines, ``severity``, an ``id`` by which repeats are known, and perhaps
    a picture (JPEG) that shows what it is about."""

    id: str
    title: str
    text: str
    severity: str
    document: Mapping[str, Any]
    link: str | None = None
    still: bytes | None = None


class NotSent(Exception):
    """A notice was not taken; ``again`` says whether it may be later."""

    def __init__(self, what: str, again: bool = True) -> None:
        super().__init__(what)
        self.again = again


class Channel(Protocol):
    """One way to tell."""

    def send(self, notice: Notice) -> None:
        """Send it; NotSent where it was not taken."""

    def close(self) -> None:
        """Let go of connections."""
