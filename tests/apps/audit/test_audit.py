"""``trueshaft audit`` from recordings to exit status and report."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from detector.apps.report.schema import Episode, Report
from detector.cli import main
from detector.detectors import CATALOGUE, VIDEO
from tests.apps.audit.conftest import Audit, Auditor, Recordings
from tests.detectors.footage import Studio
from tests.edge import nasty

SITE = """
[recordings]
pattern = "{camera}/{start:%Y%m%d-%H%M%S}.mp4"
timezone = "Asia/Shanghai"
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, recordings: Recordings) -> Path:
    """Good, tampered, damaged and odd files, and what is none of our business."""
    folder = tmp_path_factory.mktemp("recorder")
    recordings.put("clean", folder / "gallery.mp4")
    recordings.put("held", folder / "主井 一号" / "井口 摄像机.mp4")
    recordings.put("other", folder / "hoist.mp4")
    (folder / "empty.mp4").write_bytes(b"")
    (folder / "minutes.mp4").write_text("minutes of the meeting\n" * 50)
    damaged = nasty.DAMAGED["short_mkv"](tmp_path_factory.mktemp("damaged"))
    shutil.copyfile(damaged, folder / "short.mkv")
    (folder / "readings.csv").write_text("time,MM116\n2026-01-01T00:00:00Z,0.4\n")
    (folder / "notes.txt").write_text("none of our business")
    (folder / "loop").symlink_to(folder, target_is_directory=True)
    return folder


@pytest.fixture(scope="module")
def mixed(folder: Path, audit: Auditor) -> Audit:
    """The audit of that folder, its report inside it."""
    return audit(folder, out=folder / "report")


def by_name(report: Report) -> dict[str, str]:
    return {Path(i.path).name: i.status for i in report.inputs}


def only(report: Report) -> Episode:
    (episode,) = report.episodes
    return episode


def test_what_was_found_is_in_the_report(mixed: Audit) -> None:
    assert mixed.status == 1
    episode = only(mixed.report)
    assert episode.detector == "frozen_frame"
    assert episode.stream == "井口 摄像机"
    assert Path(episode.path).parts[-2:] == ("主井 一号", "井口 摄像机.mp4")
    assert episode.start_s == pytest.approx(8, abs=1) and episode.end_s == pytest.approx(14, abs=1)
    assert episode.peak >= episode.threshold and episode.unit == "s"
    assert episode.start is None and episode.other is None and not episode.until_end
    assert episode.summary.endswith(".") and "井口 摄像机" in episode.summary


def test_its_stills_are_there(mixed: Audit) -> None:
    evidence = only(mixed.report).evidence
    assert [s.label for s in evidence.still_details] == ["before", "during", "after"]
    for still in evidence.stills:
        assert still.startswith("evidence/")
        assert (mixed.out / still).read_bytes()[:2] == b"\xff\xd8"
    assert {p.name for p in (mixed.out / "evidence").iterdir()} == {
        Path(s).name for s in evidence.stills
    }


def test_every_file_is_told_and_what_could_not_be_read_is_told_why(mixed: Audit) -> None:
    assert by_name(mixed.report) == {
        "gallery.mp4": "ok",
        "井口 摄像机.mp4": "ok",
        "hoist.mp4": "ok",
        "empty.mp4": "unreadable",
        "minutes.mp4": "unreadable",
        "short.mkv": "partial",
        "readings.csv": "ok",
    }
    for told in mixed.report.inputs:
        assert (told.reason is None) == (told.status == "ok")
        assert told.sha256 is not None and len(told.sha256) == 64
        assert (told.frames or 0) > 0 or told.status == "unreadable"
    good = next(i for i in mixed.report.inputs if i.path.endswith("gallery.mp4"))
    assert (good.stream, good.frames, good.start) == ("gallery", 200, None)
    assert good.duration_s == pytest.approx(20, abs=0.2)


