"""Which pictures show an episode, and those that the service keeps of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from detector.apps.report import schema
from detector.apps.serve.desks import Desk, Desks
from detector.edge.ledger import Ledger
from detector.edge.shown import Kept, Shown

#: Cameras side by side are to show one moment, s; before an episode, and where nothing shows it, a
#: picture may be so much earlier or later, s.
_SAME_S, _NEAR_S = 0.6, 30.0
#: Seconds for which pictures of an alert are waited for, as they come once in a while, and between
#: two looks for them.
_COMING_S, _AGAIN_S = 60.0, 5.0
#: Entries of the ledger that are looked at again at the start: what is older is held, or gone.
_RECENT = 1000
#: Findings that are seen in pictures.
_SEEN = (
    *("frozen_frame", "replayed_video", "duplicated_video", "uninformative_frame"),
    *("moved_camera", "inconsistent_shaft"),
)


@dataclass(frozen=True)
class Shot:
    """A picture to show: of ``stream`` at ``at`` s (Unix), or at another time from ``first`` to
    ``last``. ``label`` as stills of reports have; shots of one ``pair`` belong side by side."""

    stream: str
    at: float
    label: str
    pair: int
    first: float
    last: float


def shots(desk: Desk, episode: schema.Episode) -> list[Shot]:
    """The pictures that show an episode: both showings of a duplicate or replay, else before and
    during it."""
    if episode.detector not in _SEEN:
        return []
    start, end = episode.start_s, episode.end_s
    length = end - start
    if episode.other is not None:
        lag, other = episode.other.lag_s, episode.other.stream
        places = [start + part * length for part in (0.5, 0.1, 0.9)]
        return [
            shot
            for pair, at in enumerate(places)
            for shot in (
                _moment(episode.stream, at, "own", pair),
                _moment(other, at - lag, "other", pair),
            )
        ]
    cameras = [c.name for c in desk.site.cameras if c.name == episode.stream]
    if episode.detector == "inconsistent_shaft" and not cameras:
        cameras = _cameras(desk, desk.shaft(episode.stream))
    camera = cameras[0] if cameras else episode.stream
    return [
        Shot(camera, start - 2.0, "before", 0, start - _NEAR_S, start - 0.01),
        Shot(camera, start + 0.5 * length, "during", 0, start, end),
    ]


def _moment(stream: str, at: float, label: str, pair: int) -> Shot:
    return Shot(stream, at, label, pair, at - _SAME_S, at + _SAME_S)


def _cameras(desk: Desk, shaft: str | None) -> list[str]:
    return [c.name for c in desk.site.cameras if c.shaft == shaft]


def _around(desk: Desk, shaft: str | None, episode: schema.Episode) -> list[Shot]:
    """Pictures of a shaft's cameras from when an episode began."""
    start, end = episode.start_s - _NEAR_S, episode.end_s + _NEAR_S
    names = _cameras(desk, shaft) if shaft else []
    return [Shot(name, episode.start_s, "", 0, start, end) for name in names]


def shown_of(desks: Desks) -> Shown:
    """Where the service keeps pictures."""
    told = desks.live.stills
    kept = Kept(told.every_s, 60 * told.minutes, 86400 * told.days, told.bytes)
    return Shown(desks.folder / "pictures.db", kept)


def kept(shown: Shown, mine: str, shot: Shot) -> bytes | None:
    """The picture as its camera sent it (JPEG), where one is kept."""
    return shown.find(mine, shot.stream, shot.first, shot.last, shot.at)


def still(desks: Desks, shown: Shown, alert: Mapping[str, Any]) -> bytes | None:
    """A picture (JPEG) that goes with an alert: one that shows what was found, else one of that
    camera, or of a camera of its shaft, from when it began."""
    desk = desks[alert["mine"]]
    for episode in reversed(_episodes(alert)):
        seen = [s for s in shots(desk, episode) if s.label in ("during", "own")]
        start, end = episode.start_s - _NEAR_S, episode.end_s + _NEAR_S
        close = [Shot(s.stream, s.at, "", 0, start, end) for s in seen[:1]]
        for shot in (*seen, *close, *_around(desk, alert["shaft"], episode)):
            picture = kept(shown, desk.mine, shot)
            if picture is not None:
                return picture
    return None


def _episodes(alert: Mapping[str, Any]) -> list[schema.Episode]:
    return [schema.Episode.model_validate(told) for told in alert["episodes"]]


class Holder:
    """Has the pictures of alerts kept for longer; ``clock`` counts on, s."""

    def __init__(
        self, desks: Desks, shown: Shown, ledger: Ledger, clock: Callable[[], float]
    ) -> None:
        self._desks, self._shown, self._ledger, self._clock = desks, shown, ledger, clock
        self._seq = max(0, ledger.last_seq() - _RECENT)
        self._waiting: dict[tuple[str, str], tuple[list[Shot], float]] = {}
        self._again = 0.0

    def look(self) -> None:
        """Take up what the ledger says, and hold what has come."""
        now = self._clock()
        if self._ledger.last_seq() != self._seq:
            for entry in list(self._ledger.entries(self._seq)):
                self._seq = entry.seq
                if entry.kind == "alert":
                    self._take(entry.document, now)
        if self._waiting and now >= self._again:
            self._again = now + _AGAIN_S
            for (mine, _), (wanted, _) in self._waiting.items():
                for shot in wanted:
                    self._shown.hold(mine, shot.stream, shot.first, shot.last, shot.at)
            self._waiting = {k: v for k, v in self._waiting.items() if now < v[1]}

    def _take(self, alert: Mapping[str, Any], now: float) -> None:
        desk = self._desks[alert["mine"]]
        for episode in _episodes(alert):
            wanted = [*shots(desk, episode), *_around(desk, alert["shaft"], episode)]
            if wanted:
                self._waiting[desk.mine, episode.id] = wanted, now + _COMING_S
