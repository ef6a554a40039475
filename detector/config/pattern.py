"""What the name of a recording says: its camera, its start, its end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from pathlib import PurePosixPath

_NUMBERS = {
    "Y": r"[0-9]{4}",
    "y": r"[0-9]{2}",
    "m": r"[0-9]{2}",
    "d": r"[0-9]{2}",
    "j": r"[0-9]{3}",
    "H": r"[0-9]{2}",
    "M": r"[0-9]{2}",
    "S": r"[0-9]{2}",
    "f": r"[0-9]{1,6}",
    "z": r"Z|[+-][0-9]{2}:?[0-9]{2}",
}
_TIMES = ("start", "end")
_FIELD = re.compile(r"\{([^{}]*)\}")
_KINDS = "{camera}, {start:FORMAT}, {end:FORMAT} and {any}"


@dataclass(frozen=True)
class RecordingName:
    """What a name says; ``start`` and ``end`` are in UTC, None where it does not say."""

    camera: str
    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True)
class RecordingPattern:
    """A pattern of recordings' names, made by :func:`compiled`."""

    text: str
    zone: tzinfo
    expression: re.Pattern[str]

    def read(self, path: PurePosixPath | str) -> RecordingName | None:
        """What the path of a recording says; None where it does not fit the pattern.

        The pattern is fitted to the end of the path, from the start of a folder's name on; letters
        outside fields fit in either case. A date that does not exist fits nothing. An end without a
        date is on the day of the start, or the day after where it would precede it.
        """
        found = self.expression.search(str(path))
        if found is None:
            return None
        parts = {name: value for name, value in found.groupdict().items() if value is not None}
        start, end = (_components(parts, name) for name in _TIMES)
        try:
            began = _moment(start, None, self.zone) if start else None
            ended = _moment(end, start, self.zone) if end else None
            if began and ended and ended < began and not _has_date(end):
                ended += timedelta(days=1)
        except (ValueError, OverflowError):
            return None
        return RecordingName(parts["camera"], began, ended)


def compiled(text: str, zone: tzinfo = UTC) -> RecordingPattern:
    """The pattern of recordings' names that ``text`` describes.

    Fields are ``{camera}`` (part of a folder's or file's name), ``{start:FORMAT}`` and
    ``{end:FORMAT}`` (strftime: %Y %y %m %d %j %H %M %S %f %z; may be split over several fields)
    and ``{any}``. ``zone`` is that of times without ``%z``. Raises ValueError saying what is wrong.

    >>> pattern = compiled("{camera}/{start:%Y%m%d-%H%M%S}.mp4")
    >>> pattern.read("2026/main-shaft/20260102-030405.mp4")
    RecordingName(camera='main-shaft', start=datetime.datetime(2026, 1, 2, 3, 4, 5, \
tzinfo=datetime.timezone.utc), end=None)
    >>> pattern.read("main-shaft/notes.mp4")
    """
    if _FIELD.sub("", text).count("{") or _FIELD.sub("", text).count("}"):
        raise ValueError("a brace is not closed or not opened")
    seen: set[str] = set()
    expression = "".join(_pieces(text, seen))
    if "camera" not in seen:
        raise ValueError("it does not name the camera: {camera} is missing")
    _check_times(seen)
    return RecordingPattern(text, zone, re.compile(f"(?:^|/){expression}$", re.IGNORECASE))


def _pieces(text: str, seen: set[str]) -> Iterator[str]:
    end = 0
    for field in _FIELD.finditer(text):
        yield re.escape(text[end : field.start()])
        yield _expression(field[1], seen)
        end = field.end()
    yield re.escape(text[end:])


def _expression(field: str, seen: set[str]) -> str:
    name, _, form = field.partition(":")
    if field == "any":
        return "[^/]*"
    if field == "camera":
        return _once("camera", "[^/]+", seen)
    if name not in _TIMES:
        raise ValueError(f"{{{field}}} is not a field; use {_KINDS}")
    if not form:
        raise ValueError(
            f"{{{name}}} does not say how the time is written, as in {{{name}:%Y%m%d}}"
        )
    return "".join(_time_pieces(name, form, seen))


def _time_pieces(name: str, form: str, seen: set[str]) -> Iterator[str]:
    for literal, directive in re.findall(r"([^%]+)|%(.?)", form):
        if literal or directive == "%":
            yield re.escape(literal or "%")
        elif directive in _NUMBERS:
            yield _once(f"{name}_{directive}", _NUMBERS[directive], seen)
        else:
            known = " ".join(f"%{letter}" for letter in _NUMBERS)
            raise ValueError(f"%{directive} in {{{name}:...}} is not understood; use {known}")


def _once(group: str, expression: str, seen: set[str]) -> str:
    if group in seen:
        return f"(?P={group})"
    seen.add(group)
    return f"(?P<{group}>{expression})"


def _check_times(seen: set[str]) -> None:
    for name in _TIMES:
        given = {group.removeprefix(f"{name}_") for group in seen if group.startswith(f"{name}_")}
        if not given:
            continue
        dated = bool(given & {"Y", "y"}) and (given >= {"m", "d"} or "j" in given)
        clock_only = name == "end" and not given & {"Y", "y", "m", "d", "j"}
        if not dated and not (clock_only and "H" in given):
            raise ValueError(f"{{{name}:...}} does not give a whole date: %Y, %m and %d are needed")
        for finer, coarser in (("M", "H"), ("S", "M"), ("f", "S")):
            if finer in given and coarser not in given:
                raise ValueError(f"{{{name}:...}} gives %{finer} without %{coarser}")
    if any(g.startswith("end_") for g in seen) and not any(g.startswith("start_") for g in seen):
        raise ValueError("it gives {end:...} without {start:...}")


def _components(parts: dict[str, str], name: str) -> dict[str, str]:
    prefix = f"{name}_"
    return {group[len(prefix) :]: v for group, v in parts.items() if group.startswith(prefix)}


def _has_date(parts: dict[str, str]) -> bool:
    return bool(parts.keys() & {"Y", "y", "j", "m", "d"})


def _moment(parts: dict[str, str], fallback: dict[str, str] | None, zone: tzinfo) -> datetime:
    day = _day(parts if _has_date(parts) or fallback is None else fallback)
    hour, minute, second = (int(parts.get(unit, "0")) for unit in "HMS")
    fraction = int(parts.get("f", "0").ljust(6, "0"))
    written = parts.get("z") or (fallback or {}).get("z")
    local = datetime(
        *(day.year, day.month, day.day, hour, minute, second, fraction),
        tzinfo=_offset(written) if written else zone,
    )
    return local.astimezone(UTC)


def _day(parts: dict[str, str]) -> date:
    year = int(parts["Y"]) if "Y" in parts else 2000 + int(parts["y"])
    if "j" in parts:
        day = date(year, 1, 1) + timedelta(days=int(parts["j"]) - 1)
        if day.year != year:
            raise ValueError("no such day of the year")
        return day
    return date(year, int(parts["m"]), int(parts["d"]))


def _offset(text: str) -> tzinfo:
    if text in "Zz":
        return UTC
    sign = -1 if text[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(text[1:3]), minutes=int(text[-2:])))
