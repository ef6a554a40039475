"""What a service that was under load has stored and told, beside what it was sent."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from detector.core.observation import Readings
from detector.edge.ledger import Ledger
from detector.edge.ledger_check import verify
from detector.edge.series import EpisodeRow, Key, Series
from tests.apps.serve.conftest import MINE, told
from tests.apps.serve.running import STREAMS, Load, value

DETECTOR = "out_of_range"

#: Readings of a stream that the service compared with is shown at once.
_PIECE = 5000


@dataclass(frozen=True)
class Outcome:
    """Readings that were sent, and that the broker took; rows of these that are not stored;
    readings stored twice or wrong; episodes that there must be, that are missing, or that there
    must not be; episodes without alert and with several; entries that say the same; and the first
    broken entry of the ledger."""

    sent: int
    acknowledged: int
    lost: list[int]
    doubled: int
    wrong: int
    episodes: int
    missing: list[Any]
    excess: list[Any]
    untold: int
    told_twice: int
    repeated: int
    broken: str | None

    @property
    def good(self) -> bool:
        """Whether nothing was lost and nothing told twice."""
        counts = (self.doubled, self.wrong, self.untold, self.told_twice, self.repeated)
        fine = not any(counts) and not (self.lost or self.missing or self.excess)
        return fine and self.episodes > 0 and self.broken is None

    def __str__(self) -> str:
        return "\n".join(f"{name}: {figure}" for name, figure in vars(self).items())


def compared(series: Series, load: Load, folder: Path, one: Any, site: str) -> Outcome:
    """``one`` is a fresh service without processes (a :class:`tests.apps.serve.conftest.Bench`),
    which is shown the same readings in order."""
    times = load.start + np.arange(load.rows, dtype=np.float64)
    values = np.array([value(row) for row in range(load.rows)], dtype=np.float64)
    doubled = wrong = 0
    lost: set[int] = set()
    for name in STREAMS:
        stored = series.readings(Key(MINE, name), 0.0, 4e9)
        row = np.round(stored.time - load.start).astype(int)
        inside = row < load.rows  # the last may have come without the sender's knowing
        lost |= {*range(load.rows)} - {*row[inside].tolist()}
        doubled += len(row) - len(np.unique(row))
        wrong += int(np.sum(stored.value[inside] != values[row[inside]]))
    (one.folder / "site.toml").write_text(site)
    one.again()
    for first in range(0, load.rows, _PIECE):  # all at once would be more than is held
        part = slice(first, first + _PIECE)
        one.store({name: Readings(name, times[part], values[part]) for name in STREAMS})
        one.settle()
    found = [row for _, row in series.episodes(MINE, 0.0, 4e9)]
    standing = [r for r in found if not r.document["evidence"].get("withdrawn")]
    known = Counter(told([r for r in standing if r.detector == DETECTOR]))
    expected = Counter(told([row for row in one.episodes() if row.detector == DETECTOR]))
    alerts = _alerts(folder)
    of: dict[str, set[str]] = {}
    for alert in alerts:
        for episode in alert["episodes"]:
            of.setdefault(episode["id"], set()).add(alert["id"])
    entries = Counter(json.dumps({**a, "updated": ""}, sort_keys=True) for a in alerts)
    broken = verify(folder / "var" / "ledger.jsonl").broken
    return Outcome(
        sent=load.tries * len(STREAMS),
        acknowledged=load.rows * len(STREAMS),
        lost=sorted(lost),
        doubled=doubled,
        wrong=wrong,
        episodes=sum(expected.values()),
        missing=[*(expected - known)],
        excess=[*(known - expected)],
        untold=len(_ids(found) - of.keys()),
        told_twice=sum(len(ids) > 1 for ids in of.values()),
        repeated=sum(count > 1 for count in entries.values()),
        broken=None if broken is None else str(broken),
    )


def _ids(rows: list[EpisodeRow]) -> set[str]:
    return {row.id for row in rows}


def _alerts(folder: Path) -> list[dict[str, Any]]:
    ledger = Ledger(folder / "var" / "ledger.jsonl")
    found = [dict(entry.document) for entry in ledger.entries() if entry.kind == "alert"]
    ledger.close()
    return found
