"""Ctrl-C: what was done by then is reported."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import av

from tests.apps.audit.conftest import Audit, Recordings


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
