"""What each process of the service does, but for taking in."""

from __future__ import annotations

import fcntl
import logging
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import uvicorn

from detector.apps.serve.book import Book
from detector.apps.serve.desks import Desks
from detector.apps.serve.http import service
from detector.apps.serve.judge import Judge
from detector.apps.serve.pool import Pool
from detector.apps.serve.role import Stop, log_to_stderr
from detector.apps.serve.status import Status
from detector.apps.serve.status import read as statuses
from detector.apps.serve.store import Later, opened
from detector.apps.serve.troubles import Troubles, of_ingest
from detector.apps.web import app as web
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
        told = desks.main.site.mine
        mine = told.code if told else "service"
        while not stop:
            more = judge.cycle()
            ingest = statuses(desks.folder).get("ingest", {})
            troubles.look([*of_ingest(ingest, mine), *judge.troubles()], time.time())
            status.write(judge.status())
            if not more:
                stop.wait(_REST_S)
        status.write(judge.status(), now=True)
    finally:
        pool.close()
        series.close()
        ledger.close()


def http_main(config: Path | None) -> None:
    """Answer over HTTP until told to end."""
    log_to_stderr()
    stop, desks = Stop(), Desks(config)
    console = desks.main.site.console or Console()
    series = cast("Series", Later(desks))
    app = service(desks, series)
    room = web.opened(desks, series, lambda: bool(stop))
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


def _end(server: uvicorn.Server, stop: Stop) -> None:
    stop.wait(_LONG_S)
    server.should_exit = True


@contextmanager
def only_one(folder: Path, role: str, stop: Stop) -> Iterator[None]:
    """Wait until no other process has this role: one that is orphaned ends in a moment."""
    path = folder / "status" / f"{role}.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        while not stop:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                stop.wait(0.1)
        yield
