"""Finding the recordings and readings to audit, and their digests."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

#: Endings of names that make a file in a folder a recording.
RECORDINGS = frozenset(
    (
        *("3g2", "3gp", "asf", "avi", "dav", "divx", "f4v", "flv", "gxf", "ifv", "ivf", "jsv"),
        *("m2t", "m2ts", "m4v", "mkv", "mod", "mov", "mp4", "mpe", "mpeg", "mpg", "mpv", "mts"),
        *("mxf", "nut", "ogm", "ogv", "ps", "qt", "rm", "rmvb", "tod", "trp", "ts", "vob"),
        *("webm", "wmv", "wtv", "xvid"),
        *("264", "265", "av1", "avc", "dv", "h261", "h263", "h264", "h265", "hevc", "m2v"),
        *("mjpeg", "mjpg", "obu"),
    )
)
#: Endings of names that make a file readings.
READINGS = frozenset({"csv"})
#: Why pipes, sockets and devices are not read.
NO_FILE = "it is neither a file nor a folder"
#: Why playlists are not read.
PLAYLIST = "playlists are not opened, as they can name other files: name the recordings instead"
#: How playlists begin: HLS, concat, PLS, SDP.
_LISTS = (b"#extm3u", b"ffconcat", b"file ", b"[playlist]", b"v=0")
#: Elements that XML playlists have: DASH, XSPF, SMIL, Smooth Streaming.
_XML_LISTS = (b"<mpd", b"<playlist", b"<smil", b"<smoothstreamingmedia")

Kind = Literal["video", "readings"]


@dataclass(frozen=True)
class Input:
    """A file to audit."""

    path: Path
    kind: Kind


@dataclass
class Found:
    """What a search came to, each list in order of the search.

    ``inputs``: files to audit, each real file once. ``problems``: (path, reason) of what was asked
    for but cannot be read. ``ignored``: files in folders that are neither recording nor readings.
    ``odd``: pipes, sockets and devices among them. ``barren``: folders asked for that hold nothing
    to audit.
    """

    inputs: list[Input] = field(default_factory=list)
    problems: list[tuple[Path, str]] = field(default_factory=list)
    ignored: list[Path] = field(default_factory=list)
    odd: list[Path] = field(default_factory=list)
    barren: list[Path] = field(default_factory=list)

    @property
    def nothing(self) -> bool:
        """There is nothing that could be audited, nor was there anything that should have been."""
        return not self.inputs and all(reason == NO_FILE for _, reason in self.problems)


def find(paths: Sequence[Path]) -> Found:
    """Search files and folders for recordings and readings.

    A file named in ``paths`` is a recording whatever its name, unless it ends in .csv; in folders,
    searched with all they hold in order of names, the ending decides (no part of a report ends like
    a recording). Symbolic links are followed, each real file counts once. Hidden files are passed
    over. Pipes, sockets and devices are never opened; those named, or called like a
    recording or readings, are problems.
    """
    search = _Search()
    for path in paths:
        search.named(path)
    return search.found


def sha256(path: Path, progress: Callable[[int], None] | None = None) -> str:
    """SHA-256 of a file's content in hex; ``progress`` gets the bytes read so far. OSError."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb", buffering=0) as file:
        buffer = memoryview(bytearray(1 << 20))
        while count := file.readinto(buffer):
            digest.update(buffer[:count])
            size += count
            if progress is not None:
                progress(size)
    return digest.hexdigest()


def is_playlist(path: Path) -> bool:
    """Whether a file begins as a playlist does, whatever it is called. OSError."""
    with path.open("rb") as file:
        start = file.read(1024).removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return start.startswith(_LISTS) or (
        start.startswith(b"<") and any(element in start for element in _XML_LISTS)
    )


def printable(path: Path) -> str:
    """The path as text that can be shown and written; bytes that are no text as ``\\xff``."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _identity(path: Path) -> tuple[int, int] | str | None:
    """What a path leads to: a folder by its inode, a file by its real name; None for nothing.

    Two names of one file (hard links) are two files: the same content twice is worth reporting.
    """
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if stat.S_ISDIR(found.st_mode) else os.path.realpath(path)


class _Search:
    def __init__(self) -> None:
        self.found = Found()
        self._seen: set[tuple[int, int] | str | None] = set()
        self._offers = 0

    def named(self, path: Path) -> None:
        """Look at a path that was asked for."""
        mode = self._mode(path)
        if mode is None:
            return
        if stat.S_ISDIR(mode):
            before = self._offers, len(self.found.problems)
            if self._folder(path) and before == (self._offers, len(self.found.problems)):
                self.found.barren.append(path)
        elif self._first_time(path):
            self._file(path, mode)

    def _folder(self, folder: Path) -> bool:
        """Search a folder; False where it has been searched."""
        if _identity(folder) in self._seen:
            return False
        pending = [folder]
        while pending:
            path = pending.pop()
            if not self._first_time(path):
                continue
            below: list[Path] = []
            for entry in self._entries(path):
                if entry.is_dir():
                    below.append(entry)
                else:
                    self._offered(entry)
            pending += reversed(below)
        return True

    def _entries(self, folder: Path) -> Iterator[Path]:
        try:
            names = sorted(os.listdir(folder), key=os.fsencode)
        except OSError as error:
            self._problem(folder, error)
            return
        yield from (folder / name for name in names if not name.startswith("."))

    def _offered(self, path: Path) -> None:
        ending = _ending(path)
        if ending not in RECORDINGS and ending not in READINGS:
            odd = path.exists() and not path.is_file()
            (self.found.odd if odd else self.found.ignored).append(path)
            return
        self._offers += 1
        mode = self._mode(path)
        if mode is not None and self._first_time(path):
            self._file(path, mode)

    def _file(self, path: Path, mode: int) -> None:
        if not stat.S_ISREG(mode):
            self.found.problems.append((path, NO_FILE))
        elif os.access(path, os.R_OK):
            kind: Kind = "readings" if _ending(path) in READINGS else "video"
            self.found.inputs.append(Input(path, kind))
        else:
            self.found.problems.append((path, "Permission denied"))

    def _first_time(self, path: Path) -> bool:
        identity = _identity(path)
        first = identity is not None and identity not in self._seen
        self._seen.add(identity)
        return first

    def _mode(self, path: Path) -> int | None:
        try:
            return path.stat().st_mode
        except OSError as error:
            self._problem(path, error)
            return None

    def _problem(self, path: Path, error: OSError) -> None:
        self.found.problems.append((path, error.strerror or str(error)))


def _ending(path: Path) -> str:
    return path.suffix[1:].lower()
