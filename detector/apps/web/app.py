"""The console as part of the service's application."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from threading import Thread
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.exception_handlers import (
    http_exception_handler,
    request_validation_exception_handler,
)
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from detector.apps.report.html import TEMPLATES as REPORT
from detector.apps.serve.board import Board
from detector.apps.serve.desks import Desks
from detector.apps.serve.shots import shown_of
from detector.apps.web import access, headers
from detector.apps.web.api import guard
from detector.apps.web.pages import STATIC, again, page
from detector.apps.web.room import Room
from detector.config.site import Console
from detector.edge.accounts import Accounts
from detector.edge.ledger import Ledger
from detector.edge.series import Series, StoreUnavailable
from detector.edge.sessions import Sessions

#: Addresses that programs ask.
_PROGRAMS = ("/api/", "/healthz", "/metrics")
#: The text that tells of a status.
_KEYS = {403: "role", 404: "missing", 405: "missing", 503: "store"}
#: The modules that have pages, in the order of their routes.
PAGES = (
    "signing",
    "overview",
    "alert",
    "handling",
    "events",
    "streams",
    "audits",
    "users",
    "tuning",
    "evidence",
    "ledger",
)


def opened(desks: Desks, series: Series, ending: Callable[[], bool] = lambda: False) -> Room:
    """What the console works with, in the service's folder."""
    accounts = Accounts(desks.folder / "console.db")
    ledger = desks.folder / "ledger.jsonl"
    writing, board = Ledger(ledger), Board(ledger)
    board.loading = True
    Thread(target=board.load, daemon=True).start()
    sessions, shown = Sessions(accounts), shown_of(desks)
    return Room(desks, series, writing, board, accounts, sessions, shown, ending=ending)


def install(app: FastAPI, room: Room) -> None:
    """Add the console to an application."""
    app.state.room = room
    app.state.guard = guard(room)
    console = room.desks.main.site.console or Console()
    headers.install(app, console.upload_bytes)
    app.add_exception_handler(access.NotSignedIn, _sign_in)
    app.add_exception_handler(access.MustChange, _change)
    app.add_exception_handler(access.Forbidden, _forbidden)
    app.add_exception_handler(access.Missing, _missing)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _refused)
    app.add_exception_handler(StoreUnavailable, _refused)
    app.add_exception_handler(Exception, _refused)
    for name in PAGES:
        app.include_router(import_module(f"detector.apps.web.{name}").router)
    app.mount("/static", StaticFiles(directory=STATIC), "static")

    @app.get("/report.css", include_in_schema=False)
    def report_css() -> Response:
        return Response((REPORT / "report.css").read_text("utf-8"), media_type="text/css")


def _sign_in(request: Request, _: Exception) -> Response:
    if request.url.path.startswith("/api/"):
        return Response(status_code=401)
    return _to(request, f"/login?next={quote(again(request), safe='')}")


def _change(request: Request, _: Exception) -> Response:
    return _to(request, "/account")


def _to(request: Request, address: str) -> Response:
    if request.headers.get("hx-request"):
        return Response(status_code=204, headers={"HX-Redirect": address})
    return RedirectResponse(address, 303)


def _forbidden(request: Request, error: Exception) -> Response:
    assert isinstance(error, access.Forbidden)
    return page(request, "error.html", 403, key=error.key)


def _missing(request: Request, _: Exception) -> Response:
    return page(request, "error.html", 404, key="missing")


async def _refused(request: Request, error: Exception) -> Response:
    """Programs are told in JSON, people on a page that says what to do."""
    if request.url.path.startswith(_PROGRAMS):
        return await _plain(request, error)
    code, told = 500, ""
    if isinstance(error, HTTPException):
        code, told = error.status_code, str(error.detail)
    elif isinstance(error, StoreUnavailable | RequestValidationError):
        code = 503 if isinstance(error, StoreUnavailable) else 422
    key = _KEYS.get(code, "request" if code < 500 else "fault")
    shown = await run_in_threadpool(page, request, "error.html", code, key=key, told=told)
    shown.headers.update(headers.ALWAYS)  # of a fault, nothing else adds them
    return shown


async def _plain(request: Request, error: Exception) -> Response:
    if isinstance(error, RequestValidationError):
        return await request_validation_exception_handler(request, error)
    if isinstance(error, HTTPException):
        return await http_exception_handler(request, error)
    if isinstance(error, StoreUnavailable):
        return JSONResponse({"detail": f"the store cannot be read: {error}"}, 503)
    return JSONResponse({"detail": "the service has a fault; its log tells which"}, 500)
