"""Thresholds that are changed while the service runs: taken up between two judgements.

Only thresholds are: whatever else a SITE.toml says counts from the next start on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from detector.config import Configuration, load
from detector.core.episode import Threshold
from detector.core.errors import ConfigError

#: What tells one state of a file from another; nothing of one that is not there.
_State = tuple[int, ...]


@dataclass
class Source:
    """The files that the thresholds of some mines come from: a SITE.toml, and what it names."""

    path: Path
    configuration: Configuration
    problem: str = ""
    _seen: tuple[_State, ...] = field(default=())

    def __post_init__(self) -> None:
        self._seen = self._states()

    def file(self) -> Path | None:
        """The file of the site's own thresholds, None where it names none."""
        named = self.configuration.site.thresholds.path
        return self.path.parent / named if named is not None else None

    def renewed(self, read: Callable[[Path], Configuration] = load) -> list[dict[str, Any]]:
        """What is in force now that was not before: detector, key, old and new value of each.

        A file that cannot be used leaves the former thresholds in force; ``problem`` says why.
        """
        states = self._states()
        if states == self._seen:
            return []
        self._seen = states
        try:
            fresh = read(self.path)
        except ConfigError as error:
            where = f"{error.where}: " if error.where else ""
            todo = f" ({error.todo})" if error.todo else ""
            self.problem = f"the former thresholds stay in force: {where}{error.what}{todo}"
            self._seen = self._states()
            return []
        self.problem = ""
        before, known = self.configuration.thresholds, self.configuration
        site = known.site.model_copy(update={"thresholds": fresh.site.thresholds})
        own = fresh.own_thresholds
        self.configuration = replace(
            known, site=site, thresholds=fresh.thresholds, own_thresholds=own
        )
        self._seen = self._states()
        return differences(before, fresh.thresholds)

    def _states(self) -> tuple[_State, ...]:
        own = self.file()
        known = {self.path, *([own] if own is not None else [])}
        if self.problem:  # what is wrong may be in a file that was named only now
            known |= set(self.path.parent.glob("*.toml"))
        return tuple(_state(path) for path in sorted(known))


def differences(
    before: Mapping[str, Threshold], after: Mapping[str, Threshold]
) -> list[dict[str, Any]]:
    """Detector, key, old and new value of what differs between thresholds."""
    return [
        {"detector": name, "key": key, "old": old, "new": new}
        for name in sorted(before.keys() & after.keys())
        for (key, old), new in zip(
            asdict(before[name]).items(), asdict(after[name]).values(), strict=True
        )
        if old != new
    ]


def _state(path: Path) -> _State:
    try:
        told = path.stat()
    except OSError:
        return ()
    return told.st_mtime_ns, told.st_size, told.st_ino
