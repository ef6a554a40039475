"""/metrics: what the service's processes and streams tell, as Prometheus reads it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from detector.apps.serve import status
from detector.edge.series import Series, StoreUnavailable

_COUNTERS = {
    "messages": "messages received",
    "acknowledged": "messages acknowledged after they were stored",
    "readings": "readings stored",
    "pictures": "pictures that arrived",
    "bad": "messages that could not be read",
    "dropped": "messages lost",
    "judgements": "judgements made",
    "sent": "notifications sent",
    "failed": "notifications that failed",
}
_GAUGES = {
    "queue": "messages waiting to be stored",
    "spool_bytes": "bytes waiting for the store",
    "connected": "1 where the broker is connected",
    "waiting": "watches waiting to be judged",
    "failing": "detectors that fail",
    "pending": "notifications waiting",
    "age_s": "seconds since the process told how it is",
}


class _Collector:
    def __init__(self, folder: Path, series: Series) -> None:
        self._folder, self._series = folder, series

    def collect(self) -> Iterator[Metric]:
        told = status.read(self._folder)
        yield GaugeMetricFamily("trueshaft_healthy", "1 where all is well", _healthy(told))
        for name, what in _COUNTERS.items():
            yield from _family(CounterMetricFamily, name, what, told)
        for name, what in _GAUGES.items():
            yield from _family(GaugeMetricFamily, name, what, told)
        lag = GaugeMetricFamily(
            "trueshaft_stream_lag_seconds",
            "since a stream's last sample",
            labels=["mine", "stream"],
        )
        try:
            for stream in self._series.streams():
                lag.add_metric([stream.mine, stream.stream], time.time() - stream.last)
        except StoreUnavailable:
            return  # trueshaft_healthy tells
        yield lag


def _healthy(told: Mapping[str, Mapping[str, Any]]) -> float:
    return float(not status.problems(told))


def _family(
    made: Any, name: str, what: str, told: Mapping[str, Mapping[str, Any]]
) -> Iterator[Metric]:
    family = made(f"trueshaft_{name}", what, labels=["role"])
    for role, values in told.items():
        if isinstance(values.get(name), int | float):
            family.add_metric([role], float(values[name]))
    if family.samples:
        yield family


def exposed(folder: Path, series: Series) -> bytes:
    """All metrics as text."""
    registry = CollectorRegistry()
    registry.register(_Collector(folder, series))
    return generate_latest(registry)
