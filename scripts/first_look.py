"""First look: renders a small mine's recordings, tampers with most, audits them, compares.

Everything lands in `var/first-look`; recordings that are there already are used again.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path
from typing import Any

import joblib
from rich import box
from rich.console import Console
from rich.table import Table

from detector.bench.clip import Event
from detector.bench.encoding import Encoding
from detector.bench.parsing import parsed_scene, parsed_step
from detector.bench.tamper import tamper
from detector.bench.truth import Truth, as_json, shared, truth_path
from detector.core.accuracy import Expected, Finding, Judgement, Showing, judge

HOME = Path("var/first-look")
RECORDINGS, REPORT = HOME / "recordings", HOME / "report"
DAMAGED = RECORDINGS / "east-shaft.mp4"
USUAL = Encoding(bitrate_kbps=600)


@dataclass(frozen=True)
class Made:
    """A recording: the scene it shows, what is done to it, as `trueshaft tamper` takes both."""

    name: str
    what: str
    scene: str
    how: tuple[str, ...]
    encoding: Encoding = USUAL

    @property
    def path(self) -> Path:
        """Where it is written."""
        return RECORDINGS / self.name

    @property
    def stream(self) -> str:
        """The camera it is audited as."""
        return self.path.stem


def _scene(name: str, place: int, seconds: int = 30, more: str = "") -> str:
    return f"scene:{name},seconds={seconds},fps=12.5,layout={place},seed={place}{more}"


def _clock(shown: str, date: str = "2026-01-02") -> str:
    return f"clock:from_clock={shown},date={date}"


WORKS = _scene("hoist", 1, 40, ",passers_per_min=6")
MINE = (
    Made("air-shaft.mp4", "nothing: an idle shaft", _scene("idle_shaft", 2), (_clock("03:10:00"),)),
    Made("main-shaft.mp4", "nothing: a hoist at work", WORKS, (_clock("08:00:00"),)),
    Made(
        "south-shaft.mp4",
        "the picture is held while its clock ticks on",
        _scene("hoist", 3),
        ("hold:start=11,seconds=12", _clock("08:00:00")),
        Encoding(bitrate_kbps=900, gop=25),
    ),
    Made(
        "gallery-3.mkv",
        "the same 7 seconds over and over",
        _scene("gallery", 4, 36, ",passers_per_min=14"),
        ("loop:start=6,period=7", _clock("08:00:00")),
    ),
    Made(
        "north-shaft.mp4",
        "main-shaft's footage, mirrored, cropped, another clock",
        WORKS,
        ("trim:start=5", "crop:keep=0.92", "flip", "gamma:value=1.2", _clock("08:00:00")),
        Encoding(codec="hevc", bitrate_kbps=500),
    ),
    Made(
        "belt-1.avi",
        "the lens is covered with a cloth",
        _scene("conveyor", 5),
        (_clock("08:00:00"), "cover:start=14,look=cloth"),
        Encoding(codec="mpeg4", bitrate_kbps=1200),
    ),
    Made(
        "gallery-5.mp4",
        "the camera is turned aside",
        _scene("gallery", 6, more=",passers_per_min=8"),
        ("shift:start=13,amount=0.25", _clock("08:00:00")),
    ),
    Made(
        "gate.mp4",
        "the picture is black for a while",
        _scene("traffic_light", 7),
        ("black:start=10,seconds=9", _clock("08:00:00")),
    ),
)


def main() -> int:
    """Make, audit, compare; the exit status is that of the audit where it could not audit."""
    os.chdir(Path(__file__).resolve().parents[1])
    console = Console()
    made = make()
    again = "" if made else ", made before"
    console.print(f"{len(MINE) + 1} recordings in {RECORDINGS}{again}", highlight=False)
    command = ["audit", str(RECORDINGS), "--out", str(REPORT)]
    console.print(f"trueshaft {' '.join(command)}", highlight=False, style="bold")
    program = [sys.executable, "-m", "detector", *command]
    status = subprocess.run(program, stdout=subprocess.DEVNULL, check=False).returncode
    if status not in (0, 1, 3):
        return status
    report = json.loads((REPORT / "report.json").read_bytes())
    console.print(*comparison(report), sep="\n", highlight=False)
    console.print(
        f"The report: {(REPORT / 'report.html').resolve()}", highlight=False, soft_wrap=True
    )
    return 0


def make() -> int:
    """Make the recordings that are not there as wanted; returns how many were made."""
    wanted = [recording for recording in MINE if not _there(recording)]
    if wanted:
        print(f"making {len(wanted)} recordings with the tamper kit (once) ...", flush=True)
        joblib.Parallel(n_jobs=-1)(joblib.delayed(_make)(recording) for recording in wanted)
    if wanted or not DAMAGED.exists():
        whole = MINE[1].path.read_bytes()
        DAMAGED.write_bytes(whole[: len(whole) // 2])
    return len(wanted)


def _make(recording: Made) -> None:
    steps = [parsed_step(step) for step in recording.how]
    tamper(parsed_scene(recording.scene), recording.path, steps, recording.encoding)


def _there(recording: Made) -> bool:
    """Whether the recording is there whole: its truth, written last, tells how it was made."""
    if not (recording.path.exists() and truth_path(recording.path).exists()):
        return False
    truth = Truth.read(truth_path(recording.path))
    label = str(parsed_scene(recording.scene).shown_of[0])
    steps = json.loads(json.dumps([as_json(parsed_step(step)) for step in recording.how]))
    told = (truth.source, list(truth.steps), truth.encoding)
    return told == (label, steps, as_json(recording.encoding))


def comparison(report: dict[str, Any]) -> tuple[Table, str]:
    """What was done beside what the report says of it, and both counted."""
    judgement = judge(_expected(), [_finding(episode) for episode in report["episodes"]])
    table = Table("camera", "what was done to it", "when", "found", box=box.SIMPLE_HEAD)
    for recording in MINE:
        table.add_row(recording.stream, recording.what, *_row(recording.stream, judgement))
    unreadable = {i["path"]: i["reason"] for i in report["inputs"] if i["status"] != "ok"}
    reason = unreadable.get(str(DAMAGED))
    said = f"yes: {reason}" if reason else "NO: it was read as if whole"
    table.add_row(DAMAGED.stem, "half of the file is missing", "", said)
    found = sum(verdict.recalled for verdict in judgement.verdicts)
    false = len(judgement.false)
    return table, (
        f"{found} of {len(judgement.verdicts)} falsified stretches found, "
        f"{false} finding{'s' * (false != 1)} of nothing."
    )


def _row(stream: str, judgement: Judgement) -> tuple[str, str]:
    """When it was falsified, and what was found."""
    when, found = [], []
    for verdict in judgement.verdicts:
        if verdict.expected.stream == stream:
            when.append(_span(verdict.expected))
            found += [_named(right) for right in verdict.findings]
            found += [] if verdict.recalled else ["NOT FOUND"]
    found += [f"also {_named(f)}" for f in judgement.other_name if f.stream == stream]
    found += [f"FALSE: {_named(f)}" for f in judgement.false if f.stream == stream]
    return "\n".join(when), "\n".join(found) or "nothing"


def _named(finding: Finding) -> str:
    return f"{finding.detector} {_span(finding)}"


def _span(stretch: Finding | Expected) -> str:
    return f"{stretch.start_s:.0f}-{stretch.end_s:.0f} s"


def _expected() -> list[Expected]:
    """What is true of the recordings, by the truths beside them."""
    truths = {recording.stream: Truth.read(truth_path(recording.path)) for recording in MINE}
    expected = [
        _stretch(event, stream)
        for stream, truth in truths.items()
        for event in truth.events
        if event.other is None or event.other.stream == stream
    ]
    for one, two in permutations(truths, 2):
        if _untouched(truths[two]):
            expected += [_stretch(event, one) for event in shared(truths[one], truths[two])]
    return expected


def _untouched(truth: Truth) -> bool:
    return all(step["kind"] == "clock" for step in truth.steps)


def _stretch(event: Event, stream: str) -> Expected:
    other = event.other
    showing = Showing(other.stream, other.start_s, other.lag_s) if other else None
    period_s = float(event.detail.get("period_s", 0.0))
    span = (event.start_s, event.end_s)
    return Expected(event.detector, event.kind, stream, *span, showing, period_s)


def _finding(episode: dict[str, Any]) -> Finding:
    other = episode["other"]
    showing = Showing(other["stream"], other["start_s"], other["lag_s"]) if other else None
    span = (episode["start_s"], episode["end_s"])
    return Finding(episode["detector"], episode["stream"], *span, showing)


if __name__ == "__main__":
    sys.exit(main())
