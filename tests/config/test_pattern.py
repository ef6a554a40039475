"""What names of recordings say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.config.pattern import RecordingName, compiled

STAMP = "{camera}/{start:%Y%m%d-%H%M%S}.mp4"


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("pattern", "path", "said"),
    [
        (STAMP, "main/20260102-030405.mp4", RecordingName("main", at(2026, 1, 2, 3, 4, 5))),
        (
            STAMP,
            "/x/y/主井 1/20260102-030405.MP4",
            RecordingName("主井 1", at(2026, 1, 2, 3, 4, 5)),
        ),
        ("{camera}.{any}", "a.b.mkv", RecordingName("a.b")),
        (
            "{camera}_{start:%Y%m%d%H%M%S}_{end:%H%M%S}.ts",
            "a_b_20260131233000_000500.ts",
            RecordingName("a_b", at(2026, 1, 31, 23, 30), at(2026, 2, 1, 0, 5)),
        ),
        (
            "{camera} {start:%Y-%m-%d %H.%M} {end:%Y-%m-%d %H.%M}.avi",
            "1 2026-01-01 10.00 2026-01-01 09.00.avi",
            RecordingName("1", at(2026, 1, 1, 10), at(2026, 1, 1, 9)),
        ),
        (
            "{start:%Y-%m-%d/%H}/{camera}/{start:%M.%S}.mp4",
            "2026-01-02/03/gate/04.05.mp4",
            RecordingName("gate", at(2026, 1, 2, 3, 4, 5)),
        ),
        (
            "{camera}/{camera}-{start:%y%j}.mp4",
            "gate/gate-26032.mp4",
            RecordingName("gate", at(2026, 2, 1)),
        ),
        (
            "{camera}-{start:%Y%m%dT%H%M%S.%f%z}.mp4",
            "gate-20260102T030405.5+08:00.mp4",
            RecordingName("gate", at(2026, 1, 1, 19, 4, 5, 500_000)),
        ),
        (
            "{camera}-{start:%Y%m%dT%H%M%z}.mp4",
            "gate-20260102T0304Z.mp4",
            RecordingName("gate", at(2026, 1, 2, 3, 4)),
        ),
        (
            "100%_{camera}_{start:%%%Y%m%d}.mp4",
            "100%_a_%20260102.mp4",
            RecordingName("a", at(2026, 1, 2)),
        ),
    ],
)
def test_says_camera_and_times(pattern: str, path: str, said: RecordingName) -> None:
    assert compiled(pattern).read(path) == said


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        (STAMP, "20260102-030405.mp4"),
        (STAMP, "main/20261302-030405.mp4"),
        (STAMP, "main/20260230-030405.mp4"),
        (STAMP, "main/20260102-030460.mp4"),
        (STAMP, "main/20260102-030405.mp4.part"),
        (STAMP, "main/x20260102-030405.mp4"),
        ("{camera}/{camera}-{start:%Y%j}.mp4", "a/b-2026001.mp4"),
        ("{camera}-{start:%Y%j}.mp4", "a-2026366.mp4"),
        ("{camera}-{start:%Y%m%d}.mp4", "a-00000101.mp4"),
        ("{camera}-{start:%Y%m%d%z}.mp4", "a-00010101+08:00.mp4"),
        ("{camera}-{start:%Y%m%d%z}.mp4", "a-20260101+99:00.mp4"),
        ("{camera}-{start:%Y%m%d}.mp4", "a-20２60101.mp4"),
    ],
)
def test_fits_nothing_else(pattern: str, path: str) -> None:
    assert compiled(pattern).read(path) is None


@pytest.mark.parametrize(
    ("pattern", "complaint"),
    [
        ("", "camera"),
        ("{start:%Y%m%d}.mp4", "camera"),
        ("{camera", "brace"),
        ("camera}", "brace"),
        ("{camera}/{when:%Y}.mp4", "when"),
        ("{camera}/{}.mp4", "is not a field"),
        ("{camera}/{start}.mp4", "how the time is written"),
        ("{camera}/{start:%H%M%S}.mp4", "whole date"),
        ("{camera}/{start:%Y%m}.mp4", "whole date"),
        ("{camera}/{start:%Y%m%d}-{end:%m%d}.mp4", "whole date"),
        ("{camera}/{start:%Y%m%d%q}.mp4", "%q"),
        ("{camera}/{start:%Y%m%d%}.mp4", "not understood"),
        ("{camera}/{start:%Y%m%d%S}.mp4", "%S without %M"),
        ("{camera}/{end:%Y%m%d}.mp4", "without {start"),
    ],
)
def test_says_what_is_wrong_with_a_pattern(pattern: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        compiled(pattern)


def test_times_are_in_the_zone_of_the_site() -> None:
    read = compiled(STAMP, ZoneInfo("Asia/Shanghai")).read("a/20260102-030405.mp4")
    assert read == RecordingName("a", at(2026, 1, 1, 19, 4, 5))


@given(
    camera=st.text(st.characters(exclude_characters="/\n", exclude_categories=["Cs"]), min_size=1),
    start=st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 30)),  # noqa: DTZ001
    seconds=st.integers(0, 86_399),
)
def test_reads_what_it_would_write(camera: str, start: datetime, seconds: int) -> None:
    start = start.replace(microsecond=0, tzinfo=UTC)
    end = start + timedelta(seconds=seconds)
    pattern = compiled("{camera}/{start:%Y%m%d-%H%M%S}--{end:%H%M%S}.mp4")
    stamp = f"{start.year:04}{start:%m%d-%H%M%S}--{end:%H%M%S}"
    assert pattern.read(f"rec/{camera}/{stamp}.mp4") == RecordingName(camera, start, end)
