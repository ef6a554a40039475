"""What was decoded is found again by content and parameters, and by nothing else."""

from __future__ import annotations

import multiprocessing
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from detector.core.errors import TrueshaftError
from detector.edge import cache as module
from detector.edge.cache import Cache, Entry, default_folder
from detector.edge.store import FeatureStore
from tests.edge.faulty import rows


def put(cache: Cache, digest: str, count: int = 3, keys_only: bool = False) -> Entry:
    folder = cache.begin()
    FeatureStore(folder).write(rows(count))
    return cache.keep(folder, digest, "features", {"keys_only": keys_only}, {"rows": count})


def get(cache: Cache, digest: str, keys_only: bool = False) -> int | None:
    entry = cache.find(digest, "features", {"keys_only": keys_only})
    return None if entry is None else len(entry.store.read("camera")[0])


def test_entries_are_found_again(tmp_path: Path) -> None:
    with Cache(tmp_path) as cache:
        assert get(cache, "d1") is None
        assert len(put(cache, "d1").store.read("camera")[0]) == 3
    with Cache(tmp_path) as cache:
        assert get(cache, "d1") == 3
        assert get(cache, "d2") is None
        assert get(cache, "d1", keys_only=True) is None
        entry = cache.find("d1", "features", {"keys_only": False})
        assert entry is not None
        assert entry.facts == {"rows": 3}


def test_other_code_makes_other_features(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Cache(tmp_path) as cache:
        put(cache, "d1")
    (tmp_path / "other.py").write_text("changed")
    monkeypatch.setattr(module, "_MAKERS", (SimpleNamespace(__file__=tmp_path / "other.py"),))
    with Cache(tmp_path) as cache:
        assert get(cache, "d1") is None


def test_a_damaged_entry_is_made_again(tmp_path: Path) -> None:
    with Cache(tmp_path) as cache:
        folder = put(cache, "d1").store.folder
        (folder / "frames.stir").write_bytes(b"short")
        assert get(cache, "d1") is None
        assert not folder.exists()
        put(cache, "d1")
        assert get(cache, "d1") == 3


def test_the_entries_used_longest_ago_go_first(tmp_path: Path) -> None:
    with Cache(tmp_path) as cache:
        size = sum(f.stat().st_size for f in put(cache, "d0", 100).store.folder.iterdir())
    with Cache(tmp_path, max_bytes=int(3.5 * size)) as cache:
        for age, digest in ((30, "d1"), (20, "d2")):
            entry = put(cache, digest, 100)
            os.utime(entry.store.folder, (1e9 - age, 1e9 - age))
        assert get(cache, "d0") == 100
        assert get(cache, "d1") == 100
        put(cache, "d3", 100)
        kept = [digest for digest in ("d0", "d1", "d2", "d3") if get(cache, digest)]
    assert kept == ["d0", "d1", "d3"]


def test_an_entry_larger_than_the_cache_serves_this_time(tmp_path: Path) -> None:
    with Cache(tmp_path, max_bytes=10) as cache:
        put(cache, "d1")
        assert get(cache, "d1") == 3
        put(cache, "d2")
        assert get(cache, "d1") is None


def test_what_is_removed_while_in_use_stays_readable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("detector.edge.store.READ_BYTES", 0)
    with Cache(tmp_path) as cache:
        frames, _ = put(cache, "d1").store.read("camera")
        cache.clear()
        assert get(cache, "d1") is None
        assert frames.coded.tolist() == [0, 1, 2]


def test_leftovers_of_runs_that_ended_are_removed(tmp_path: Path) -> None:
    running = Cache(tmp_path)
    at_work = running.begin()
    dead = tmp_path / "runs" / "dead"
    dead.mkdir()
    (dead / "lock").touch()
    (dead / "frames.time").write_bytes(b"x")
    with Cache(tmp_path):
        assert at_work.is_dir()
        assert not dead.exists()
    running.close()
    assert list((tmp_path / "runs").iterdir()) == []


def test_two_audits_may_keep_the_same(tmp_path: Path) -> None:
    with Cache(tmp_path) as one, Cache(tmp_path) as other:
        put(one, "d1")
        assert len(put(other, "d1").store.read("camera")[0]) == 3
        assert get(one, "d1") == 3


def _audit(folder: Path) -> None:
    with Cache(folder, max_bytes=20_000) as cache:
        for i in range(40):
            digest = f"d{i % 7}"
            found = cache.find(digest, "features", {"keys_only": False})
            entry = found or put(cache, digest, 5)
            assert entry.facts == {"rows": 5}


def test_audits_at_once_do_not_disturb_each_other(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    audits = [context.Process(target=_audit, args=(tmp_path,)) for _ in range(2)]
    for audit in audits:
        audit.start()
    for audit in audits:
        audit.join(60)
    assert [audit.exitcode for audit in audits] == [0, 0]


def test_a_folder_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(TrueshaftError, match="cannot be used"):
        Cache(tmp_path / "file")


def test_the_folder_follows_the_desktop_standard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/var/caches")
    assert default_folder() == Path("/var/caches/trueshaft")
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert default_folder() == Path.home() / ".cache" / "trueshaft"
