"""A report with everything: every kind of finding, blind time, unread files, hostile names."""

from __future__ import annotations

from pathlib import Path

from detector.apps.report.schema import Blind, Coverage, Episode, Input, NotAudited, Other, Report
from tests.apps.report.making import (
    Shot,
    around,
    curve,
    episode,
    sha,
    showings,
    span,
    video,
    wall,
)

HOSTILE = "<img src=x onerror=alert(1)>"
CHECKS = [
    *("frozen_frame", "replayed_video", "duplicated_video"),
    *("uninformative_frame", "moved_camera", "recording_gap"),
]
NO_NOISE = "no temporal noise survives the compression"


def _main_shaft(folder: Path) -> list[Episode]:
    a, b = "main-shaft/main-shaft-20260102-140000.mp4", "main-shaft/main-shaft-20260102-143500.mp4"
    held, looped, gap = (312.0, 506.4), (702.0, 1162.0), (1800.0, 2100.0)
    return [
        episode(
            *(folder, "frozen_frame", "main-shaft", a, held),
            **wall(0, held),
            shots=around("main-shaft", held, ""),
            evidence={
                "kind": "held",
                "score": curve(280, 540, held, 190.0, 0.5),
                "figures": {"noise_expected_grey": 1.83, "noise_seen_grey": 0.0312, "tiles": 141},
            },
        ),
        episode(
            *(folder, "replayed_video", "main-shaft", a, looped),
            **wall(0, looped),
            severity="critical",
            other=Other(
                stream="main-shaft",
                path=a,
                start_s=656.0,
                end_s=702.0,
                lag_s=46.0,
                **wall(0, (656.0, 702.0)),
            ),
            shots=showings("main-shaft", "main-shaft", looped, 46.0, "shaft"),
            evidence={
                "kind": "loop",
                "period_s": 46.0,
                "repetitions": 10,
                "similarity": curve(600, 1260, looped, 0.94, 0.08),
            },
        ),
        episode(
            *(folder, "recording_gap", "main-shaft", a, gap),
            **wall(0, gap),
            peak=300.0,
            threshold=2.0,
            evidence={"kind": "missing"},
        ),
        episode(
            *(folder, "uninformative_frame", "main-shaft", b, (1500.0, 1800.0)),
            **wall(35, (1500.0, 1800.0)),
            until_end=True,
            shots=around("main-shaft", (1500.0, 1800.0), "black", after=False),
            evidence={"kind": "black"},
        ),
    ]


def _others(folder: Path) -> list[Episode]:
    copied = (95.0, 215.0)
    moved, covered = (64.2, 140.0), (20.0, 51.5)
    return [
        episode(
            *(folder, "duplicated_video", "3号皮带", "北区/3号皮带.mkv", copied),
            severity="critical",
            other=Other(
                stream="副井口", path="北区/副井口.mp4", start_s=82.6, end_s=202.6, lag_s=12.4
            ),
            shots=showings("3号皮带", "副井口", copied, 12.4, "belt", "flipped"),
            evidence={
                "kind": "copy",
                "flipped": True,
                "similarity": curve(60, 240, copied, 0.91, 0.05),
                "figures": {"correlation": 0.914, "shared_part": "40 %"},
            },
        ),
        episode(
            *(folder, "replayed_video", "副井口", "北区/副井口.mp4", (240.0, 300.0)),
            other=Other(
                stream="副井口", path="北区/副井口.mp4", start_s=30.0, end_s=90.0, lag_s=210.0
            ),
            shots=showings("副井口", "副井口", (240.0, 300.0), 210.0, "shaft"),
            evidence={"kind": "replay", "similarity": curve(200, 300, (240, 300), 0.88, 0.04)},
        ),
        episode(
            *(folder, "moved_camera", "return-airway", "return-airway.avi", moved),
            shots=[
                Shot(60.0, "before", "return-airway", "belt"),
                Shot(70.0, "after", "return-airway", "belt", "moved"),
            ],
            until_end=True,
            unit="part of the width",
            peak=0.31,
            threshold=0.05,
            evidence={"kind": "shifted", "figures": {"shift_px_x": 150, "shift_px_y": 60}},
        ),
        episode(
            *(folder, "uninformative_frame", "weighbridge", "weighbridge.flv", covered),
            shots=around("weighbridge", covered, "covered"),
            evidence={"kind": "covered"},
        ),
        episode(
            *(folder, "frozen_frame", "weighbridge", "weighbridge.flv", (55.0, 118.0)),
            severity="info",
            shots=around("weighbridge", (55.0, 118.0), ""),
            evidence={"kind": "no change"},
        ),
        episode(
            *(folder, "stuck_wiper", "weighbridge", "weighbridge.flv", (8.0, 15.0)),
            summary="A wiper stands in the middle of the picture.",
            unit="",
        ),
    ]


