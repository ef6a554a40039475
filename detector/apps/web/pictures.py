"""Pictures of an episode: as the camera sent them where one was kept, else as the service judged
them, about one a second, 128 x 72, grey."""

from __future__ import annotations

import cv2
import numpy as np

from detector.apps.serve.shots import Shot, kept
from detector.core.observation import U8
from detector.edge.series import Key, Series
from detector.edge.shown import Shown

#: Width and height as drawn, and how far from its time a picture may be, s.
SIZE = (512, 288)
_NEAR_S = 5.0


def drawn(series: Series, shown: Shown, mine: str, shot: Shot) -> bytes | None:
    """The picture as JPEG where one is kept as its camera sent it, else as PNG of what was judged;
    None where the service has kept none near that time."""
    picture = kept(shown, mine, shot)
    if picture is not None:
        return picture
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


def media_type(picture: bytes) -> str:
    """What a picture is."""
    return "image/jpeg" if picture.startswith(b"\xff\xd8") else "image/png"


#: What is shown where there is no picture.
NOTHING = _png(np.full((9, 16), 128, dtype=np.uint8))
