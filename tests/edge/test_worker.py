"""A decoder that fails costs its own recording and nothing else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from detector.core.errors import TrueshaftError
from detector.edge.store import FeatureStore
from detector.edge.task import Limits, Outcome, Progress, Task
from detector.edge.worker import Workers, run
from tests.edge import faulty

ROOT = Path(__file__).resolve().parents[2]
QUICK = Limits(memory_mb=600, stall_s=4.0, base_s=60.0)


def one(function: Callable[..., Any], *arguments: Any, limits: Limits = QUICK) -> Outcome:
    """The outcome of one task, followed by one that must not suffer."""
    here = Path("recording.mp4")
    tasks = [Task(here, function, arguments), Task(here, faulty.chatter)]
    first, second = run(tasks, jobs=1, limits=limits)
    assert second.status == "ok"
    return first


def test_a_task_that_ends_well(tmp_path: Path) -> None:
    outcome = one(faulty.decode, tmp_path, 3)
    assert (outcome.status, outcome.reason, outcome.rows) == ("ok", None, 3)
    assert outcome.repeatable
    assert 0 < outcome.peak_mb < 600


@pytest.mark.parametrize(
    ("function", "words"),
    [(faulty.abort, "crashed (SIGABRT)"), (faulty.leave, "ended by itself (status 3)")],
)
def test_a_crash_without_rows_is_unreadable(function: Callable[..., Any], words: str) -> None:
    outcome = one(function)
    assert outcome.status == "unreadable"
    assert outcome.reason is not None
    assert words in outcome.reason


def test_rows_delivered_before_a_crash_are_kept(tmp_path: Path) -> None:
    outcome = one(faulty.crash, tmp_path, 5)
    assert (outcome.status, outcome.rows) == ("partial", 5)
    assert outcome.reason == "the decoder crashed (SIGSEGV), at 1.0 s of the recording"
    assert not outcome.repeatable
    frames, views = FeatureStore(tmp_path).read("camera")
    assert frames.coded.tolist() == [0, 1, 2, 3, 4]
    assert len(views) == 0


def test_a_hang_is_ended(tmp_path: Path) -> None:
    outcome = one(faulty.hang, tmp_path, 4)
    assert (outcome.status, outcome.rows, outcome.repeatable) == ("partial", 4, False)
    assert outcome.reason is not None
    assert "no progress for 4 s" in outcome.reason


def test_signs_of_life_do_not_help_for_ever() -> None:
    outcome = one(faulty.dawdle, limits=Limits(stall_s=30.0, base_s=2.0))
    assert (outcome.status, outcome.repeatable) == ("unreadable", False)
    assert outcome.reason is not None
    assert "longer than the 2 s allowed" in outcome.reason


def test_memory_is_limited() -> None:
    outcome = one(faulty.hog)
    assert outcome.status == "unreadable"
    assert outcome.reason == "decoding needs more than the 600 MB of memory allowed"
    assert not outcome.repeatable
    assert outcome.peak_mb < 700


def test_memory_is_limited_in_c_too() -> None:
    outcome = one(faulty.hog_in_c)
    assert outcome.status == "unreadable"
    assert outcome.reason is not None
    assert "crashed" in outcome.reason


@pytest.mark.parametrize(
    ("function", "reason", "repeatable"),
    [
        (faulty.fail, "KeyError: 'no such box'", True),
        (faulty.refuse, "there is no video in it", True),
        (faulty.fill_disk, "No space left on device", False),
    ],
)
def test_errors_give_their_reason(
    function: Callable[..., Any], reason: str, repeatable: bool
) -> None:
    outcome = one(function)
    assert (outcome.status, outcome.reason) == ("unreadable", reason)
    assert outcome.repeatable is repeatable


def test_faults_make_an_outcome_partial(tmp_path: Path) -> None:
    outcome = one(faulty.complain, tmp_path)
    assert (outcome.status, outcome.rows) == ("partial", 2)
    assert outcome.faults == ("some pictures are damaged",)


def test_processes_that_cannot_start_are_no_fault_of_recordings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for executable, error in (("/bin/false", TrueshaftError), ("/nowhere", FileNotFoundError)):
        monkeypatch.setattr(sys, "executable", executable)
        with pytest.raises(error):
            list(run([Task(tmp_path, faulty.chatter)], jobs=2))


def test_decoders_are_silent(capfd: pytest.CaptureFixture[str]) -> None:
    one(faulty.abort)
    one(faulty.chatter)
    assert capfd.readouterr() == ("", "")


def test_processes_are_kept_while_they_behave(tmp_path: Path) -> None:
    tasks = [Task(tmp_path, faulty.decode, (tmp_path / str(i),)) for i in range(12)]
    tasks.insert(6, Task(tmp_path, faulty.leave))
    outcomes = list(run(tasks, jobs=2, limits=QUICK))
    assert [outcome.status for outcome in outcomes].count("ok") == 12
    used = {outcome.result["process"] for outcome in outcomes if outcome.result}
    assert 1 <= len(used) <= 3
    assert os.getpid() not in used


def test_progress_is_told(tmp_path: Path) -> None:
    heard: list[Progress] = []
    tasks = [Task(tmp_path, faulty.decode, (tmp_path, 3))]
    assert len(list(run(tasks, 1, QUICK, heard.append))) == 1
    assert [round(progress.at_s, 3) for progress in heard] == [0.6]


def test_tasks_may_follow_from_outcomes(tmp_path: Path) -> None:
    with Workers(1, QUICK) as workers:
        workers.submit(Task(tmp_path, faulty.decode, (tmp_path / "first",)))
        seen = 0
        for outcome in workers.outcomes():
            seen += 1
            if seen < 4:
                workers.submit(Task(tmp_path, faulty.decode, (tmp_path / str(seen),)))
            assert outcome.status == "ok"
    assert seen == 4


def test_stopping_gives_what_was_done(tmp_path: Path) -> None:
    with Workers(2, Limits()) as workers:
        workers.submit(Task(tmp_path / "a", faulty.hang, (tmp_path / "a", 3)))
        workers.submit(Task(tmp_path / "b", faulty.decode, (tmp_path / "b", 3)))
        workers.submit(Task(tmp_path / "c", faulty.hang, (tmp_path / "c",)))
        workers.submit(Task(tmp_path / "d", faulty.decode, (tmp_path / "d",)))
        outcomes = workers.outcomes()
        assert next(outcomes).task.path.name == "b"
        _until((tmp_path / "a" / "frames.coded").exists)
        time.sleep(0.3)
        left = {outcome.task.path.name: outcome for outcome in workers.stop()}
    assert left["a"].status == "partial"
    assert left["a"].reason is not None
    assert left["a"].reason.startswith("interrupted")
    assert left["c"].status == left["d"].status == "unreadable"
    assert left["d"].reason == "interrupted before it began"
    assert not any(outcome.repeatable for outcome in left.values())
    assert len(FeatureStore(tmp_path / "a").read("a")[0]) == 3


_AUDIT = """
import sys
from pathlib import Path
from detector.edge.task import Task
from detector.edge.worker import run
from tests.edge import faulty

folder = Path(sys.argv[1])
tasks = [Task(folder, faulty.hang, (folder / name, 1)) for name in "ab"]
print("begun", flush=True)
try:
    list(run(tasks, 2))
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_processes_do_not_outlive_their_parent(tmp_path: Path, how: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _AUDIT, str(tmp_path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:
        _until(lambda: all((tmp_path / name / "frames.coded").exists() for name in "ab"))
        children = _children(parent.pid)
        assert len(children) == 2
        parent.send_signal(how)
        said, _ = parent.communicate(timeout=30)
    assert said.split() == ["begun", *(["interrupted"] if how == signal.SIGINT else [])]
    _until(lambda: not any(_alive(child) for child in children))


def _children(pid: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.append(int(stat.parent.name))
    return found


def _alive(pid: int) -> bool:
    try:
        return "zombie" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def _until(condition: Callable[[], bool]) -> None:
    for _ in range(600):
        if condition():
            return
        time.sleep(0.05)
    pytest.fail("it did not happen within 30 s")
