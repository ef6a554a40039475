"""/metrics: what the service's processes and streams tell, as Prometheus reads it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from detector.apps.serve import blindness, status
from detector.edge.series import Series, StoreUnavailable

_COUNTERS = {
    "messages": "messages received",
    "acknowledged": "messages acknowledged after they were stored",
    "readings": "readings stored",
    "pictures": "pictures that arrived",
    "bad": "messages that could not be read",
    "refused": "readings and pictures of streams that are not taken",
    "dropped": "messages acknowledged and not stored",
    "judgements": "judgements made",
    "sent": "notifications sent",
    "failed": "notifications that failed",
}
_GAUGES = {
    "queue": "messages waiting to be stored",
    "spool_bytes": "bytes waiting for the store",
    "spool_batches": "batches waiting for the store",
    "spool_damaged": "batches put aside as the store refuses them or their file is damaged",
    "store_down": "1 where the store takes nothing",
    "connected": "1 where the broker is connected",
    "watches": "checks of streams",
    "waiting": "checks waiting to be judged",
    "longest_wait_s": "seconds that a check has waited to be judged, at most",
    "failing": "detectors that fail",
    "pending": "notifications waiting",
    "age_s": "seconds since the process told how it is",
}


#: Of each channel of notifications.
_OF_CHANNELS = {
    "sent": (CounterMetricFamily, "notifications sent on a channel"),
    "failed": (CounterMetricFamily, "notifications that failed on a channel"),
    "pending": (GaugeMetricFamily, "alerts still to be told on a channel"),
}
_OF_STREAMS = ["mine", "stream"]


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
        yield from _channels(told.get("notify", {}).get("channels", {}))
        yield from _blind(self._folder)
        lag = GaugeMetricFamily(
            "trueshaft_stream_lag_seconds", "since a stream's last sample", labels=_OF_STREAMS
        )
        try:
            for stream in self._series.streams():
                lag.add_metric([stream.mine, stream.stream], time.time() - stream.last)
        except StoreUnavailable:
            return  # trueshaft_healthy tells
        yield lag


def _channels(told: Mapping[str, Mapping[str, float]]) -> Iterator[Metric]:
    for name, (made, what) in _OF_CHANNELS.items():
        family = made(f"trueshaft_channel_{name}", what, labels=["channel"])
        for channel, counts in told.items():
            family.add_metric([channel], counts[name])
        yield family


def _blind(folder: Path) -> Iterator[Metric]:
    """Of every stream, how many of its checks are blind, and since when it is to be looked after:
    none sees it, or one has lost sight of it."""
    checks = GaugeMetricFamily(
        "trueshaft_stream_blind_checks", "checks that cannot judge a stream", labels=_OF_STREAMS
    )
    seconds = GaugeMetricFamily(
        "trueshaft_stream_blind_seconds",
        "for how long a stream cannot be judged by any check, or by one that could; 0: it can",
        labels=_OF_STREAMS,
    )
    for mine, streams in blindness.read(folder).items():
        for stream, sight in streams.items():
            dark = [one for one in sight.values() if one is not None]
            since = [one.since for one in dark if one.lost or len(dark) == len(sight)]
            checks.add_metric([mine, stream], len(dark))
            blind_s = max(time.time() - min(since), 0.0) if blindness.is_dark(sight) else 0.0
            seconds.add_metric([mine, stream], blind_s)
    yield checks
    yield seconds


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
