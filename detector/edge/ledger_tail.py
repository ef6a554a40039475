"""Reading on in a ledger that others write, and reading an entry again where it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from detector.edge.ledger import MOST, BadEntry, Entry, parsed


class Tail:
    """A ledger's file, read on from where it was read last; it need not be there yet."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BinaryIO | None = None
        self._at = 0

    def new(self) -> Iterator[tuple[int, Entry]]:
        """The entries written since, each with its place. Raises BadEntry of a broken one, again
        whenever it is asked."""
        file = self._opened()
        if file is None:
            return
        while True:
            file.seek(self._at)
            line = file.readline(MOST)
            if not line.endswith(b"\n"):
                return
            entry = parsed(line)
            place, self._at = self._at, self._at + len(line)
            yield place, entry

    def grown(self) -> bool:
        """Whether there is more than was read."""
        try:
            return self._path.stat().st_size > self._at
        except OSError:
            return False

    def entry(self, place: int) -> Entry:
        """The entry at a place that :meth:`new` told. Raises BadEntry."""
        with self._path.open("rb") as file:
            file.seek(place)
            line = file.readline(MOST)
        if not line.endswith(b"\n"):
            raise BadEntry("the entry is not there any more")
        return parsed(line)

    def _opened(self) -> BinaryIO | None:
        if self._file is None:
            try:
                self._file = self._path.open("rb")
            except OSError:
                return None
        return self._file

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
            self._file = None
