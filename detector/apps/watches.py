"""The watches of a mine: every detector bound to the streams it judges."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from detector.apps.audit.shafts import shafts_of
from detector.config.site import Site
from detector.detectors import ACROSS, CATALOGUE, SHAFT, VIDEO
from detector.detectors.copied_signal import CopiedSignal
from detector.detectors.flat_signal import FlatSignal
from detector.detectors.inconsistent_production import InconsistentProduction
from detector.detectors.inconsistent_readings import InconsistentReadings
from detector.edge.models import Models
from detector.pipeline import Watch


def bindings(
    site: Site, cameras: tuple[str, ...], reported: tuple[str, ...]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each detector with what a watch of it is bound to: a stream, all of its kind, or a shaft."""
    for name in CATALOGUE:
        streams = cameras if name in VIDEO else reported
        if name in SHAFT:
            shafts = shafts_of(site, cameras, reported) if reported else []
            yield from ((name, (*shaft.cameras, *shaft.streams)) for shaft in shafts)
        elif name in ACROSS:
            yield from [(name, streams)] if streams else []
        else:
            yield from ((name, (stream,)) for stream in streams)


def watch(
    name: str, streams: tuple[str, ...], parameters: Mapping[str, Any], models: Models
) -> Watch:
    """A fresh watch; it knows what was learned of the site."""
    make, _ = CATALOGUE[name]
    detector = make(parameters[name])
    if isinstance(detector, InconsistentProduction):
        detector.know(models.production)
    elif isinstance(detector, InconsistentReadings | FlatSignal | CopiedSignal):
        detector.know(models.relations)
    return Watch(name, streams, detector)
