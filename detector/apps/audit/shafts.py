"""Which cameras and streams belong to which shaft, as the site's configuration says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from detector.config.site import Site, Stream

#: Kinds that tell of a shaft by what they measure.
_OF_A_SHAFT = frozenset({"hoist", "belt_scale", "count"})


@dataclass(frozen=True)
class Shaft:
    """A shaft's cameras and streams among those that were audited."""

    name: str
    cameras: tuple[str, ...]
    streams: tuple[str, ...]


def shafts_of(site: Site, cameras: Sequence[str], streams: Sequence[str]) -> list[Shaft]:
    """The shafts that cameras watch, in order of names.

    A stream belongs to the shaft that it names, else to the one that its location names. Where the
    site has one shaft and no stream names any, its hoists, belt scales and counts are that shaft's.
    """
    watched = {c.name: c.shaft for c in site.cameras if c.name in cameras}
    names = sorted(set(watched.values()))
    told = {s.name: s for s in site.streams if s.name in streams}
    alone = len({c.shaft for c in site.cameras}) == 1 and not any(s.shaft for s in site.streams)
    return [
        Shaft(
            name,
            tuple(sorted(c for c, shaft in watched.items() if shaft == name)),
            tuple(sorted(s for s, stream in told.items() if _belongs(stream, name, names, alone))),
        )
        for name in names
    ]


def _belongs(stream: Stream, shaft: str, names: Sequence[str], alone: bool) -> bool:
    if stream.shaft:
        return stream.shaft == shaft
    located = [n for n in names if n.lower() in stream.location.lower()]
    if located:
        return max(located, key=len) == shaft
    return alone and stream.kind in _OF_A_SHAFT
