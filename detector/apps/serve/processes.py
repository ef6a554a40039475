"""What each process of the service does, but for taking in."""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from threadpoolctl import threadpool_limits

from detector.apps.serve.book import Book
from detector.apps.serve.desks import Desks
from detector.apps.serve.judge import Judge
from detector.apps.serve.pool import Pool
from detector.apps.serve.role import Stop, log_to_stderr, only_one
from detector.apps.serve.status import Status
from detector.apps.serve.status import read as statuses
from detector.apps.serve.store import Later, opened
from detector.apps.serve.troubles import Trouble, Troubles, of_ingest
from detector.config.live import Retention
from detector.config.site import Console
from detector.edge.ledger import Ledger
from detector.edge.series import Series, StoreUnavailable

LOG = logging.getLogger("trueshaft")
#: Seconds between two cycles of the judge that found nothing to do.
_REST_S = 0.05
_LONG_S = 1e8
#: What comes is taken in before it is judged, where there is not time for both.
_NICE = 5
#: Seconds before a store that is down is asked again.
_AGAIN_S = 1.0


def judge_main(config: Path | None) -> None:
    """Judge until told to end; only one process does at a time."""
    log_to_stderr()
    os.nice(_NICE)
    stop, desks = Stop(), Desks(config)
    threadpool_limits(1)  # small products: threads waiting for each other cost more
    with only_one(desks.folder, "judge", stop):
        if not stop:
            _Office(config, desks, stop).run()


class _Office:
    """The judge and its book. The book goes on while the store is down."""

    def __init__(self, config: Path | None, desks: Desks, stop: Stop) -> None:
        self._config, self._desks, self._stop = config, desks, stop
        self._status = Status(desks.folder, "judge")
        self._ledger = Ledger(desks.folder / "ledger.jsonl")
        self._book = Book(self._ledger, desks, time.time)
        self._troubles = Troubles(self._book)
        told = desks.main.site.mine
        self._mine = told.code if told else "service"
        self._problem = ""
        self._let_go = 0.0

    def run(self) -> None:
        """Until told to end; a store that is down is tried again."""
        while not self._stop:
            try:
                self._judge()
            except StoreUnavailable as error:
                if not self._problem:
                    LOG.error("the store cannot be read: %s", error)
                self._problem = f"the store cannot be read: {error}"
                self._look([])
                self._status.write({"problems": [self._problem]}, now=True)
                self._stop.wait(_AGAIN_S)
        self._ledger.close()

    def _judge(self) -> None:
        series, pool = opened(self._desks), Pool(self._config)
        try:
            judge = Judge(series, self._desks, self._book, pool)
            self._problem = ""
            while not self._stop:
                more = judge.cycle()
                if self._status.due:
                    self._look(judge.troubles())
                    self._let_go = let_go(series, self._desks.live.retention, self._let_go)
                    self._status.write(judge.status())
                    judge.blindness.write(time.monotonic())
                if not more:
                    self._stop.wait(_REST_S)
            judge.close()
            self._status.write(judge.status(), now=True)
        finally:
            pool.close()
            series.close()

    def _look(self, failing: Sequence[Trouble]) -> None:
        """What is wrong becomes alerts; time passes for those there are."""
        ingest = statuses(self._desks.folder).get("ingest", {})
        self._troubles.look([*of_ingest(ingest, self._mine), *failing], time.time())
        self._book.tick()


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
