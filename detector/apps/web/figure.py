"""The figure of an alert: what moved in the picture and what the signals said, above each other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from detector.apps.audit.sensors import Plots
from detector.apps.audit.shafts import shafts_of
from detector.apps.audit.timeline import Recording
from detector.apps.audit.verdicts import timed, verdicts_of
from detector.apps.report import schema
from detector.apps.report.cases import Case
from detector.apps.report.cases import case as case_of
from detector.apps.serve.board import Row
from detector.apps.serve.desks import Desk
from detector.apps.web.mines import streams
from detector.apps.web.room import Room
from detector.apps.web.times import Times
from detector.apps.web.words import Words
from detector.core.observation import Readings
from detector.edge.series import Key

#: The longest stretch of findings that is drawn, the last of it, s; asked for, the longest there
#: is; and the longest of a camera, which holds much more.
_LAST_S, _LONGEST_S, _VIDEO_S = 2 * 86400.0, 30 * 86400.0, 2 * 3600.0
_LEAST_S = 60.0


@dataclass(frozen=True)
class _Kept:
    blocks: Sequence[Readings]

    def observations(self) -> Iterable[Readings]:
        return self.blocks


def case(
    room: Room,
    row: Row,
    episodes: Sequence[schema.Episode],
    t: Words,
    times: Times,
    *,
    whole: bool = False,
) -> Case | None:
    """The verdict on these episodes with its curves, None where there is nothing to draw; of a long
    time only the last, unless the ``whole`` is asked for."""
    if not episodes:
        return None
    end = max(e.end_s for e in episodes)
    since = end - (_LONGEST_S if whole else _LAST_S)
    episodes = [_from(e, since, times) for e in episodes if e.end_s >= since]
    start = min(e.start_s for e in episodes)
    around = max(end - start, _LEAST_S)
    start, end = start - around, end + around
    desk = room.desks[row.mine]
    cameras, reported = _members(room, desk, row)
    key = row.mine
    kept = [room.series.readings(Key(key, s), start, end) for s in reported]
    plots = Plots([_Kept([r for r in kept if len(r)])])
    films = [f for c in cameras if (f := _film(room, key, c, start, end)) is not None]
    made = verdicts_of([timed(e, 0.0) for e in episodes], desk.site, films, reported, plots)
    chosen = next((v for v in made if v.curves and (v.shaft or "") == row.shaft), None)
    chosen = chosen or next((v for v in made if v.curves), None)
    if chosen is None:
        return None
    by_id = {e.id: e for e in episodes}
    told = [by_id[i] for i in chosen.episodes]
    return case_of(chosen.model_copy(update={"zero": times.iso(chosen.zero)}), told, t)


def unseen(room: Room, row: Row, episodes: Sequence[schema.Episode]) -> list[str]:
    """The cameras of the alert's shaft of which there is nothing from the time of its findings."""
    start, end = min(e.start_s for e in episodes), max(e.end_s for e in episodes)
    known = streams(room).get(row.mine, ())
    sent = {state.stream for state in known if state.first <= end and state.last >= start}
    own = [c for c in room.desks[row.mine].site.cameras if not row.shaft or c.shaft == row.shaft]
    return [camera.name for camera in own if camera.name not in sent]


def is_long(episodes: Sequence[schema.Episode]) -> bool:
    """Whether only the last of these episodes is drawn."""
    return bool(episodes) and (
        min(e.start_s for e in episodes) < max(e.end_s for e in episodes) - _LAST_S
    )


def _from(episode: schema.Episode, since: float, times: Times) -> schema.Episode:
    """The part of an episode from a time on."""
    if episode.start_s >= since:
        return episode
    return episode.model_copy(update={"start_s": since, "start": times.iso(since)})


def _members(room: Room, desk: Desk, row: Row) -> tuple[list[str], list[str]]:
    """Cameras and sensors of the alert's shaft, those of its findings first; of the mine where it
    is of no shaft."""
    known = streams(room).get(row.mine, [])
    cameras = [s.stream for s in known if s.kind == "video"]
    reported = [s.stream for s in known if s.kind != "video"]
    shafts = shafts_of(desk.site, cameras, reported)
    found = set(row.streams)
    if row.shaft and len(shafts) > 1:
        own = {n for s in shafts if s.name == row.shaft for n in (*s.cameras, *s.streams)} | found
        cameras = [c for c in cameras if c in own]
        reported = [s for s in reported if s in own]
    else:
        cameras = [c for c in cameras if c in found] or cameras[:2]
    return cameras, reported


def _film(room: Room, mine: str, camera: str, start: float, end: float) -> Recording | None:
    """What moved in a camera's picture, as a recording that begins with the figure."""
    start = max(start, end - _VIDEO_S)
    frames = room.series.frames(Key(mine, camera), start, end)
    if not len(frames):
        return None
    return Recording(
        path=Path(camera),
        shown=camera,
        stream=camera,
        sha256=None,
        status="ok",
        reason=None,
        wall=True,
        start=start,
        duration_s=end - start,
        frames=replace(frames, time=frames.time - start),
    )
