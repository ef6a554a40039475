"""A made-up district in the folder of a service: mines, streams, alerts, and a long score."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from detector.core.observation import Readings
from detector.core.score import Scores
from detector.edge.accounts import Accounts
from detector.edge.ledger import START, Entry
from detector.edge.series.sqlite import SqliteSeries

#: The newest time in it, s (Unix).
NOW = 1_800_000_000.0
USER, PASSWORD = "bench", "a long password that nobody needs"
DAY_S = 86400.0
_DETECTORS = ("flat_signal", "silence", "spike", "capped_signal", "out_of_range")
_SAID = ("false_alarm", "maintenance", "calibration", "offline", "suspected_illegal_production")


@dataclass(frozen=True)
class District:
    """How large it is; ``days`` of the score in steps of 1 s."""

    mines: int = 200
    streams: int = 5000
    alerts: int = 100_000
    days: int = 30

    def code(self, number: int) -> str:
        """The code of a mine."""
        return f"{220600000001 + number}"

    def names(self) -> list[str]:
        """The streams that each mine has."""
        return [f"s{number:02}" for number in range(self.streams // self.mines)]


def make(district: District, folder: Path, port: int) -> Path:
    """Write all of it; the path of its SITE.toml."""
    (folder / "mines").mkdir(parents=True)
    others = [f"mines/{n}.toml" for n in range(1, district.mines)]
    for number, path in enumerate(others, 1):
        (folder / path).write_text(_site(district, number), "utf-8")
    live = f"\n[live]\nfolder = '.'\nmines = {others}\n[console]\nport = {port}\n"
    series = "[series]\nkind = 'sqlite'\npath = 'series.db'\n"
    (folder / "site.toml").write_text(_site(district, 0) + live + series, "utf-8")
    _store(district, folder)
    with (folder / "ledger.jsonl").open("wb") as ledger:
        ledger.writelines(_lines(district))
    accounts = Accounts(folder / "console.db")
    accounts.add(USER, PASSWORD, "engineer", None)
    accounts.close()
    return folder / "site.toml"


def _site(district: District, number: int) -> str:
    told = [f'[mine]\ncode = "{district.code(number)}"\nname = "Mine {number}"\n']
    shafts = ("main", "auxiliary", "wind")
    for place, name in enumerate(district.names()):
        told.append(f'[[streams]]\nname = "{name}"\nkind = "methane"\nunit = "%"\n')
        told.append(f'shaft = "{shafts[place % 3]}"\n')
    return "\n".join(told)


def _store(district: District, folder: Path) -> None:
    series = SqliteSeries(folder / "series.db")
    time = NOW - 30.0 * np.arange(240, 0, -1, dtype=np.float64)
    value = np.random.default_rng(1).normal(0.4, 0.05, len(time))
    for number in range(district.mines):
        mine = district.code(number)
        series.store([(mine, Readings(name, time, value)) for name in district.names()])
    for hour in range(24 * district.days):
        series.store_scores(district.code(0), [_hour(NOW - 3600.0 * (hour + 1))])
    series.close()


def _hour(start: float) -> Scores:
    """An hour of the score: near 1, and now and then above the threshold for ten minutes."""
    rng = np.random.default_rng(int(start) // 3600)
    time = start + np.arange(3600, dtype=np.float64)
    value = rng.uniform(0.2, 1.1, 3600)
    since = time.copy()
    if rng.random() < 0.2:
        value[900:1500] = rng.uniform(1.2, 6.0)
        since[900:1500] = time[900]
    why = np.full(3600, -1, dtype=np.int8)
    return Scores("flat_signal", "s00", "times usual", time, value, since, why)


def _lines(district: District) -> Iterator[bytes]:
    """The ledger: every alert once, nine of ten of them done."""
    rng = np.random.default_rng(2)
    prev, names = START, district.names()
    ages = np.sort(rng.uniform(0.0, 90 * DAY_S, district.alerts))[::-1]
    for seq, age in enumerate(ages.tolist(), 1):
        at = NOW - age
        mine = district.code(int(rng.integers(district.mines)))
        stream = names[int(rng.integers(len(names)))]
        document = _alert(seq, mine, stream, at, int(rng.integers(100)))
        entry = Entry(seq, _iso(at), "alert", document, prev, "")
        whole = Entry(seq, _iso(at), "alert", document, prev, entry.digest())
        prev = whole.hash
        yield whole.line()


def _alert(seq: int, mine: str, stream: str, at: float, dice: int) -> dict[str, Any]:
    detector, done = _DETECTORS[dice % len(_DETECTORS)], dice < 90
    start = at - 600.0
    episode = {
        "id": f"{seq:016x}",
        "detector": detector,
        "stream": stream,
        "path": f"mines/{mine}/sensors/{stream}",
        "start_s": start,
        "end_s": at,
        "start": _iso(start),
        "end": _iso(at),
        "until_end": not done,
        "peak": 3.0,
        "unit": "times usual",
        "threshold": 1.5,
        "severity": "critical" if dice % 3 else "warning",
        "other": None,
        "summary": f"{detector} on {stream}",
        "evidence": {"kind": "held", "stills": [], "figures": {"value": 0.42}},
    }
    return {
        "schema": "trueshaft.alert/1",
        "id": f"{seq:015x}a",
        "mine": mine,
        "shaft": "main",
        "state": "done" if done else "open",
        "severity": episode["severity"],
        "title": f"Shaft main: {detector}",
        "summary": f"{detector} on {stream} since {_iso(start)}.",
        "opened": _iso(at),
        "updated": _iso(at),
        "closed": _iso(at) if done else None,
        "episodes": [episode],
        "disposition": _SAID[dice % len(_SAID)] if done else None,
        "escalated": 0,
        "earlier_episodes": [],
        "handled": 0,
    }


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