def _inputs() -> list[Input]:
    return [
        video("main-shaft", "main-shaft/main-shaft-20260102-140000.mp4", 0, 1800.0),
        video("main-shaft", "main-shaft/main-shaft-20260102-143500.mp4", 35, 1800.0),
        video("3号皮带", "北区/3号皮带.mkv", None, 300.0),
        video("副井口", "北区/副井口.mp4", None, 300.0),
        video("return-airway", "return-airway.avi", None, 140.0),
        video("weighbridge", "weighbridge.flv", None, 120.4),
        video("fan-room", "fan-room.mp4", None, 63.2),
        video("pump-room", "pump-room.mp4", None, 901.0),
        video(HOSTILE, f"{HOSTILE}.mp4", None, 30.0),
        video("locker", "locker.ts", None, 41.7).model_copy(
            update={"status": "partial", "reason": "cut off in mid-GOP after 41.7 s"}
        ),
        Input(
            path="gate (copy).mp4",
            sha256=sha("gate"),
            stream="gate (copy)",
            status="unreadable",
            reason="moov atom not found",
        ),
    ]


def _coverage(inputs: list[Input]) -> list[Coverage]:
    seconds: dict[str, float] = {}
    for i in inputs:
        if i.stream and i.status != "unreadable":
            seconds[i.stream] = seconds.get(i.stream, 0.0) + (i.duration_s or 0.0)
    made = {
        (stream, check): Coverage(detector=check, stream=stream, judged_s=s, blind_s=0.0)
        for stream, s in seconds.items()
        for check in CHECKS
    }

    def blind(stream: str, check: str, seconds_blind: float, why: str, where: list[Blind]) -> None:
        whole = made[stream, check].judged_s
        made[stream, check] = Coverage(
            detector=check,
            stream=stream,
            judged_s=whole - seconds_blind,
            blind_s=seconds_blind,
            blind_why=why,
            blind=where,
        )

    a = "main-shaft/main-shaft-20260102-140000.mp4"
    blind("main-shaft", "frozen_frame", 240.0, NO_NOISE, [span(a, 1300, 1540, NO_NOISE)])
    blind("fan-room", "frozen_frame", 63.2, NO_NOISE, [span("fan-room.mp4", 0, 63.2, NO_NOISE)])
    blind("fan-room", "replayed_video", 51.0, "nothing moves", [])
    blind("locker", "moved_camera", 20.0, "too dark", [span("locker.ts", 12, 32, "too dark")])
    return list(made.values())


def rich(folder: Path) -> Report:
    """The report, with its stills written to ``folder/evidence``."""
    inputs = _inputs()
    return Report(
        version="0.1.0",
        config_digest="sha256:" + sha("config"),
        thresholds={
            check: {
                "raise_at": 5.0,
                "clear_at": 1.0,
                "hold_s": 2.0,
                "unit": "s",
                "severity": "warning",
            }
            for check in CHECKS
        },
        parameters={"frozen_frame": {"change_grey": 0.35, "history_s": 600.0}},
        digests={"model held-or-live-1": "sha256:" + sha("model")},
        inputs=inputs,
        not_audited=[NotAudited(path="locked/", reason="permission denied")],
        coverage=_coverage(inputs),
        episodes=[*_main_shaft(folder), *_others(folder)],
    )
