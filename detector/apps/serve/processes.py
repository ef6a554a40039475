"""What each process of the service does, but for taking in."""

from __future__ import annotations

import logging
import sys
import threading
import time
from pathlib import Path
from typing import Any, cast

from detector.apps.serve.book import Book
from detector.apps.serve.desks import Desks
from detector.apps.serve.judge import Judge
from detector.apps.serve.pool import Pool
from detector.apps.serve.role import Stop, log_to_stderr, only_one
from detector.apps.serve.status import Status
from detector.apps.serve.status import read as statuses
from detector.apps.serve.store import Later, opened
from detector.apps.serve.troubles import Troubles, of_ingest
from detector.config.live import Retention
from detector.config.site import Console
from detector.edge.ledger import Ledger
from detector.edge.series import Series, StoreUnavailable

LOG = logging.getLogger("trueshaft")
#: Seconds between two cycles of the judge that found nothing to do.
_REST_S = 0.1
_LONG_S = 1e8


def judge_main(config: Path | None) -> None:
    """Judge until told to end; only one process does at a time."""
    log_to_stderr()
    stop, desks = Stop(), Desks(config)
    status = Status(desks.folder, "judge")
    with only_one(desks.folder, "judge", stop):
        while not stop:
            try:
                _judge(config, desks, status, stop)
            except StoreUnavailable as error:
                LOG.error("the store cannot be read: %s", error)
                status.write({"problems": [f"the store cannot be read: {error}"]}, now=True)
                stop.wait(2.0)


def _judge(config: Path | None, desks: Desks, status: Status, stop: Stop) -> None:
    ledger = Ledger(desks.folder / "ledger.jsonl")
    series = opened(desks)
    pool = Pool(config)
    try:
        book = Book(ledger, desks, time.time)
        judge, troubles = Judge(series, desks, book, pool), Troubles(book)
        due = 0.0
        told = desks.main.site.mine
        mine = told.code if told else "service"
        while not stop:
            more = judge.cycle()
            ingest = statuses(desks.folder).get("ingest", {})
            due = let_go(series, desks.live.retention, due)
            troubles.look([*of_ingest(ingest, mine), *judge.troubles()], time.time())
            status.write(judge.status())
            judge.blindness.write(time.monotonic())
            if not more:
                stop.wait(_REST_S)
        status.write(judge.status(), now=True)
    finally:
        pool.close()
        series.close()
        ledger.close()


def let_go(series: Series, retention: Retention, due: float) -> float:
    """Let go, once an hour, of what is older than it is to be kept; when it is due again, s."""
    now = time.time()
    if now < due:
        return due
    for kind in ("readings", "frames", "views", "scores", "episodes"):
        days: float = getattr(retention, f"{kind}_days")
        series.drop_before(kind, now - days * 86400.0)
    return now + 3600.0


def http_main(config: Path | None) -> None:
    """Answer over HTTP until told to end."""
    import uvicorn  # noqa: PLC0415 - only this process needs them

    from detector.apps.serve.http import service  # noqa: PLC0415
    from detector.apps.web import app as web  # noqa: PLC0415

    log_to_stderr()
    stop, desks = Stop(), Desks(config)
    console = desks.main.site.console or Console()
    series = cast("Series", Later(desks))
    room = web.opened(desks, series, lambda: bool(stop))
    app = service(desks, series, room.board)
    web.install(app, room)
    _tell_first(room.accounts.first(), console)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            host=console.host,
            port=console.port,
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=3,
        )
    )
    threading.Thread(target=_end, args=(server, stop), daemon=True).start()
    server.run()


def _tell_first(password: str | None, console: Console) -> None:
    """Print the first administrator's one-time password, once."""
    if password is not None:
        told = f"console: http://{console.host}:{console.port}, user admin, one-time password"
        sys.stdout.write(f"{told} {password} (told only now)\n")
        sys.stdout.flush()


def _end(server: Any, stop: Stop) -> None:
    stop.wait(_LONG_S)
    server.should_exit = True
