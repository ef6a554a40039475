"""What is in force, as TOML in which every value says where it comes from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, fields
from typing import Any

from pydantic import BaseModel

from detector.config.configuration import Configuration
from detector.config.document import Document, Place

_COLUMN = 44


def shown(configuration: Configuration, parameters: Mapping[str, Any]) -> str:
    """Everything in force as TOML; ``parameters`` are the detectors', by name.

    Each value is followed by the file and line it comes from, or by ``default``. Secrets are not
    part of a configuration and so never in it.
    """
    lines = [f"# {configuration.digest(parameters)}"]
    lines += _site(configuration)
    for name, values in sorted(parameters.items()):
        lines += _table(
            f"[detectors.{name}]",
            {f.name: getattr(values, f.name) for f in fields(values)},
            configuration.site_document,
            ("detectors", name),
        )
    for name, threshold in sorted(configuration.thresholds.items()):
        lines += _threshold(name, asdict(threshold), configuration)
    return "\n".join(lines) + "\n"


def _site(configuration: Configuration) -> Iterator[str]:
    document = configuration.site_document
    for section in type(configuration.site).model_fields:
        value = getattr(configuration.site, section)
        if isinstance(value, BaseModel):
            yield from _table(f"[{section}]", value.model_dump(), document, (section,))
        elif isinstance(value, tuple):
            for place, item in enumerate(value):
                values = item.model_dump()
                yield from _table(f"[[{section}]]", values, document, (section, place))


def _threshold(name: str, values: dict[str, Any], configuration: Configuration) -> Iterator[str]:
    yield from ("", f"[thresholds.{name}]")
    own = configuration.own_thresholds
    for key, value in values.items():
        document = own if (name, key) in own.lines else configuration.shipped_thresholds
        yield _line(key, value, document.where((name, key)))


def _table(
    header: str, values: Mapping[str, Any], document: Document, place: Place
) -> Iterator[str]:
    given = {key: value for key, value in values.items() if value is not None}
    if given:
        yield from ("", header)
    for key, value in given.items():
        written = (*place, key) in document.lines
        yield _line(key, value, document.where((*place, key)) if written else "default")


def _line(key: str, value: Any, source: str) -> str:
    return f"{f'{key} = {_toml(value)}':<{_COLUMN}} # {source}"


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        inside = (f"{key} = {_toml(v)}" for key, v in value.items() if v is not None)
        return "{ " + ", ".join(inside) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
