"""A watch's turn: when it is to be run again."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf
from zlib import crc32

from detector.apps.serve.judging import Going
from detector.config.cadence import Cadence
from detector.core.signs import Signs
from detector.edge.series import EpisodeRow

#: A run costs no less than this, s.
_LEAST_S = 1e-4
#: What owes is run as well where nothing more has come for so long, s.
_STOPPED_S = 5.0


@dataclass(eq=False)
class Turn:
    """A watch and when it is to be run again. ``waiting`` s: since when its streams have gone on
    without it, None where they have not. ``owing`` s: likewise, but what came showed no sign of
    anything, until ``looked`` s. ``new`` s: the earliest time that it has not judged."""

    mine: str
    detector: str
    streams: tuple[str, ...]
    cadence: Cadence
    signs: Signs | None = None
    waiting: float | None = None
    owing: float | None = None
    looked: float = 0.0
    due: float = 0.0
    ran: float = 0.0
    cost_s: float = 0.0
    running: bool = False
    new: float = -inf
    going: Going | None = None
    known: dict[str, EpisodeRow] = field(default_factory=dict)

    @property
    def goes_on_s(self) -> float:
        """Seconds for which it goes on, from half of what is told to all of it: that what began
        together does not read all again together."""
        name = "/".join((self.mine, self.detector, *self.streams))
        return self.cadence.goes_on_s * (0.5 + crc32(name.encode()) / 2**33)

    def urgency(self, now: float) -> float:
        """How many times its own cost it has waited: what takes long keeps no other waiting, and
        what waits long has its turn."""
        since = self.ran if self.waiting is None else self.waiting
        if self.waiting is None and self.owing is not None:
            since += self.cadence.sure_s
        return (now - max(since, self.due)) / max(self.cost_s, _LEAST_S)

    def is_due(self, now: float) -> bool:
        """Whether it is to be run."""
        if self.running or now < self.due:
            return False
        idle = self.cadence.idle_s
        silent = idle > 0 and now >= max(self.ran, self.looked) + idle
        until = min(self.ran + self.cadence.sure_s, self.looked + _STOPPED_S)
        owes = self.owing is not None and now >= until
        return self.waiting is not None or owes or silent

    def went_on(self, now: float, new: float = -inf) -> None:
        """Its streams have, from ``new`` s on: it waits where that may show something, or ends what
        it found."""
        self.looked, self.new = now, min(self.new, new)
        finds = any(not row.closed for row in self.known.values())
        if self.signs is not None and not finds and not self.signs.asks():
            self.owing = now if self.owing is None else self.owing
        elif self.waiting is None:
            self.waiting = now
