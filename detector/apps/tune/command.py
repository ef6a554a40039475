"""`trueshaft tune`: what another threshold would change, and changing it."""

from __future__ import annotations

import getpass
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from detector.apps.serve.desks import Desks
from detector.apps.serve.store import opened
from detector.apps.serve.telling import iso
from detector.apps.serve.view import View
from detector.apps.tune import told
from detector.apps.tune.compare import Comparison, compare
from detector.apps.tune.curve import Point, Suggestion, changed, curve, suggestion
from detector.apps.tune.material import Material, Wanted, loaded, names_of
from detector.apps.tune.versions import Author, Shelf
from detector.core.episode import Threshold
from detector.core.errors import UsageError
from detector.detectors import CATALOGUE
from detector.edge.ledger import Ledger
from detector.edge.series import Series, StoreUnavailable

DAY_S = 86400.0


@dataclass(frozen=True)
class Asked:
    """What was asked for on the command line; None is as it is."""

    detector: str | None
    mine: str | None = None
    stream: str | None = None
    start: str | None = None
    end: str | None = None
    days: float = 30.0
    raise_at: float | None = None
    clear_at: float | None = None
    hold_s: float | None = None
    save: bool = False
    why: str = ""
    by: str | None = None
    history: bool = False
    back_to: int | None = None
    as_json: bool = False

    def author(self) -> Author:
        """Who saves: as told, else who is logged in."""
        return Author(self.by or getpass.getuser(), self.why)


def tune_command(config: Path | None, asked: Asked) -> str:
    """Do what was asked for and say what came of it. UsageError, ConfigError."""
    desks = Desks(config)
    try:
        series = opened(desks)
    except StoreUnavailable as error:
        raise UsageError(f"the store cannot be read: {error}", str(config or "")) from error
    try:
        mine = asked.mine or _mine(desks, series)
        if asked.history or asked.back_to is not None:
            return "\n".join(_versions(desks, mine, asked))
        return "\n".join(_tuned(desks, series, mine, asked))
    finally:
        series.close()


def _mine(desks: Desks, series: Series) -> str:
    told_of = desks.main.site.mine
    known = {state.mine for state in series.streams()} | ({told_of.code} if told_of else set())
    if len(known) != 1:
        raise UsageError(
            f"there are {len(known)} mines",
            "--mine",
            f"name one of {', '.join(sorted(known)[:20])}",
        )
    return known.pop()


def _tuned(desks: Desks, series: Series, mine: str, asked: Asked) -> Iterator[str]:
    if asked.detector not in CATALOGUE:
        named = f"--detector {asked.detector or ''}".strip()
        raise UsageError("there is no such check", named, f"use one of {', '.join(CATALOGUE)}")
    now = desks[mine].configuration.thresholds[asked.detector]
    other = changed(now, asked.raise_at, asked.clear_at, asked.hold_s)
    material = _material(desks, series, mine, asked.detector, asked)
    rows = material.rows(now, other)
    comparison = compare(rows, now, other, material.labels)
    points = curve(rows, now, material.labels)
    best = suggestion(points, now.raise_at)
    entry = None
    if asked.save:
        keys = ("raise_at", "clear_at", "hold_s")
        values = {k: getattr(other, k) for k in keys if getattr(other, k) != getattr(now, k)}
        with _shelf(desks) as shelf:
            entry = shelf.save(mine, asked.detector, values, asked.author())
    if asked.as_json:
        whole = _document(material, now, other, comparison, points, best)
        saved = {"seq": entry.seq, "hash": entry.hash} if entry else None
        yield json.dumps(whole | {"saved": saved}, ensure_ascii=False, indent=1, allow_nan=False)
        return
    yield from _head(material)
    yield from told.lines(now, other, comparison, points, best)
    if entry is not None:
        yield f"saved in {entry.document['file']}; ledger entry {entry.seq}:{entry.hash}"


def _material(desks: Desks, series: Series, mine: str, detector: str, asked: Asked) -> Material:
    states = [s for s in series.streams() if s.mine == mine]
    last = max((s.last for s in states), default=0.0) + 1.0
    end = _time(asked.end, "--end", last)
    start = _time(asked.start, "--start", end - asked.days * DAY_S)
    view = View(desks.folder / "ledger.jsonl")
    try:
        wanted = Wanted(mine, detector, start, end, asked.stream)
        names = names_of(series, desks, mine)
        if asked.stream is not None and asked.stream not in names:
            raise UsageError("there is no such stream", f"--stream {asked.stream}", "see export")
        return loaded(series, wanted, names, lambda: list(view.alerts()))
    finally:
        view.close()


def _head(material: Material) -> Iterator[str]:
    wanted = material.wanted
    span = f"{iso(wanted.start)} to {iso(wanted.end)}"
    yield f"{wanted.detector} of mine {wanted.mine}, {span}"
    known = {
        o: sum(one.opinion == o for one in material.labels) for o in ("confirmed", "unfounded")
    }
    yield (
        f"{material.count():,} scores of {len(material.scores)} streams; of findings "
        f"{known['confirmed']} were confirmed and {known['unfounded']} unfounded"
    )
    if not material.scores:
        yield "nothing is stored of it in that time: the live service stores what it judges"


def _document(
    material: Material,
    now: Threshold,
    other: Threshold,
    comparison: Comparison,
    points: Sequence[Point],
    best: Suggestion | None,
) -> dict[str, Any]:
    return {
        "schema": "trueshaft.tune/1",
        "mine": material.wanted.mine,
        "detector": material.wanted.detector,
        "stream": material.wanted.stream,
        "start": iso(material.wanted.start),
        "end": iso(material.wanted.end),
        "streams": [s.stream for s in material.scores],
        "in_force": asdict(now),
        "then": asdict(other),
        **told.comparison(comparison),
        "curve": told.points(points),
        "suggestion": asdict(best) if best else None,
    }


@contextmanager
def _shelf(desks: Desks) -> Iterator[Shelf]:
    ledger = Ledger(desks.folder / "ledger.jsonl")
    try:
        yield Shelf(desks, ledger)
    finally:
        ledger.close()


def _versions(desks: Desks, mine: str, asked: Asked) -> Iterator[str]:
    with _shelf(desks) as shelf:
        if asked.back_to is not None:
            entry = shelf.restore(mine, asked.back_to, asked.author())
            yield f"back to version {asked.back_to}; ledger entry {entry.seq}:{entry.hash}"
            return
        versions = shelf.versions(mine)
    if asked.as_json:
        yield json.dumps([asdict(v) for v in versions], ensure_ascii=False, indent=1)
        return
    for v in versions:
        each = (f"{c['detector']}.{c['key']} {c['old']} -> {c['new']}" for c in v.changes)
        back = f" (back to {v.back_to})" if v.back_to is not None else ""
        by = f" by {v.by}: {v.why}" if v.by else ""
        yield f"{v.seq}  {v.time}  {', '.join(each) or 'as it was before'}{back}{by}"
    if not versions:
        yield "no threshold was ever changed here"


def _time(text: str | None, option: str, otherwise: float) -> float:
    if text is None:
        return otherwise
    try:
        known = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError("it is no time", f"{option} {text}", "give ISO 8601") from error
    return (known if known.tzinfo else known.replace(tzinfo=UTC)).timestamp()
