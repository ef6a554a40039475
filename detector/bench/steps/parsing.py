"""Steps from text: `hold:start=10,seconds=8`."""

from dataclasses import fields
from typing import Any

from pydantic import TypeAdapter, ValidationError

from detector.bench.steps import STEPS
from detector.bench.steps.step import Step
from detector.core.errors import TrueshaftError


def parsed_step(text: str) -> Step:
    """The step that `KIND:KEY=VALUE,KEY=VALUE` names.

    A key is a field of the step's class; the ending `_s` may be left out (`start` for `start_s`).
    A comma inside a value is written `\\,`. Raises TrueshaftError for anything not understood.

    >>> parsed_step("hold:start=10,seconds=8")
    Hold(start_s=10.0, seconds=8.0, insert=False)
    """
    kind, _, rest = text.partition(":")
    if kind not in STEPS:
        known = ", ".join(sorted(STEPS))
        raise TrueshaftError(f"there is no step {kind!r}", f"--how {text}", f"use one of {known}")
    known_keys = {field.name: field.name for field in fields(STEPS[kind])}  # type: ignore[arg-type]
    known_keys |= {name.removesuffix("_s"): name for name in known_keys}
    values: dict[str, Any] = {}
    for key, value in pairs(rest, text):
        if known_keys.get(key) is None or known_keys[key] in values:
            problem = "is given twice" if key in known_keys else "is not known"
            raise TrueshaftError(
                f"{key!r} {problem}", f"--how {text}", f"{kind} takes {takes(kind)}"
            )
        values[known_keys[key]] = value
    try:
        return TypeAdapter(STEPS[kind]).validate_python(values)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise TrueshaftError(
            f"{name}: {first['msg']}", f"--how {text}", f"{kind} takes {takes(kind)}"
        ) from error


def pairs(text: str, whole: str) -> list[tuple[str, str]]:
    """The (key, value) pairs of `KEY=VALUE,KEY=VALUE`; raises TrueshaftError where `=` is missing."""
    found = []
    for part in text.replace("\\,", "\0").split(",") if text else []:
        key, equals, value = part.replace("\0", ",").partition("=")
        if not (key and equals):
            raise TrueshaftError(
                f"{part!r} is not KEY=VALUE", whole, "write KIND:KEY=VALUE,KEY=VALUE"
            )
        found.append((key.strip(), value))
    return found


def takes(kind: str) -> str:
    """The keys a step takes, for messages and help: "start, seconds, insert"."""
    names = [field.name.removesuffix("_s") for field in fields(STEPS[kind])]  # type: ignore[arg-type]
    return ", ".join(names) or "nothing"
