"""The series store that a site's configuration names."""

from __future__ import annotations

from detector.apps.serve.desks import Desks
from detector.config.site import SqliteSeries as Sqlite
from detector.core.errors import ConfigError
from detector.edge.series import Series
from detector.edge.series.sqlite import SqliteSeries


def opened(desks: Desks) -> Series:
    """Open it. Raises StoreUnavailable where it cannot be reached."""
    chosen = desks.main.site.series or Sqlite()
    if isinstance(chosen, Sqlite):
        return SqliteSeries(desks.beside / chosen.path)
    raise ConfigError("InfluxDB is not there yet", "series.kind", 'write "sqlite"')
