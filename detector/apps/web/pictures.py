"""Pictures of an episode as the service keeps them: about one a second, 128 x 72, grey."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from detector.apps.report import schema
from detector.apps.serve.desks import Desk
from detector.core.observation import U8
from detector.edge.series import Key, Series

#: Width and height as drawn, and how far from its time a picture may be, s.
SIZE = (512, 288)
_NEAR_S = 5.0
#: Findings that are seen in pictures.
_SEEN = (
    *("frozen_frame", "replayed_video", "duplicated_video", "uninformative_frame"),
    *("moved_camera", "inconsistent_shaft"),
)


@dataclass(frozen=True)
class Shot:
    """A picture to show: of ``stream`` at ``at`` s (Unix). ``label`` as stills of reports have;
    shots of one ``pair`` belong side by side."""

    stream: str
    at: float
    label: str
    pair: int


def shots(desk: Desk, episode: schema.Episode) -> list[Shot]:
    """The pictures that show an episode: both showings of a duplicate or replay, else before and
    during it."""
    if episode.detector not in _SEEN:
        return []
    length = episode.end_s - episode.start_s
    if episode.other is not None:
        lag, other = episode.other.lag_s, episode.other.stream
        places = [episode.start_s + part * length for part in (0.5, 0.1, 0.9)]
        return [
            shot
            for pair, at in enumerate(places)
            for shot in (
                Shot(episode.stream, at, "own", pair),
                Shot(other, at - lag, "other", pair),
            )
        ]
    cameras = [c.name for c in desk.site.cameras if c.name == episode.stream]
    if episode.detector == "inconsistent_shaft" and not cameras:
        shaft = desk.shaft(episode.stream)
        cameras = [c.name for c in desk.site.cameras if c.shaft == shaft]
    camera = cameras[0] if cameras else episode.stream
    return [
        Shot(camera, episode.start_s - 2.0, "before", 0),
        Shot(camera, episode.start_s + 0.5 * length, "during", 0),
    ]


def drawn(series: Series, mine: str, shot: Shot) -> bytes | None:
    """The picture as PNG; None where the service has kept none near that time."""
    views = series.views(Key(mine, shot.stream), shot.at - _NEAR_S, shot.at + _NEAR_S)
    if not len(views):
        return None
    nearest = int(np.argmin(np.abs(views.time - shot.at)))
    return _png(views.layout[nearest])


def _png(layout: U8) -> bytes:
    picture = cv2.resize(np.ascontiguousarray(layout), SIZE, interpolation=cv2.INTER_CUBIC)
    done, coded = cv2.imencode(".png", picture)
    assert done
    return coded.tobytes()


#: What is shown where there is no picture.
NOTHING = _png(np.full((9, 16), 128, dtype=np.uint8))
