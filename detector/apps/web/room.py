"""What every page of the console works with."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request

from detector.apps.serve.board import Board
from detector.apps.serve.desks import Desks
from detector.edge.accounts import Accounts, User
from detector.edge.ledger import Entry, Ledger
from detector.edge.series import Series
from detector.edge.sessions import Sessions
from detector.edge.shown import Shown


@dataclass
class Room:
    """``clock`` gives Unix seconds. ``ledger`` is for writing; ``board`` is what it says,
    ``shown`` what cameras sent."""

    desks: Desks
    series: Series
    ledger: Ledger
    board: Board
    accounts: Accounts
    sessions: Sessions
    shown: Shown
    clock: Callable[[], float] = time.time
    #: True once the service ends.
    ending: Callable[[], bool] = lambda: False
    known: dict[str, Any] = field(default_factory=dict)

    def note(self, kind: str, user: User, /, **told: Any) -> Entry:
        """Write into the ledger what a user did; on disk when it returns."""
        entry = self.ledger.append(kind, {**told, "by": user.name})
        self.board.refresh()
        return entry


def room(request: Request) -> Room:
    """The room of the application that answers."""
    found = request.app.state.room
    assert isinstance(found, Room)
    return found
