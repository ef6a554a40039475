"""The evidence package of an alert, to be downloaded."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import cast
from urllib.parse import quote

from fastapi import APIRouter, Request, Response

from detector.apps.evidence.gathering import Case, gathered
from detector.apps.evidence.summary import Figure, Making, summary
from detector.apps.report import schema
from detector.apps.report.html import TEMPLATES as REPORT
from detector.apps.report.texts import LANGUAGES
from detector.apps.serve.board import Row
from detector.apps.serve.shots import shots as shots_of
from detector.apps.serve.telling import iso
from detector.apps.web import figure, pictures
from detector.apps.web.access import Viewer
from detector.apps.web.alert import known
from detector.apps.web.pages import environment, times
from detector.apps.web.room import Room, room
from detector.apps.web.telling import episodes, withdrawn
from detector.apps.web.times import Times
from detector.apps.web.words import Lang, Words, words
from detector.edge.accounts import User
from detector.edge.ledger import Entry
from detector.edge.package import packed
from detector.edge.site_key import fingerprint, public_text, site_key

router = APIRouter(include_in_schema=False)


@router.get("/alerts/{identity}/evidence.zip")
def evidence(request: Request, user: Viewer, identity: str) -> Response:
    """The package; who took it is noted in the ledger with its hash."""
    here = room(request)
    row = known(here, user, identity)
    content = package(here, row, user, times(request))
    sha256 = hashlib.sha256(content).hexdigest()
    here.note("evidence", user, alert=row.id, mine=row.mine, sha256=sha256, bytes=len(content))
    name = f"evidence-{row.mine}-{row.id}.zip"
    headers = {"Content-Disposition": attached(name)}
    return Response(content, media_type="application/zip", headers=headers)


def attached(name: str) -> str:
    """The header that gives a download its name, whatever letters the mine's code has."""
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def package(here: Room, row: Row, user: User, clock: Times) -> bytes:
    """The package of an alert as it is now. ConfigError, StoreUnavailable."""
    key, new = site_key(here.desks.folder)
    public = public_text(key.public_key())
    if new:
        here.note("site_key", user, public_key=public, fingerprint=fingerprint(public))
    document, desk = here.board.document(row), here.desks[row.mine]
    case = Case(document, episodes(document, clock), _entries(here, row), desk)

    def shots(episode: schema.Episode) -> Iterator[tuple[str, bytes]]:
        for number, shot in enumerate(shots_of(desk, episode)):
            drawn = pictures.drawn(here.series, here.shown, row.mine, shot)
            if drawn is not None:
                yield f"{number}-{shot.label}", drawn

    files = gathered(case, here.series, shots)
    making = Making(iso(clock.now), user.name, fingerprint(public))
    names = sorted(files)
    for lang in LANGUAGES:
        t = words(cast("Lang", lang))
        drawn = _figure(here, row, case, t, clock)
        files[f"summary.{lang}.html"] = summary(case, names, making, drawn, t, clock.full)
    about = {
        "alert": row.id,
        "mine": row.mine,
        "made": making.made,
        "by": making.by,
        "config_digest": desk.configuration.digest(desk.parameters),
        "ledger": {"seq": row.seq, "hash": row.hash},
    }
    return packed(files, about, key)


def _figure(here: Room, row: Row, case: Case, t: Words, clock: Times) -> Figure:
    standing = [e for e in case.episodes if not withdrawn(e)] or list(case.episodes)
    curves = figure.case(here, row, standing, t, clock, whole=True)
    page = environment(cast("Lang", t.lang)).get_template("figure.html")
    css = (REPORT / "report.css").read_text("utf-8")
    if curves is None:
        return Figure("", css)
    unseen = figure.unseen(here, row, standing)
    return Figure(page.render(case=curves, alert=row, cut=False, unseen=unseen), css)


def _entries(here: Room, row: Row) -> list[Entry]:
    """The entries of the ledger that are about the alert; of many that only go on with the same
    the first and the last."""
    events = here.board.history(row.id)
    seqs = {seq for event in events for seq in (event.get("first", event["seq"]), event["seq"])}
    seqs.add(row.seq)
    return [e for seq in sorted(seqs) for e in here.board.entries(seq, 1)]