def test_each_detector_says_what_it_judged_of_each_camera(mixed: Audit) -> None:
    files = [i for i in mixed.report.inputs if i.status != "unreadable"]
    cameras = {i.stream for i in files if i.kind == "video"}
    told = [c for c in mixed.report.coverage if c.stream in cameras]
    seen = {(c.detector, c.stream): c for c in told}
    assert len(seen) == len(told)
    assert set(seen) == {(name, camera) for name in VIDEO for camera in cameras}
    length = {i.stream: i.duration_s for i in files}
    for coverage in seen.values():
        assert (coverage.blind_why is None) == (coverage.blind_s == 0)
        whole = coverage.judged_s + coverage.blind_s
        assert whole == pytest.approx(length[coverage.stream], abs=0.002), coverage
    assert (seen["frozen_frame", "gallery"].judged_s or 0) > 18


def test_the_report_says_by_what_it_was_judged(mixed: Audit) -> None:
    report = mixed.report
    assert set(report.thresholds) == set(report.parameters) == set(CATALOGUE)
    assert report.config_digest.startswith("sha256:")
    assert not report.interrupted


def test_the_page_tells_the_same(mixed: Audit) -> None:
    page = (mixed.out / "report.html").read_text(encoding="utf-8")
    assert only(mixed.report).summary in page
    assert "empty.mp4" in page


