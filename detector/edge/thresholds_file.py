"""A site's file of thresholds, written anew with its comments, order and spaces kept."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, InlineTable, Table

from detector.config.document import parsed_document, read_document
from detector.config.shipped import shipped
from detector.config.thresholds import read_thresholds
from detector.core.episode import Threshold
from detector.core.errors import ConfigError, TrueshaftError

#: Name of the file that is made where a SITE.toml names none.
NAME = "thresholds.toml"
HEADER = """\
# Thresholds of this site: they replace the shipped ones, key by key.
#
# raise_at  an episode opens when the score reaches this
# clear_at  and goes on while the score is at or above this
# hold_s    seconds the score may stay below clear_at before the episode ends
# severity  info | warning | critical
"""


def read(path: Path) -> str:
    """The text of a file, its ends of line as they are. Raises ConfigError."""
    read_document(path)
    return path.read_bytes().decode("utf-8-sig")


def edited(text: str, detector: str, changes: Mapping[str, float | str]) -> str:
    """The text of a file with these keys of a detector set, and nothing else changed.

    >>> edited("[spike] # see there\\nraise_at = 2.0 # usual\\n", "spike", {"raise_at": 3.5})
    '[spike] # see there\\nraise_at = 3.5 # usual\\n'
    """
    try:
        document = tomlkit.parse(text)
    except TOMLKitError as error:
        raise ConfigError(str(error), "", "correct the TOML") from error
    table = document.get(detector)
    if table is None:
        if text.strip():
            document.add(tomlkit.nl())
        table = tomlkit.table()
        document.add(detector, table)
    if not isinstance(table, Mapping) or isinstance(table, AoT):
        raise ConfigError(f"{detector}: is no table", "", f"write [{detector}]")
    for key, value in changes.items():
        table[key] = value  # type: ignore[index]
    return tomlkit.dumps(document)


def named(text: str, name: str) -> str:
    """The text of a SITE.toml that names its file of thresholds, and nothing else changed."""
    document = tomlkit.parse(text)
    table = document.get("thresholds")
    if isinstance(table, Table | InlineTable):
        table["path"] = name
        return tomlkit.dumps(document)
    gap = "" if not text or text.endswith("\n\n") else "\n" if text.endswith("\n") else "\n\n"
    return f'{text}{gap}[thresholds]\npath = "{name}"\n'


def checked(path: Path, text: str) -> dict[str, Threshold]:
    """The thresholds in force once ``path`` has this text. ConfigError naming the line."""
    own = parsed_document(path, text)
    return read_thresholds(read_document(shipped("config/thresholds.toml")), own)


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Only one process at a time changes a file."""
    try:
        with path.with_name(f".{path.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
    except PermissionError as error:
        raise unwritable(path, error) from error


def prepared(path: Path, text: str) -> Path:
    """A file beside ``path`` with this text, on disk: it only has to take its name."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with beside.open("w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            beside.chmod(path.stat().st_mode & 0o777)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise unwritable(path, error) from error
    return beside


def unwritable(path: Path, error: OSError) -> TrueshaftError:
    """The error that tells that a file cannot be changed."""
    told = f"it cannot be written: {error.strerror or error}"
    return ConfigError(told, str(path), "let the service's user write it and its folder")
