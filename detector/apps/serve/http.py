"""The service over HTTP: how it is, its alerts, streams, series and thresholds."""

from __future__ import annotations

import math
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import numpy as np
from fastapi import FastAPI, HTTPException, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from detector import __version__
from detector.apps.serve import status
from detector.apps.serve.asking import Answerer, Asker, Reader, by_token
from detector.apps.serve.board import Board, Row
from detector.apps.serve.desks import Desks
from detector.apps.serve.metrics import exposed
from detector.config.site import Console
from detector.core.alert import DISPOSITIONS
from detector.edge.ledger import Ledger
from detector.edge.series import Key, Series, StoreUnavailable, StreamState

#: Points of a series at most.
POINTS = 20_000
_REFUSED: dict[int | str, dict[str, Any]] = {
    401: {"description": "no token, or none that holds"},
    403: {"description": "the token is not for this"},
    503: {"description": "the store cannot be read now"},
}
_MISSING: dict[int | str, dict[str, Any]] = {404: {"description": "there is no such thing"}}
_SEVERAL: dict[int | str, dict[str, Any]] = {
    409: {"description": "several mines have a stream of that name"}
}


class Handling(BaseModel):
    """What a person does with an alert."""

    model_config = ConfigDict(extra="forbid")

    state: Literal["open", "acknowledged", "in_progress", "done"]
    disposition: str | None = None
    by: str = Field(
        default="", max_length=80, description="who; of a user's token it is always the user"
    )
    note: str = Field(default="", max_length=2000)


