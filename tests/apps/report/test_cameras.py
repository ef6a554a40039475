"""What is said of a camera: blind is not clean, and neither is unread or unjudged."""

from __future__ import annotations

from typing import Any

import pytest

from detector.apps.report import sentences
from detector.apps.report.cameras import Camera, cameras
from detector.apps.report.schema import Coverage, Input, NotAudited, Other, Report
from detector.apps.report.texts import Texts
from detector.apps.report.verdict import verdict
from tests.apps.report.making import episode

T = Texts("en")


def one(status: Any = "ok", judged_s: float = 60.0, blind_s: float = 0.0, **more: Any) -> Report:
    made = Input(path="a.mp4", stream="a", status=status, duration_s=60.0)
    checked = Coverage(
        detector="frozen_frame", stream="a", judged_s=judged_s, blind_s=blind_s, blind_why="dark"
    )
    data = {"inputs": [made], "coverage": [checked], **more}
    return Report(version="0", config_digest="", **data)


def camera(report: Report) -> Camera:
    return cameras(report)[0]


@pytest.mark.parametrize(
    ("report", "state", "tone", "headline"),
    [
        (one(), "clean", "clean", "Nothing found"),
        (one(judged_s=57, blind_s=3), "blind", "doubt", "Nothing found in what could be judged"),
        (one(judged_s=0, blind_s=60), "unjudged", "doubt", "Nothing found in what could be judged"),
        (one(coverage=[]), "unjudged", "doubt", "Nothing found in what could be judged"),
        (one("partial"), "partial", "doubt", "Nothing found in what could be read"),
        (one("unreadable", coverage=[]), "unread", "doubt", "Nothing could be audited"),
        (one(interrupted=True), "clean", "doubt", "Nothing found in what could be read"),
        (
            one(not_audited=[NotAudited(path="b", reason="no")]),
            *("clean", "doubt", "Nothing found in what could be read"),
        ),
        (Report(version="0", config_digest=""), None, "doubt", "Nothing could be audited"),
    ],
)
def test_only_what_was_read_and_judged_throughout_is_clean(
    report: Report, state: str | None, tone: str, headline: str
) -> None:
    cams = cameras(report)
    assert [c.state for c in cams] == ([state] if state else [])
    said = verdict(report, cams, T)
    assert (said.tone, said.headline) == (tone, headline)


def test_blind_time_is_told_with_its_reason() -> None:
    assert sentences.blind_lines(camera(one(judged_s=57, blind_s=3)), T) == [
        (
            "Frozen picture: nothing found in the 57.0\u00a0s judged; "
            "3.0\u00a0s could not be judged because: dark."
        )
    ]
    assert sentences.blind_lines(camera(one(judged_s=0, blind_s=60)), T) == [
        "Frozen picture: nothing could be judged (1\u00a0min) because: dark."
    ]


def test_checks_that_are_blind_alike_share_a_line() -> None:
    both = [
        Coverage(detector=d, stream="a", judged_s=0, blind_s=60, blind_why="dark")
        for d in ("frozen_frame", "moved_camera")
    ]
    assert len(sentences.blind_lines(camera(one(coverage=both)), T)) == 1


def test_the_other_camera_of_a_duplicate_is_not_clean(tmp_path: Any) -> None:
    other = Other(stream="a", path="a.mp4", start_s=0, end_s=9, lag_s=1)
    copy = episode(tmp_path, "duplicated_video", "b", "b.mp4", (1.0, 10.0), other=other)
    made = {c.name: c for c in cameras(one(episodes=[copy]))}
    assert made["a"].state == "found"
    assert made["a"].findings == ()
    assert "duplicated_video" not in made["a"].quiet
    said = verdict(one(episodes=[copy]), list(made.values()), T)
    assert said.headline == "One finding on 2 of 2 cameras"
    assert said.counts[0].where.startswith("2 cameras")


def test_findings_are_numbered_as_they_stand_in_the_page(report: Report) -> None:
    numbers = [f.number for c in cameras(report) for f in c.findings]
    assert numbers == list(range(1, len(report.episodes) + 1))


def test_names_go_in_the_order_of_their_numbers() -> None:
    inputs = [Input(path=n, stream=n, status="ok", duration_s=1) for n in ("cam10", "cam2", "cam")]
    made = cameras(Report(version="0", config_digest="", inputs=inputs))
    assert [c.name for c in made] == ["cam", "cam2", "cam10"]


def test_a_file_of_readings_belongs_to_every_stream_that_names_it(tmp_path: Any) -> None:
    file = Input(path="r.csv", kind="readings", status="ok", duration_s=60)
    flat = episode(tmp_path, "flat_signal", "MM116", "r.csv", (1.0, 10.0))
    made = cameras(Report(version="0", config_digest="", inputs=[file], episodes=[flat]))
    assert [(c.name, c.sensor, c.recorded_s) for c in made] == [("MM116", True, 60.0)]


def test_what_could_not_be_read_is_named_at_the_top(report: Report) -> None:
    lines = " ".join(verdict(report, cameras(report), T).lines)
    for name in ("gate (copy).mp4", "locker.ts", "locked/"):
        assert name in lines


def test_counts_are_those_of_the_report(report: Report) -> None:
    counts = verdict(report, cameras(report), T).counts
    assert sum(int(c.findings) for c in counts) == len(report.episodes)
