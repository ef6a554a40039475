"""The series store that a site's configuration names."""

from __future__ import annotations

import os
from threading import Lock
from typing import Any

from detector.apps.serve.desks import Desks
from detector.config.site import SqliteSeries as Sqlite
from detector.edge.series import Series
from detector.edge.series.sqlite import SqliteSeries


def opened(desks: Desks) -> Series:
    """Open it. Raises StoreUnavailable where it cannot be reached."""
    chosen = desks.main.site.series or Sqlite()
    if isinstance(chosen, Sqlite):
        path = desks.beside / chosen.path
        return SqliteSeries(path.with_name(path.stem + desks.shard.suffix + path.suffix))
    from detector.edge.series.influx import InfluxSeries  # noqa: PLC0415 - imports much
    from detector.edge.series.influxql import Influx  # noqa: PLC0415

    token = os.environ.get(chosen.token_env, "")
    return InfluxSeries(Influx(chosen.url, chosen.org, chosen.bucket, token))


class Later:
    """A store that is opened when it is first asked, and whenever that did not succeed."""

    def __init__(self, desks: Desks) -> None:
        self._desks, self._lock = desks, Lock()
        self._series: Series | None = None

    def __getattr__(self, name: str) -> Any:
        with self._lock:
            if self._series is None:
                self._series = opened(self._desks)
        return getattr(self._series, name)
