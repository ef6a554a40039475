"""Saving thresholds, and every version there was: the ledger keeps them, with who and why."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from detector.apps.serve.desks import Desks
from detector.apps.serve.swap import Source, differences
from detector.core.errors import ConfigError, UsageError
from detector.edge import thresholds_file
from detector.edge.ledger import MOST, Entry, Ledger, parsed

KIND = "thresholds"
_MARK = b',"kind":"thresholds","prev":'
_WHY_MOST = 2000


@dataclass(frozen=True)
class Version:
    """What a file of thresholds became, when, by whom and why; ``seq`` is its place in the ledger.

    ``changes``: detector, key, old and new value of each; ``back_to``: the version it repeats.
    """

    seq: int
    hash: str
    time: str
    file: str
    by: str
    why: str
    changes: tuple[Mapping[str, Any], ...]
    text: str
    back_to: int | None = None


class Versions:
    """The versions that a ledger tells, read on from where it was read last."""

    def __init__(self, ledger: Path) -> None:
        self._path, self._at, self._lock = ledger, 0, Lock()
        self._known: list[Version] = []

    def of(self, file: str) -> list[Version]:
        """The versions of a file, the newest first. BadEntry of a broken one."""
        with self._lock:
            self._read()
        return [v for v in reversed(self._known) if v.file == file]

    def _read(self) -> None:
        try:
            with self._path.open("rb") as ledger:
                ledger.seek(self._at)
                while (line := ledger.readline(MOST)).endswith(b"\n"):
                    if _MARK in line:
                        self._take(parsed(line))
                    self._at += len(line)
        except FileNotFoundError:
            return

    def _take(self, entry: Entry) -> None:
        told = entry.document
        if entry.kind != KIND:
            return
        changes = tuple(told["changes"])
        who = (told["file"], told["by"], told["why"])
        back = told.get("back_to")
        self._known.append(
            Version(entry.seq, entry.hash, entry.time, *who, changes, told["text"], back)
        )


@dataclass(frozen=True)
class Author:
    """Who saves, and why."""

    by: str
    why: str

    def __post_init__(self) -> None:
        if not self.why.strip():
            raise UsageError("there is no reason", "why", "say why it is changed")


class Shelf:
    """The files of thresholds of a service's mines, and their versions."""

    def __init__(self, desks: Desks, ledger: Ledger) -> None:
        self._desks, self._ledger = desks, ledger
        self._versions = Versions(ledger.path)

    def versions(self, mine: str) -> list[Version]:
        """The versions of a mine's file, the newest first; none where it has no SITE.toml."""
        source = self._desks.source(mine)
        return self._versions.of(self._name(file_of(source))) if source is not None else []

    def save(
        self, mine: str, detector: str, values: Mapping[str, float | str], author: Author
    ) -> Entry:
        """Write values of a detector's threshold and note it; the service takes it up by itself.

        Raises ConfigError, naming the line, of what cannot be used; the file is then as it was.
        """
        return self._save(mine, lambda text: thresholds_file.edited(text, detector, values), author)

    def restore(self, mine: str, seq: int, author: Author) -> Entry:
        """Go back to an earlier version, as a version of its own. UsageError of an unknown one."""
        version = next((v for v in self.versions(mine) if v.seq == seq), None)
        if version is None:
            raise UsageError("there is no such version", str(seq), "name one of the history")
        return self._save(mine, lambda _: version.text, author, seq)

    def _name(self, file: Path) -> str:
        return Path(os.path.relpath(file, self._desks.beside)).as_posix()

    def _save(
        self, mine: str, change: Callable[[str], str], author: Author, back_to: int | None = None
    ) -> Entry:
        source = self._desks.source(mine)
        if source is None:
            todo = "start the service with --config SITE.toml"
            raise ConfigError("there is no SITE.toml whose thresholds these are", "", todo)
        self._desks.renewed()
        if source.problem:  # what it names now is not known: another file would take its place
            raise ConfigError(source.problem, "", "correct that first")
        path = file_of(source)
        with thresholds_file.alone(path):
            return self._replace(mine, source, path, change, author, back_to)

    def _replace(
        self,
        mine: str,
        source: Source,
        path: Path,
        change: Callable[[str], str],
        author: Author,
        back_to: int | None,
    ) -> Entry:
        made = source.file() is None
        before = thresholds_file.HEADER if made else thresholds_file.read(path)
        text = change(before)
        known = thresholds_file.checked(path, before)
        changes = differences(known, thresholds_file.checked(path, text))
        if not changes:
            raise UsageError("nothing would change", path.name, "give another value")
        told: dict[str, Any] = {
            "file": self._name(path),
            "mine": mine,
            "mines": self._desks.sharing(mine),
            "changes": changes,
            "by": author.by,
            "why": author.why.strip()[:_WHY_MOST],
            "sha256": hashlib.sha256(text.encode()).hexdigest(),
            "before_sha256": hashlib.sha256(before.encode()).hexdigest(),
            "text": text,
        }
        if back_to is not None:
            told["back_to"] = back_to
        ready = [(thresholds_file.prepared(path, text), path)]
        if made:
            named = thresholds_file.named(thresholds_file.read(source.path), path.name)
            ready.append((thresholds_file.prepared(source.path, named), source.path))
            told["named_in"] = source.path.name
        if not self._versions.of(self._name(path)):
            self._ledger.append(KIND, _first(told, before))
        entry = self._ledger.append(KIND, told)
        for beside, target in ready:
            beside.replace(target)
        return entry


def file_of(source: Source) -> Path:
    """The file of a site's own thresholds: the one its SITE.toml names, else one to be made."""
    known = source.file()
    if known is not None:
        return known
    folder = source.path.parent
    names = (thresholds_file.NAME, *(f"thresholds-{n}.toml" for n in range(2, 100)))
    return next(folder / name for name in names if not (folder / name).exists())


def _first(told: Mapping[str, Any], before: str) -> dict[str, Any]:
    """The version that there was before anything was saved."""
    known = {k: told[k] for k in ("file", "mine", "mines")}
    known |= {"sha256": told["before_sha256"], "text": before}
    return {**known, "changes": [], "by": "", "why": ""}
