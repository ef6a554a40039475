"""Models of a site: plain numbers in JSON, each in a folder of its own, with a card."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from detector.core.errors import UsageError
from detector.signals.production import ProductionModel
from detector.signals.relations import RelationsModel

Model = ProductionModel | RelationsModel

#: What there are models of: the kind's name, and whether its parts fit together.
_KINDS: dict[str, tuple[type, Callable[[Any], bool]]] = {
    "production": (ProductionModel, ProductionModel.complete),
    "relations": (RelationsModel, RelationsModel.complete),
}
_VERSION = 1
_MOST_BYTES = 20_000_000


@dataclass(frozen=True)
class Models:
    """What ``trueshaft fit`` learned of a site, and the SHA-256 of each file by kind."""

    production: ProductionModel | None = None
    relations: RelationsModel | None = None
    digests: Mapping[str, str] = field(default_factory=dict)


def save_model(folder: Path, model: Model, card: dict[str, Any]) -> Path:
    """Write a model and its card below ``folder``; returns where. Raises UsageError."""
    kind = next(name for name, (made, _) in _KINDS.items() if isinstance(model, made))
    target = folder / f"{kind}-{_VERSION}"
    try:
        target.mkdir(parents=True, exist_ok=True)
        body = json.dumps(asdict(model), indent=1) + "\n"
        (target / "model.json").write_text(body, "utf-8")
        told = card | {"sha256": hashlib.sha256(body.encode()).hexdigest()}
        (target / "card.json").write_text(json.dumps(told, indent=1) + "\n", "utf-8")
    except OSError as error:
        what = f"the model cannot be written there: {error.strerror or error}"
        raise UsageError(what, f"--out {folder}", "name a folder that can be made") from error
    return target


def load_models(folder: Path) -> Models:
    """The models in a folder that :func:`save_model` wrote to. Raises UsageError of what is none,
    and where there are none."""
    found: dict[str, Any] = {}
    digests: dict[str, str] = {}
    for kind in _KINDS:
        path = folder / f"{kind}-{_VERSION}" / "model.json"
        if path.exists():
            found[kind], digests[kind] = _read(path, kind)
    if not found:
        what = "there is no model to read"
        raise UsageError(what, str(folder), "give what `trueshaft fit` wrote")
    return Models(**found, digests=digests)


def _read(path: Path, kind: str) -> tuple[Any, str]:
    made, complete = _KINDS[kind]
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise UsageError("it is too large for a model", str(path), "fit it again")
        body = path.read_bytes()
        model: Any = TypeAdapter(made).validate_json(body)
    except OSError as error:
        what = f"there is no model to read: {error.strerror or error}"
        raise UsageError(what, str(path), "give what `trueshaft fit` wrote") from error
    except ValidationError as error:
        raise UsageError("it is no model", str(path), "fit it again") from error
    if not complete(model):
        raise UsageError("it is no model", str(path), "fit it again")
    return model, hashlib.sha256(body).hexdigest()
