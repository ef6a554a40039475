"""Findings: where an episode lies in its recording, above all where that ends."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest

from detector.apps.audit.findings import Stills, episode_of
from detector.apps.audit.sensors import Plots
from detector.apps.audit.timeline import Recording, Timelines
from detector.apps.report import schema
from detector.apps.report.texts import Texts
from detector.core.episode import Episode, Threshold
from detector.core.score import Evidence, Showing

THRESHOLD = Threshold(raise_at=5.0, clear_at=2.0, hold_s=1.0, unit="s", severity="warning")


def recording(
    stream: str, length_s: float, start: float = 0.0, kind: Literal["video", "readings"] = "video"
) -> Recording:
    path = f"{stream}-{start:g}.mp4"
    return Recording(
        path=Path(path),
        shown=path,
        stream=stream,
        sha256=None,
        status="ok",
        reason=None,
        wall=start > 0,
        start=start,
        duration_s=length_s,
        kind=kind,
    )


def shown(
    end: float, *recordings: Recording, until_end: bool = True, other: Showing | None = None
) -> schema.Episode:
    """What the report says of an episode of the first recording from its 10th second to ``end``."""
    start = recordings[0].start + 10.0
    evidence = Evidence(start, end, "held", other=other)
    episode = Episode(
        *("frozen_frame", recordings[0].stream, start, end, end - start, "s", 5.0),
        until_end=until_end,
        evidence=evidence,
    )
    where = Timelines(recordings)
    return episode_of(episode, where, THRESHOLD, Stills(Path("e")), Plots([]), Texts("en"))


def test_what_runs_until_the_end_ends_with_the_recording() -> None:
    told = shown(59.1, recording("shaft", 60.0))
    assert (told.start_s, told.end_s, told.until_end) == (10, 60, True)
    assert "until the recording ends" in told.summary
    assert shown(59.1, recording("shaft", 60.0), until_end=False).end_s == pytest.approx(59.1)


def test_it_ends_with_the_last_recording_of_the_timeline() -> None:
    first, last = recording("shaft", 60.0, 1000.0), recording("shaft", 30.0, 1060.0)
    told = shown(1089.5, first, last)
    assert (told.path, told.end_s) == ("shaft-1000.mp4", 90)
    assert told.end == "1970-01-01T00:18:10.000+00:00"


def test_what_was_not_seen_until_the_end_is_not_said_to_last_until_then() -> None:
    told = shown(40.0, recording("shaft", 60.0))
    assert (told.end_s, told.until_end) == (40, False)
    assert "until the recording ends" not in told.summary


def test_a_last_reading_is_an_end() -> None:
    told = shown(40.0, recording("MM116", 60.0, kind="readings"))
    assert (told.end_s, told.until_end) == (40, True)


def test_the_other_showing_ends_no_later_than_its_recording() -> None:
    other = Showing("north", 14.0, 63.5, lag=-4.0)
    told = shown(59.5, recording("shaft", 60.0), recording("north", 63.6), other=other)
    assert told.other is not None
    assert (told.end_s, told.other.start_s, told.other.end_s) == pytest.approx((60, 14, 63.6))
