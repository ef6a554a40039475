"""What was decoded before, by the content of the recording and the parameters of decoding.

    with Cache(default_folder(), max_bytes) as cache:
        entry = cache.find(digest, "views", {"keys_only": True})
        if entry is None:
            folder = cache.begin()                      # a worker writes a FeatureStore there
            entry = cache.keep(folder, digest, "views", {"keys_only": True}, facts)

An entry is a sealed :class:`detector.edge.store.FeatureStore`. Entries come and go by renaming
whole folders, so that several audits may share a cache; what is deleted while it is mapped stays
readable.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from detector.core import observation
from detector.core.errors import TrueshaftError
from detector.edge import clock, packets, recording, seeking, video
from detector.edge.store import FeatureStore
from detector.signals import change, rows

#: Bytes the entries of a cache may take.
MAX_BYTES = 10_000_000_000

_ENTRIES = "entries"
_RUNS = "runs"
_LOCK = "lock"
#: What makes the features: where one of these differs, they are made again.
_MAKERS = (observation, change, rows, clock, packets, recording, seeking, video)


@dataclass(frozen=True)
class Entry:
    """Features read back: where they are and the facts they were kept with."""

    store: FeatureStore
    facts: dict[str, Any]


def default_folder() -> Path:
    """``$XDG_CACHE_HOME/trueshaft``, or ``~/.cache/trueshaft``."""
    home = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return (home if home.is_absolute() else Path.home() / ".cache") / "trueshaft"


class Cache:
    """A folder of entries, bounded in size; those not used for longest go first.

    Raises :class:`TrueshaftError` where the folder cannot be written.
    """

    def __init__(self, folder: Path, max_bytes: int = MAX_BYTES) -> None:
        self._entries = folder / _ENTRIES
        self._runs = folder / _RUNS
        self._max_bytes = max_bytes
        self._total: int | None = None
        self._version = _features_version()
        try:
            self._entries.mkdir(parents=True, exist_ok=True)
            self._runs.mkdir(exist_ok=True)
            with _locked(folder / _LOCK):
                self._sweep()
                self._run = Path(tempfile.mkdtemp(dir=self._runs))
                self._lock = _held(self._run / _LOCK)
        except OSError as error:
            raise TrueshaftError(
                f"the cache cannot be used: {error.strerror or error}",
                where=str(folder),
                todo="name another folder for it, or make this one writable",
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def find(self, digest: str, kind: str, parameters: Mapping[str, Any]) -> Entry | None:
        """The entry of a recording's ``digest`` (SHA-256), kept before; None where there is none.

        A damaged entry is removed and counts as none.
        """
        folder = self._folder(digest, kind, parameters)
        if not folder.is_dir():
            return None
        with contextlib.suppress(OSError):
            os.utime(folder)
        store = FeatureStore(folder, create=False)
        facts = store.facts()
        if facts is None:
            self._remove(folder)
            return None
        return Entry(store, facts)

    def begin(self) -> Path:
        """A new folder to write a store into; gone with this object unless kept."""
        return Path(tempfile.mkdtemp(dir=self._run))

    def keep(
        self,
        folder: Path,
        digest: str,
        kind: str,
        parameters: Mapping[str, Any],
        facts: Mapping[str, Any],
    ) -> Entry:
        """Make what was written to ``folder`` (:meth:`begin`) an entry, with ``facts`` (JSON).

        Keep only what decoding again would give again. Where another audit was first, its entry
        stands. Entries not used for longest are removed to make room; this one stays.
        """
        target = self._folder(digest, kind, parameters)
        try:
            FeatureStore(folder).seal(facts)
            folder.rename(target)
            self._trim(target)
        except OSError:  # another audit was first, or the disk is full or at fault
            return self.find(digest, kind, parameters) or Entry(FeatureStore(folder), dict(facts))
        return Entry(FeatureStore(target, create=False), dict(facts))

    def clear(self) -> None:
        """Remove all entries."""
        for folder in self._kept():
            self._remove(folder)

    def close(self) -> None:
        """Remove what was begun and not kept."""
        shutil.rmtree(self._run, ignore_errors=True)
        os.close(self._lock)

    def _folder(self, digest: str, kind: str, parameters: Mapping[str, Any]) -> Path:
        what = json.dumps([self._version, kind, dict(parameters)], sort_keys=True)
        key = hashlib.sha256(what.encode()).hexdigest()[:16]
        return self._entries / f"{digest}-{kind}-{key}"

    def _kept(self) -> list[Path]:
        try:
            return sorted(path for path in self._entries.iterdir() if path.is_dir())
        except OSError:
            return []

    def _trim(self, new: Path) -> None:
        """Remove the entries used longest ago until the others fit; never ``new``."""
        if self._total is not None:
            self._total += _bytes(new)
            if self._total <= self._max_bytes:
                return
        used = []
        for folder in self._kept():
            with contextlib.suppress(OSError):
                used.append((folder.stat().st_mtime, folder, _bytes(folder)))
        total = sum(size for _, _, size in used)
        for _, folder, size in sorted(used):
            if total > self._max_bytes and folder != new:
                self._remove(folder)
                total -= size
        self._total = total

    def _remove(self, folder: Path) -> None:
        """Take an entry out in one step, then delete it."""
        trash = self.begin()
        with contextlib.suppress(OSError):
            folder.rename(trash / folder.name)
        shutil.rmtree(trash, ignore_errors=True)

    def _sweep(self) -> None:
        """Remove what runs that have ended left behind: nobody holds their locks any more."""
        for run in self._runs.iterdir():
            with contextlib.suppress(OSError):
                os.close(_held(run / _LOCK, wait=False))
                shutil.rmtree(run, ignore_errors=True)


def _held(path: Path, wait: bool = True) -> int:
    """Descriptor of a lock file, locked until it is closed; BlockingIOError where not to wait."""
    lock = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:
        os.close(lock)
        raise
    return lock


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    lock = _held(path)
    try:
        yield
    finally:
        os.close(lock)


def _features_version() -> str:
    digest = hashlib.sha256()
    for module in _MAKERS:
        digest.update(Path(str(module.__file__)).read_bytes())
    return digest.hexdigest()


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())
