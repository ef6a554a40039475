"""A TOML file: read, and its problems told with the line they are on."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from detector.core.errors import ConfigError

#: Where a value is in a document: keys of tables and places in lists.
Place = tuple[str | int, ...]

_WORDS = {
    "dict_type": "should be a table",
    "model_type": "should be a table",
    "tuple_type": "should be a list",
    "string_type": "should be a text",
    "union_tag_invalid": "is of no known kind",
    "union_tag_not_found": "does not say its kind",
}


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a document: at ``place``, ``what``, and what to write instead."""

    place: Place
    what: str
    todo: str


@dataclass(frozen=True)
class Document:
    """A parsed TOML file; ``lines`` maps a place to the line (from 1) where it is written."""

    path: Path | None = None
    values: dict[str, Any] = field(default_factory=dict)
    lines: Mapping[Place, int] = field(default_factory=dict)

    def where(self, place: Place) -> str:
        """``file:line`` of a place or of the closest thing around it that is written."""
        if self.path is None:
            return ""
        for length in range(len(place), 0, -1):
            if place[:length] in self.lines:
                return f"{self.path}:{self.lines[place[:length]]}"
        return str(self.path)

    def error(self, problems: Sequence[Problem]) -> ConfigError:
        """The error that tells these problems."""
        told = sorted(problems, key=lambda p: (self.lines.get(p.place, 0), str(p.place)))
        if len(told) == 1:
            first = told[0]
            return ConfigError(_sentence(first), self.where(first.place), first.todo)
        each = [f"{self.where(p.place)}: {_sentence(p)}; {p.todo}".rstrip("; ") for p in told]
        return ConfigError("\n".join([f"{len(told)} problems", *each]), str(self.path or ""))


def read_document(path: Path) -> Document:
    """Read a TOML file. Raises ConfigError where it is no readable TOML in UTF-8."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise ConfigError(
            error.strerror or "cannot be read", str(path), "name a readable TOML file"
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"byte {error.start} is not UTF-8", str(path), "save the file in UTF-8"
        ) from error
    return parsed_document(path, text)


def parsed_document(path: Path, text: str) -> Document:
    """The document that a file with this text is. Raises ConfigError where it is no TOML."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        told = re.search(r"line (\d+)", str(error))
        line = told[1] if told else text.rstrip().count("\n") + 1  # at end of document
        raise ConfigError(str(error), f"{path}:{line}", "correct the TOML") from error
    return Document(path, values, dict(_places(text)))


def problems_of(error: ValidationError, model: type[BaseModel]) -> list[Problem]:
    """The problems that pydantic found in a document of this model."""
    return [_problem(details, model) for details in error.errors()]


def unknown_key(place: Place, known: Sequence[str]) -> Problem:
    """The problem of a key that is not known at ``place``."""
    close = difflib.get_close_matches(str(place[-1]), known, n=1)
    todo = f"did you mean {close[0]}? " if close else ""
    return Problem(place, "is not known", f"{todo}use one of {', '.join(sorted(known))}")


def name_of(place: Place) -> str:
    """A place as it is spoken of: ``streams[1].alarm_at``, places in lists from 1."""
    text = "".join(f"[{p + 1}]" if isinstance(p, int) else f".{p}" for p in place)
    return text.removeprefix(".")


def _sentence(problem: Problem) -> str:
    return f"{name_of(problem.place)}: {problem.what}" if problem.place else problem.what


def _problem(details: ErrorDetails, model: type[BaseModel]) -> Problem:
    place, key, info, models = _walk(details["loc"], model)
    if details["type"] == "extra_forbidden":
        return unknown_key(place, [name for m in models for name in m.model_fields])
    meaning = f"{key}: {info.description}" if info and info.description else key
    if details["type"] == "missing":
        return Problem(place, "is missing", f"add {meaning}")
    what = _WORDS.get(details["type"]) or details["msg"].removeprefix("Value error, ")
    what = what[:1].lower() + what[1:]
    if details["type"] == "union_tag_invalid":
        known = details.get("ctx", {}).get("expected_tags", "").replace("'", "")
        close = difflib.get_close_matches(str(details.get("ctx", {}).get("tag")), known.split(", "))
        todo = f"did you mean {close[0]}? " if close else ""
        return Problem(place, what, f"{todo}write one of {known} as its kind")
    if info is None:
        return Problem(place, *what.split("; ", 1)) if "; " in what else Problem(place, what, "")
    if details["type"] == "string_type":
        return Problem(place, what, f"write in quotes {meaning}")
    given = "" if isinstance(details["input"], dict) else f"{details['input']!r}: "
    return Problem(place, given + what, f"give {meaning}")


def _walk(
    loc: Place, model: type[BaseModel]
) -> tuple[Place, str, FieldInfo | None, list[type[BaseModel]]]:
    """The place in the document, the key and field it is of, and the models around that key.

    pydantic puts the tag of a union among the keys; it is no place in the document.
    """
    place: list[str | int] = []
    key, info, owners, inside = "", None, [model], [model]
    for part in loc:
        hits = [m.model_fields[part] for m in inside if part in m.model_fields]
        if isinstance(part, str) and inside and not hits and part != loc[-1]:
            continue
        place.append(part)
        if isinstance(part, str):
            owners = inside
        if hits:
            key, info = str(part), hits[0]
            inside = [m for hit in hits for m in _models(hit.annotation)]
    return tuple(place), key, info, owners


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models(argument)


def _places(text: str) -> Iterator[tuple[Place, int]]:
    """Each place with its line: the text is cut into the shortest pieces that are TOML."""
    table: Place = ()
    counts: dict[Place, int] = {}
    piece, first = "", 1
    for number, line in enumerate(text.split("\n"), start=1):
        first = first if piece else number
        piece += line + "\n"
        try:
            values = tomllib.loads(piece)
        except tomllib.TOMLDecodeError:
            continue
        if values and line.lstrip().startswith("[") and first == number:
            table = _table(values, counts)
            yield table, first
        else:
            yield from ((place, first) for place in _inside(values, table))
        piece = ""


def _table(values: Any, counts: dict[Place, int]) -> Place:
    """The place of the table whose header this is; counts the tables of each list."""
    place: Place = ()
    while values:
        if isinstance(values, list):
            counts[place] = counts.get(place, -1) + 1
            values = values[0]
        else:
            (key, values), *_ = values.items()
            place = (*place, *((counts[place],) if place in counts else ()), key)
    return (*place, counts[place]) if place in counts else place


def _inside(value: Any, place: Place) -> Iterator[Place]:
    items: Any = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    for key, inner in items:
        yield (*place, key)
        yield from _inside(inner, (*place, key))
