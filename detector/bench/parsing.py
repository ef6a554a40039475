"""Steps, scenes and mines from text: `hold:start=10,seconds=8`, `scene:hoist,seconds=60`."""

from dataclasses import fields
from typing import Any

from pydantic import TypeAdapter, ValidationError

from detector.bench.clip import Clip
from detector.bench.falsify import KINDS, Falsification
from detector.bench.mine import MineSettings
from detector.bench.scenes import Settings, scene
from detector.bench.steps import STEPS, Step
from detector.core.errors import TrueshaftError

_SCENE = "scene:"
_MINE = "mine:"


def parsed_step(text: str) -> Step:
    r"""The step that `KIND:KEY=VALUE,KEY=VALUE` names.

    A key is a field of the step's class; the ending `_s` may be left out (`start` for `start_s`).
    A comma inside a value is written `\,`. Raises TrueshaftError for anything not understood.

    >>> parsed_step("hold:start=10,seconds=8")
    Hold(start_s=10.0, seconds=8.0, insert=False)
    """
    kind, _, rest = text.partition(":")
    if kind not in STEPS:
        known = ", ".join(sorted(STEPS))
        raise TrueshaftError(f"there is no step {kind!r}", f"--how {text}", f"use one of {known}")
    step: Step = _built(STEPS[kind], rest, f"--how {text}")
    return step


def parsed_falsification(text: str) -> Falsification:
    """What `KIND:KEY=VALUE,KEY=VALUE` does to readings. Raises TrueshaftError.

    >>> parsed_falsification("scale:stream=MM116,start=0,seconds=60,factor=0.5").kind
    'scale'
    """
    kind, _, rest = text.partition(":")
    if kind not in KINDS:
        known = ", ".join(sorted(KINDS))
        raise TrueshaftError(f"there is no {kind!r}", f"--how {text}", f"use one of {known}")
    step: Falsification = _built(KINDS[kind], rest, f"--how {text}")
    return step


def is_scene(text: str) -> bool:
    """Whether the text names a rendered scene rather than a file."""
    return text.startswith(_SCENE)


def parsed_scene(text: str) -> Clip:
    """The rendered scene that `scene:NAME,KEY=VALUE,KEY=VALUE` names; keys are of `Settings`.

    Raises TrueshaftError for anything not understood.
    """
    name, _, rest = text.removeprefix(_SCENE).partition(",")
    return scene(name, _built(Settings, rest, text))


def is_mine(text: str) -> bool:
    """Whether the text names a simulated mine rather than a file."""
    return text.startswith(_MINE)


def parsed_mine(text: str) -> MineSettings:
    """The simulated mine that `mine:KEY=VALUE,KEY=VALUE` names; keys are of `MineSettings`.

    Raises TrueshaftError for anything not understood.

    >>> parsed_mine("mine:status=stopped,days=14,story=fake-shaft").story
    'fake-shaft'
    """
    settings: MineSettings = _built(MineSettings, text.removeprefix(_MINE), text)
    return settings


def keys_of(kind: type[Any]) -> tuple[str, ...]:
    """The keys a step or scene takes, as they are written: ("start", "seconds", "insert")."""
    return tuple(field.name.removesuffix("_s") for field in fields(kind))


def _built(kind: type[Any], text: str, where: str) -> Any:
    todo = f"it takes {', '.join(keys_of(kind)) or 'nothing'}, written KEY=VALUE,KEY=VALUE"
    names = {field.name: field.name for field in fields(kind)}
    names |= {name.removesuffix("_s"): name for name in names}
    values: dict[str, str] = {}
    for part in text.replace("\\,", "\0").split(",") if text else []:
        key, equals, value = part.replace("\0", ",").partition("=")
        if not equals:
            raise TrueshaftError(f"{part!r} is not KEY=VALUE", where, todo)
        if key not in names or names[key] in values:
            problem = "is given twice" if key in names else "is not known"
            raise TrueshaftError(f"{key!r} {problem}", where, todo)
        values[names[key]] = value
    try:
        return TypeAdapter(kind).validate_python(values)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"]).removesuffix("_s")
        raise TrueshaftError(f"{name}: {first['msg']}", where, todo) from error