def test_a_second_run_gives_the_same_bytes_and_decodes_nothing(
    mixed: Audit, folder: Path, audit: Auditor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The report of the first lies in the folder, which changes nothing."""
    from detector.apps.audit import reading

    asked: list[str] = []
    work_of = reading._work_of

    def noted(source: reading.Source, kind: str, *more: object) -> object:
        asked.append(f"{source.path.name}: {kind}")
        return work_of(source, kind, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(reading, "_work_of", noted)
    before, page = mixed.bytes, (mixed.out / "report.html").read_bytes()
    again = audit(folder, out=folder / "report")
    assert again.bytes == before and again.status == 1
    assert (again.out / "report.html").read_bytes() == page
    assert not [a for a in asked if a.startswith(("gallery", "hoist", "井口"))]


def test_no_cache_gives_the_same_bytes(mixed: Audit, folder: Path, audit: Auditor) -> None:
    out = folder.parent / "elsewhere"
    assert audit(folder, out=out, more=("--no-cache", "--jobs", "1")).bytes == mixed.bytes


def test_thorough_gives_the_same_findings(
    audit: Auditor, recordings: Recordings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read coarsely or in full, a short freeze is found."""
    monkeypatch.setenv("TRUESHAFT_DECODE", "coarse")
    held = recordings.put("held", tmp_path / "held.mp4")
    full = only(audit(held, out=tmp_path / "full", more=("--thorough",)).report)
    read = audit(held, out=tmp_path / "coarse").report
    coarse = only(read)
    for told in read.coverage:
        whole = told.judged_s + told.blind_s
        assert whole == pytest.approx(read.inputs[0].duration_s, abs=0.002), told
    assert coarse.detector == full.detector == "frozen_frame"
    assert coarse.start_s == pytest.approx(full.start_s, abs=0.5)
    assert coarse.end_s == pytest.approx(full.end_s, abs=0.5)


def test_nothing_found_is_0(audit: Auditor, recordings: Recordings, tmp_path: Path) -> None:
    clean = recordings.put("clean", tmp_path / "a b.mp4")
    done = audit(clean, out=tmp_path / "out")
    assert done.status == 0
    assert done.report.episodes == []
    assert [i.stream for i in done.report.inputs] == ["a b"]


def test_nothing_found_but_something_unread_is_3(
    audit: Auditor, recordings: Recordings, tmp_path: Path
) -> None:
    (tmp_path / "in" / "text.mp4").parent.mkdir()
    (tmp_path / "in" / "text.mp4").write_text("no film")
    recordings.put("clean", tmp_path / "in" / "clean.mp4")
    assert audit(tmp_path / "in", out=tmp_path / "out").status == 3
    assert audit(tmp_path / "in" / "missing.mp4", out=tmp_path / "none").status == 3


@pytest.mark.parametrize(
    "arguments",
    [
        ("--config", "none.toml"),
        ("--config", "broken.toml"),
        ("--models", "none"),
        ("--jobs", "0"),
    ],
)
def test_wrong_usage_or_configuration_is_2_and_nothing_is_written(
    arguments: tuple[str, str],
    recordings: Recordings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("broken.toml").write_text("[recordings]\npattern = '{camera'\n")
    clean = recordings.put("clean", tmp_path / "clean.mp4")
    assert main(["audit", str(clean), "--out", "out", *arguments]) == 2
    assert not Path("out").exists()
    told = capsys.readouterr().err
    assert arguments[0] in told or arguments[1] in told


def test_a_folder_with_nothing_to_audit_is_wrong_usage(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "in").mkdir()
    out = tmp_path / "out"
    command = ["audit", str(tmp_path / "in"), "--out", str(out), "--cache", str(tmp_path / "c")]
    assert main(command) == 2
    what, todo = capsys.readouterr().err.splitlines()
    assert what == f"trueshaft: {tmp_path / 'in'}: there is no recording and no file of readings"
    assert todo.startswith("  name recordings")
    for name in ("a.txt", "b.txt", "c.txt", "d.txt"):
        (tmp_path / "in" / name).write_text("none of our business")
    os.mkfifo(tmp_path / "in" / "pipe.mp4")
    assert main(command) == 2
    told = capsys.readouterr().err
    assert "4 files ignored: a.txt, b.txt, c.txt and 1 more" in told
    assert "pipe.mp4: it is neither a file nor a folder" in told
    assert not out.exists() and not (tmp_path / "c").exists()


def test_what_was_passed_over_is_told_beside_what_was_audited(
    audit: Auditor, recordings: Recordings, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    recordings.put("clean", tmp_path / "in" / "clean.mp4")
    os.mkfifo(tmp_path / "in" / "control")
    os.mkfifo(tmp_path / "in" / "pipe.mp4")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "notes.txt").write_text("none of our business")
    done = audit(tmp_path / "in", tmp_path / "docs", out=tmp_path / "out")
    assert done.status == 3
    assert [Path(n.path).name for n in done.report.not_audited] == ["pipe.mp4"]
    docs = f"{tmp_path / 'docs'}: nothing in it can be audited; 1 file ignored: notes.txt"
    control = f"{tmp_path / 'in' / 'control'}: it is neither a file nor a folder: it is not opened"
    assert capfd.readouterr().err.splitlines() == [f"trueshaft: {control}", f"trueshaft: {docs}"]


def test_a_playlist_is_not_opened_and_the_reason_told(audit: Auditor, tmp_path: Path) -> None:
    (tmp_path / "list.m3u8").write_text("#EXTM3U\n#EXTINF:10,\na.ts\n")
    done = audit(tmp_path / "list.m3u8", out=tmp_path / "out")
    (told,) = done.report.inputs
    assert (done.status, told.status) == (3, "unreadable")
    assert told.reason is not None and "name other files" in told.reason


def test_a_hold_until_the_end_reaches_to_it(audit: Auditor, tmp_path: Path) -> None:
    held = Studio(tmp_path).record("conveyor,seconds=20", "hold:start=12,seconds=8", "clock")
    done = audit(held, out=tmp_path / "out")
    (told,), episode = done.report.inputs, only(done.report)
    assert episode.until_end and episode.end_s == told.duration_s


def test_a_folder_without_permission_is_told(
    audit: Auditor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = tmp_path / "in" / "closed"
    closed.mkdir(parents=True)
    listed = os.listdir

    def denied(path: str | Path) -> list[str]:  # root may read everything
        if Path(path) == closed:
            raise PermissionError(13, "Permission denied")
        return listed(path)

    monkeypatch.setattr("os.listdir", denied)
    done = audit(tmp_path / "in", out=tmp_path / "out")
    assert done.status == 3
    assert [Path(n.path).name for n in done.report.not_audited] == ["closed"]


def test_json_goes_to_standard_output_and_nothing_else(
    recordings: Recordings,
    audit: Auditor,
    tmp_path: Path,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    held = recordings.put("held", tmp_path / "held.mp4")
    cached = ["--cache", str(audit.cache)]
    assert main(["audit", str(held), "--out", str(tmp_path / "out"), "--json", *cached]) == 1
    said = capfdbinary.readouterr()
    assert said.out == (tmp_path / "out" / "report.json").read_bytes()
    assert json.loads(said.out)["schema"] == "trueshaft.report/1"
    assert said.err == b""


def test_a_summary_goes_to_standard_output_unless_quiet(
    recordings: Recordings,
    audit: Auditor,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    held = recordings.put("held", tmp_path / "held.mp4")
    (tmp_path / "empty.mp4").write_bytes(b"")
    command = ["audit", str(held), str(tmp_path / "empty.mp4"), "--out", str(tmp_path / "out")]
    cached = ["--cache", str(audit.cache)]
    assert main([*command, *cached]) == 1
    said = capfd.readouterr()
    episode = only(Audit(1, tmp_path / "out").report)
    lines = said.out.splitlines()
    assert lines[0] == f"{held}: {episode.summary}"
    assert lines[1].startswith(f"{tmp_path / 'empty.mp4'}: unreadable: ")
    assert lines[2].startswith("1 finding in 2 files: ") and lines[2].endswith("report.html")
    assert said.err == ""
    assert main([*command, *cached, "--quiet"]) == 1
    assert capfd.readouterr() == ("", "")


def test_the_page_in_chinese(audit: Auditor, recordings: Recordings, tmp_path: Path) -> None:
    held = recordings.put("held", tmp_path / "主井.mp4")
    english = audit(held, out=tmp_path / "en")
    chinese = audit(held, out=tmp_path / "zh", more=("--lang", "zh"))
    assert chinese.bytes == english.bytes
    page = (tmp_path / "zh" / "report.html").read_text(encoding="utf-8")
    assert 'lang="zh' in page and "主井" in page and "画面" in page


def test_cameras_with_the_same_file_name_are_told_apart_by_folder(
    audit: Auditor, recordings: Recordings, tmp_path: Path
) -> None:
    recordings.put("held", tmp_path / "in" / "north" / "cam01.mp4")
    recordings.put("other", tmp_path / "in" / "south" / "cam01.mp4")
    report = audit(tmp_path / "in", out=tmp_path / "out").report
    streams = {i.stream for i in report.inputs}
    assert len(streams) == 2
    assert {Path(s or "").parts[-2:] for s in streams} == {("north", "cam01"), ("south", "cam01")}
    assert Path(only(report).stream).parts[-2:] == ("north", "cam01")


def test_the_same_file_under_two_names_is_a_duplicate(
    audit: Auditor, recordings: Recordings, tmp_path: Path
) -> None:
    recordings.put("clean", tmp_path / "in" / "cam1.mp4")
    recordings.put("clean", tmp_path / "in" / "cam2.mp4")
    episode = only(audit(tmp_path / "in", out=tmp_path / "out").report)
    assert (episode.detector, episode.stream) == ("duplicated_video", "cam2")
    assert episode.other is not None and episode.other.stream == "cam1"
    assert episode.other.lag_s == pytest.approx(0, abs=0.3)


def site(folder: Path) -> tuple[str, str]:
    path = folder / "site.toml"
    path.write_text(SITE)
    return "--config", str(path)


def test_files_of_one_camera_are_one_timeline(
    audit: Auditor, recordings: Recordings, tmp_path: Path
) -> None:
    """The second file holds a freeze, the third begins half a minute late."""
    recordings.put("other", tmp_path / "in" / "yard" / "20260102-030400.mp4")
    recordings.put("held", tmp_path / "in" / "yard" / "20260102-030420.mp4")
    recordings.put("clean", tmp_path / "in" / "yard" / "20260102-030510.mp4")
    report = audit(tmp_path / "in", out=tmp_path / "out", more=site(tmp_path)).report
    assert {i.stream for i in report.inputs} == {"yard"}
    assert [i.start for i in report.inputs] == [
        "2026-01-01T19:04:00.000+00:00",
        "2026-01-01T19:04:20.000+00:00",
        "2026-01-01T19:05:10.000+00:00",
    ]
    kinds = {e.detector: e for e in report.episodes}
    frozen, gap = kinds["frozen_frame"], kinds["recording_gap"]
    assert Path(frozen.path).name == "20260102-030420.mp4"
    assert frozen.start_s == pytest.approx(8, abs=1) and frozen.end_s == pytest.approx(14, abs=1)
    assert (frozen.start or "").startswith("2026-01-01T19:04:2")
    assert gap.peak == pytest.approx(30, abs=1)
    coverage = {c.detector: c for c in report.coverage}
    assert set(coverage) == VIDEO
    for name in ("frozen_frame", "uninformative_frame", "moved_camera", "replayed_video"):
        whole = coverage[name].judged_s + coverage[name].blind_s
        assert whole == pytest.approx(sum(i.duration_s or 0 for i in report.inputs), abs=0.01), name


def test_a_camera_that_shows_its_own_past_in_a_later_file(
    audit: Auditor, recordings: Recordings, tmp_path: Path
) -> None:
    recordings.put("clean", tmp_path / "in" / "yard" / "20260102-030000.mp4")
    recordings.put("copy", tmp_path / "in" / "yard" / "20260102-060000.mp4")
    report = audit(tmp_path / "in", out=tmp_path / "out", more=site(tmp_path)).report
    (episode,) = [e for e in report.episodes if e.detector == "replayed_video"]
    assert Path(episode.path).name == "20260102-060000.mp4"
    assert episode.other is not None and Path(episode.other.path).name == "20260102-030000.mp4"
    assert episode.other.lag_s == pytest.approx(3 * 3600 - 4, abs=0.5)
    assert episode.other.start_s == pytest.approx(4, abs=1)


def test_a_duplicate_across_cameras_by_the_wall_clock(
    audit: Auditor, recordings: Recordings, tmp_path: Path
) -> None:
    """The copy is shown 90 s later than what it copies, begun 4 s into it."""
    recordings.put("clean", tmp_path / "in" / "north" / "20260102-030000.mp4")
    recordings.put("copy", tmp_path / "in" / "south" / "20260102-030130.mp4")
    report = audit(tmp_path / "in", out=tmp_path / "out", more=site(tmp_path)).report
    episode = only(report)
    assert (episode.detector, episode.stream) == ("duplicated_video", "south")
    assert episode.start_s == pytest.approx(0, abs=1) and episode.end_s == pytest.approx(12, abs=1)
    assert (episode.start or "").startswith("2026-01-01T19:01:30")
    other = episode.other
    assert other is not None and other.stream == "north"
    assert other.start_s == pytest.approx(4, abs=1) and other.end_s == pytest.approx(16, abs=1)
    assert other.lag_s == pytest.approx(86, abs=0.5)
    assert (other.start or "").startswith("2026-01-01T19:00:04")
    labels = [(s.label, s.stream) for s in episode.evidence.still_details]
    assert labels == [("own", "south"), ("other", "north")] * 3
    for own, shown in zip(
        episode.evidence.still_details[::2], episode.evidence.still_details[1::2], strict=True
    ):
        assert shown.at_s - own.at_s == pytest.approx(4, abs=0.3)


def test_a_camera_named_in_the_pattern_only_by_some_files(
    audit: Auditor, recordings: Recordings, tmp_path: Path
) -> None:
    """A file that the pattern does not fit is a camera of its own, without a clock."""
    recordings.put("clean", tmp_path / "in" / "yard" / "20260102-030000.mp4")
    recordings.put("other", tmp_path / "in" / "yard" / "export.mp4")
    report = audit(tmp_path / "in", out=tmp_path / "out", more=site(tmp_path)).report
    assert {(i.stream, i.start is None) for i in report.inputs} == {
        ("yard", False),
        ("export", True),
    }


def test_a_detector_that_fails_is_told_and_the_others_judge(
    audit: Auditor, recordings: Recordings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from detector.detectors.replayed_video import ReplayedVideo

    def broken(self: ReplayedVideo) -> None:
        raise RuntimeError("out of order")

    monkeypatch.setattr(ReplayedVideo, "finish", broken)
    held = recordings.put("held", tmp_path / "held.mp4")
    report = audit(held, out=tmp_path / "out").report
    assert only(report).detector == "frozen_frame"
    (blind,) = [c for c in report.coverage if c.detector == "replayed_video"]
    assert blind.judged_s == 0 and blind.blind_s == pytest.approx(20, abs=0.5)
    assert "RuntimeError: out of order" in (blind.blind_why or "")


def test_clear_cache_drops_what_was_decoded(recordings: Recordings, tmp_path: Path) -> None:
    clean = recordings.put("clean", tmp_path / "clean.mp4")
    command = ["audit", str(clean), "--quiet", "--cache", str(tmp_path / "cache")]
    assert main([*command, "--out", str(tmp_path / "one")]) == 0
    (tmp_path / "cache" / "entries" / "kept").mkdir()
    shutil.rmtree(tmp_path / "one")
    assert main([*command, "--out", str(tmp_path / "one"), "--clear-cache"]) == 0
    assert not (tmp_path / "cache" / "entries" / "kept").exists()
