"""config/live.toml: how often detectors judge live, with a site's own on top."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from detector.config.document import read_document, unknown_key
from detector.config.live import Live
from detector.config.shipped import shipped
from detector.core.errors import ConfigError

_DEFAULT = "default"


@dataclass(frozen=True)
class Cadence:
    """As config/live.toml tells it."""

    every_s: float
    idle_s: float
    window_s: float
    goes_on_s: float
    sure_s: float
    apart: bool
    prompt: bool


def cadences(live: Live, detectors: Iterable[str]) -> dict[str, Cadence]:
    """The cadence of every detector. Raises ConfigError of a table of none."""
    document = read_document(shipped("config/live.toml"))
    known = [*detectors]
    wrong = [n for n in live.detectors if n not in known]
    if wrong:
        problem = unknown_key(("live", "detectors", wrong[0]), known)
        raise ConfigError(f"live.detectors.{wrong[0]}: {problem.what}", "", problem.todo)
    found = {}
    for name in known:
        own = live.detectors.get(name)
        values = document.values[_DEFAULT] | document.values.get(name, {})
        if own is not None:
            values |= {k: v for k, v in own.model_dump().items() if v is not None}
        try:
            found[name] = TypeAdapter(Cadence).validate_python(values)
        except ValidationError as error:
            raise ConfigError(f"{name}: {error.errors()[0]['msg']}", str(document.path)) from error
    return found
