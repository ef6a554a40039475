"""Ctrl-C: what was done by then is reported."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import av
import pytest

from detector.apps.audit import command, run
from detector.apps.audit.interruption import Interruption
from detector.apps.audit.reading import Reader, Source
from detector.apps.report.html import write_html
from detector.core.score import Scores
from detector.detectors.moved_camera import MovedCamera
from tests.apps.audit.conftest import Audit, Auditor, Recordings


def prolonged(source: Path, target: Path, times: int) -> None:
    """The recording many times over, its packets as they are."""
    with av.open(str(source)) as one, av.open(str(target), "w") as many:
        stream = one.streams.video[0]
        copy = many.add_stream_from_template(stream)
        assert stream.duration is not None and stream.time_base is not None
        packets = [p for p in one.demux(stream) if p.size]
        for k in range(times):
            for packet in packets:
                again = av.Packet(bytes(packet))
                again.stream, again.time_base = copy, stream.time_base
                again.is_keyframe = packet.is_keyframe
                assert packet.pts is not None and packet.dts is not None
                again.pts = packet.pts + k * stream.duration
                again.dts = packet.dts + k * stream.duration
                many.mux(again)


def test_an_interrupted_audit_reports_what_was_done(recordings: Recordings, tmp_path: Path) -> None:
    recordings.put("held", tmp_path / "in" / "a.mp4")
    prolonged(recordings.clean, tmp_path / "in" / "b.mp4", 150)
    recordings.put("other", tmp_path / "in" / "c.mp4")
    entries = tmp_path / "cache" / "entries"
    command = [sys.executable, "-m", "detector", "audit", str(tmp_path / "in")]
    command += ["--out", str(tmp_path / "out"), "--cache", str(tmp_path / "cache"), "--jobs", "1"]
    environment = {**os.environ, "TRUESHAFT_DECODE": "full"}
    running = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE)
    try:
        deadline = time.monotonic() + 120
        while len(list(entries.glob("*"))) < 4 and time.monotonic() < deadline:
            assert running.poll() is None
            time.sleep(0.05)
        running.send_signal(signal.SIGINT)
        said, _ = running.communicate(timeout=120)
    finally:
        running.kill()
    done = Audit(running.returncode, tmp_path / "out")
    report = done.report
    assert done.status == 1 and report.interrupted
    assert [e.detector for e in report.episodes] == ["frozen_frame"]
    audited = {Path(i.path).name: i.status for i in report.inputs}
    left = {Path(n.path).name for n in report.not_audited}
    assert audited["a.mp4"] == "ok"
    assert audited.get("b.mp4", "partial") == "partial"
    assert set(audited) | left == {"a.mp4", "b.mp4", "c.mp4"}
    assert not set(audited) & left
    assert b"interrupted" in said
    assert (done.out / "report.html").is_file()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_only_the_first_signal_interrupts(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with Interruption():
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)
        signal.raise_signal(number)
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(number) is before
    with Interruption() as interruption:
        interruption.ignore()
        signal.raise_signal(number)


def test_signals_that_were_ignored_stay_ignored() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with Interruption():
            signal.raise_signal(signal.SIGINT)
            assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_other_threads_handle_no_signals() -> None:
    before, seen = signal.getsignal(signal.SIGINT), []

    def enter() -> None:
        with Interruption():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    assert seen == [before]


@pytest.mark.parametrize("stage", ["judging", "stills", "page"])
def test_no_further_signal_costs_the_report(
    stage: str,
    audit: Auditor,
    recordings: Recordings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Interrupted once all is read, and again, by both signals, at a later stage."""
    reading = Reader.read

    def read(self: Reader, sources: Sequence[Source]) -> None:
        reading(self, sources)
        signal.raise_signal(signal.SIGINT)

    owner, name = {
        "judging": (run.Audit, "_judged"),
        "stills": (run.Audit, "_save_stills"),
        "page": (command, "write_html"),
    }[stage]
    done_then = getattr(owner, name)

    def disturbed(*told: Any) -> Any:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGTERM)
        return done_then(*told)

    monkeypatch.setattr(Reader, "read", read)
    monkeypatch.setattr(owner, name, disturbed)
    held = recordings.put("held", tmp_path / "held.mp4")
    done = audit(held, out=tmp_path / "out")
    assert done.status == 1 and done.report.interrupted
    assert [e.detector for e in done.report.episodes] == ["frozen_frame"]
    assert (done.out / "report.html").is_file()


def test_a_first_signal_while_the_report_is_written_is_not_heard(
    audit: Auditor, recordings: Recordings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def disturbed(*told: Any) -> Any:
        signal.raise_signal(signal.SIGINT)
        return write_html(*told)

    monkeypatch.setattr(command, "write_html", disturbed)
    done = audit(recordings.put("clean", tmp_path / "clean.mp4"), out=tmp_path / "out")
    assert done.status == 0 and not done.report.interrupted
    assert (done.out / "report.html").is_file()


def test_checks_that_an_interruption_cuts_short_are_blind(
    audit: Auditor, recordings: Recordings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish = MovedCamera.finish

    def interrupted(self: MovedCamera) -> list[Scores]:
        signal.raise_signal(signal.SIGINT)
        return finish(self)

    monkeypatch.setattr(MovedCamera, "finish", interrupted)
    held = recordings.put("held", tmp_path / "held.mp4")
    done = audit(held, out=tmp_path / "out")
    assert done.status == 1 and done.report.interrupted
    assert [e.detector for e in done.report.episodes] == ["frozen_frame"]
    cut = [c for c in done.report.coverage if c.blind_why and "interrupted" in c.blind_why]
    assert {c.detector for c in cut} >= {"moved_camera", "replayed_video"}
    assert all(c.judged_s == 0 and c.blind_s > 5 for c in cut)