def service(desks: Desks, series: Series, board: Board | None = None) -> FastAPI:
    """The application. ``app.state.guard`` says who asks; the console puts its own there."""
    app = FastAPI(
        title="trueshaft",
        version=__version__,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    app.add_exception_handler(StoreUnavailable, _unavailable)
    app.state.guard = by_token(desks.main.site.console or Console())
    path = desks.folder / "ledger.jsonl"
    _about(app, desks, series)
    _alerts(app, Ledger(path), board or Board(path))
    _streams(app, desks, series)
    return app


def _unavailable(_: Request, error: Exception) -> Response:
    return JSONResponse({"detail": f"the store cannot be read: {error}"}, 503)


def _about(app: FastAPI, desks: Desks, series: Series) -> None:
    @app.get("/healthz", responses={503: {"description": "something is wrong, and what"}})
    def healthz(response: Response) -> dict[str, Any]:
        """200 while readings are stored and detectors run, else 503 with what is wrong."""
        wrong = status.problems(status.read(desks.folder))
        response.status_code = 503 if wrong else 200
        return {"status": "failing" if wrong else "ok", "problems": wrong, "version": __version__}

    @app.get("/metrics")
    def metrics() -> Response:
        """For Prometheus."""
        return Response(exposed(desks.folder, series), media_type="text/plain; version=0.0.4")

    @app.get("/api/v1/thresholds", responses=_REFUSED)
    def thresholds(_: Reader) -> dict[str, Any]:
        """The thresholds in force."""
        desks.renewed()
        return {n: asdict(t) for n, t in desks.main.thresholds.items()}


def _alerts(app: FastAPI, ledger: Ledger, board: Board) -> None:
    def known(identity: str, who: Asker) -> Row:
        board.refresh()
        row = board.row(identity)
        if row is None or not who.sees(row.mine):
            raise HTTPException(404, "there is no such alert")
        return row

    @app.get("/api/v1/alerts", responses=_REFUSED)
    def alerts(
        who: Reader,
        mine: str | None = None,
        state: str | None = None,
        severity: str | None = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    ) -> dict[str, Any]:
        """Alerts, the last updated first."""
        board.refresh()
        known = board.rows(who.sees) if mine is None else board.of_mine(mine)
        chosen = [
            row
            for row in known
            if (state is None or row.state == state)
            and (severity is None or row.severity == severity)
            and (mine is None or who.sees(mine))
        ]
        return {"alerts": [board.document(r) for r in chosen[:limit]], "total": len(chosen)}

    @app.get("/api/v1/alerts/{identity}", responses=_REFUSED | _MISSING)
    def alert(who: Reader, identity: str) -> dict[str, Any]:
        """An alert with its history."""
        row = known(identity, who)
        return {**board.document(row), "history": board.history(identity)}

    @app.post("/api/v1/alerts/{identity}", responses=_REFUSED | _MISSING)
    def handle(who: Answerer, identity: str, handling: Handling) -> dict[str, Any]:
        """Acknowledge an alert, say that it is looked into, or what it was."""
        row = known(identity, who)
        by = who.name or handling.by
        if not by:
            raise HTTPException(422, "say who it is: by")
        if handling.disposition is not None and handling.disposition not in DISPOSITIONS:
            raise HTTPException(422, f"disposition is one of {', '.join(DISPOSITIONS)}")
        if handling.state == "done" and not (handling.disposition or row.disposition):
            raise HTTPException(422, f"say what it was: one of {', '.join(DISPOSITIONS)}")
        told = {**handling.model_dump(), "by": by}
        entry = ledger.append("handled", {"alert": identity, **told})
        return {"seq": entry.seq, "hash": entry.hash}


def _streams(app: FastAPI, desks: Desks, series: Series) -> None:
    @app.get("/api/v1/streams", responses=_REFUSED)
    def streams(who: Reader, mine: str | None = None) -> dict[str, Any]:
        """All streams: what they are, their last value, how long ago."""
        now = datetime.now(UTC).timestamp()
        known = [s for s in series.streams() if mine in (None, s.mine) and who.sees(s.mine)]
        return {"streams": [_stream(s, desks, now) for s in known]}

    @app.get("/api/v1/series/{stream:path}", responses=_REFUSED | _MISSING | _SEVERAL)
    def one(
        who: Reader,
        stream: str,
        mine: str | None = None,
        start: str | None = None,
        end: str | None = None,
        detector: str | None = None,
        points: Annotated[int, Query(ge=2, le=POINTS)] = 2000,
    ) -> dict[str, Any]:
        """Readings of a stream or, with ``detector``, its scores; the last day without times."""
        known = [s for s in series.streams() if s.stream == stream and who.sees(s.mine)]
        states = [s for s in known if mine in (None, s.mine)]
        if not states:
            raise HTTPException(404, "there is no such stream")
        if len({s.mine for s in states}) > 1:
            raise HTTPException(409, "several mines have a stream of that name: give mine=")
        until = _time(end, max(s.last for s in states) + 1e-6)
        since = _time(start, until - 86400.0)
        key = Key(states[0].mine, stream)
        found = (
            series.scores(key.mine, detector, stream, since, until)
            if detector
            else series.readings(key, since, until)
        )
        return {"mine": key.mine, "stream": stream} | _columns(found.time, found.value, points)


def _stream(state: StreamState, desks: Desks, now: float) -> dict[str, Any]:
    site = desks[state.mine].site
    told = next((s for s in site.streams if s.name == state.stream), None)
    return {
        "mine": state.mine,
        "stream": state.stream,
        "kind": "camera" if state.kind == "video" else told.kind if told else "other",
        "unit": told.unit if told else "",
        "location": told.location if told else "",
        "shaft": desks[state.mine].shaft(state.stream) or None,
        "first": state.first,
        "last": state.last,
        "lag_s": now - state.last,
        "value": state.value if math.isfinite(state.value) else None,
        "count": state.count,
    }


def _columns(time: Any, value: Any, points: int) -> dict[str, Any]:
    """Columns, the lowest and the highest of each bucket where there are too many rows."""
    rows = np.arange(len(time))
    if len(rows) > points:
        filled = np.nan_to_num(value)
        buckets = np.array_split(rows, points // 2)
        ends = {int(b[pick(filled[b])]) for b in buckets for pick in (np.argmin, np.argmax)}
        rows = np.array(sorted(ends))
    values = [v if math.isfinite(v) else None for v in value[rows].tolist()]
    return {"time": time[rows].tolist(), "value": values, "rows": len(time)}


def _time(text: str | None, otherwise: float) -> float:
    if text is None:
        return otherwise
    try:
        try:
            return float(text)
        except ValueError:
            known = datetime.fromisoformat(text.replace(" ", "+"))
            return (known if known.tzinfo else known.replace(tzinfo=UTC)).timestamp()
    except ValueError as error:
        raise HTTPException(422, f"{text!r} is no time: give ISO 8601 or Unix seconds") from error
