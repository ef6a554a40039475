"""What is in force: the site, the thresholds, the parameters, and their digest."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from detector.config.document import Document, Problem, problems_of, read_document, unknown_key
from detector.config.shipped import shipped
from detector.config.site import Camera, Site, Stream
from detector.config.thresholds import read_thresholds
from detector.core.episode import Threshold

Parameters = TypeVar("Parameters")
#: Tables that are digested otherwise, or that change no score and no judgement.
_ELSEWHERE = {"thresholds", "detectors", "live", "notify"}


@dataclass(frozen=True)
class Configuration:
    """A site's configuration and the thresholds in force, with the documents they come from.

    Made by :func:`load`.
    """

    site: Site
    thresholds: Mapping[str, Threshold]
    site_document: Document = field(repr=False)
    shipped_thresholds: Document = field(repr=False)
    own_thresholds: Document = field(repr=False)

    def parameters(self, detector: str, cls: type[Parameters]) -> Parameters:
        """The parameters of a detector: those of ``cls`` with the site's overrides. ConfigError."""
        overrides = self.site.detectors.get(detector, {})
        return _parameters(cls, overrides, self.site_document, ("detectors", detector))

    def digest(self, parameters_in_force: Mapping[str, object]) -> str:
        """Digest of the site, the thresholds and the parameters (by detector) in force.

        Where files are and how they are laid out does not change it.
        """
        site = self.site.model_dump(mode="json", exclude=_ELSEWHERE)
        thresholds = {name: asdict(threshold) for name, threshold in self.thresholds.items()}
        return digest({"site": site, "thresholds": thresholds, "parameters": parameters_in_force})


def load(path: Path | None = None) -> Configuration:
    """The configuration in a SITE.toml; without one, what holds for any site.

    Raises ConfigError naming the file, the line, the key, what is wrong and what to write.
    """
    document = read_document(path) if path else Document()
    defaults = read_document(shipped("config/thresholds.toml"))
    site = _site(document, list(defaults.values))
    own = Document()
    if site.thresholds.path is not None and path is not None:
        own = read_document(path.parent / site.thresholds.path)
    return Configuration(site, read_thresholds(defaults, own), document, defaults, own)


def parameters(cls: type[Parameters], overrides: Mapping[str, Any]) -> Parameters:
    """A detector's parameters: the defaults of the dataclass ``cls`` with ``overrides`` on top.

    Values must have the type the class declares (a whole number will do for a float) and pass its
    own checks. Raises ConfigError naming the key, what is wrong and what to write.
    """
    return _parameters(cls, overrides, Document(), ())


def digest(value: object) -> str:
    """``sha256:`` and the SHA-256 in hex of the value as canonical JSON.

    Keys are sorted, dataclasses are objects, numbers are written shortest; NaN raises ValueError.

    >>> digest({"b": 1, "a": 2}) == digest({"a": 2, "b": 1})
    True
    """
    text = json.dumps(
        value,
        allow_nan=False,
        default=_plain,
        ensure_ascii=False,
        separators=(",", ":"),
        sort_keys=True,
    )
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _site(document: Document, detectors: list[str]) -> Site:
    try:
        site = Site.model_validate(document.values)
    except ValidationError as error:
        raise document.error(problems_of(error, Site)) from error
    problems = [
        unknown_key(("detectors", name), detectors)
        for name in site.detectors
        if name not in detectors
    ]
    problems += _repeated("streams", site.streams)
    problems += _repeated("cameras", site.cameras)
    if problems:
        raise document.error(problems)
    return site


def _repeated(section: str, listed: Sequence[Stream | Camera]) -> Iterator[Problem]:
    names = [item.name for item in listed]
    for place, name in enumerate(names):
        if name in names[:place]:
            yield Problem((section, place, "name"), f"{name!r} is named twice", "name it once")


def _parameters(
    cls: type[Parameters], overrides: Mapping[str, Any], document: Document, place: tuple[str, ...]
) -> Parameters:
    known = [f.name for f in fields(cls) if f.init]  # type: ignore[arg-type]
    problems = [unknown_key((*place, key), known) for key in overrides if key not in known]
    problems += [
        Problem((*place, key), f"{value!r} is not a number", "write a finite number")
        for key, value in overrides.items()
        if isinstance(value, float) and not math.isfinite(value)
    ]
    if not problems:
        try:
            text = json.dumps(overrides, default=str)
            return TypeAdapter(cls).validate_json(text, strict=True)
        except ValidationError as error:
            problems = list(_wrong_values(error, overrides, place))
    raise document.error(problems)


def _wrong_values(
    error: ValidationError, overrides: Mapping[str, Any], place: tuple[str, ...]
) -> Iterator[Problem]:
    for details in error.errors():
        what = details["msg"].removeprefix("Value error, ")
        loc = details["loc"]
        given = f"{overrides[str(loc[0])]!r}: " if loc else ""
        yield Problem((*place, *loc), given + what, "write a value as the detector describes it")


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: getattr(value, f.name) for f in fields(value)}
    raise TypeError(f"{type(value).__name__} has no canonical form")
