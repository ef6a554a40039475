"""Models of a site: plain numbers in JSON, with a card."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from detector.core.errors import UsageError
from detector.signals.production import ProductionModel

_NAME = "production-1"
_MOST_BYTES = 10_000_000


def save_model(folder: Path, model: ProductionModel, card: dict[str, Any]) -> Path:
    """Write the model and its card below ``folder``; returns where. Raises UsageError."""
    target = folder / _NAME
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


def load_model(folder: Path) -> tuple[ProductionModel, str]:
    """The model in a folder that :func:`save_model` wrote, and its SHA-256. Raises UsageError."""
    path = folder / _NAME / "model.json"
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise UsageError("it is too large for a model", str(path), "fit it again")
        body = path.read_bytes()
        model = TypeAdapter(ProductionModel).validate_json(body)
    except OSError as error:
        what = f"there is no model to read: {error.strerror or error}"
        raise UsageError(what, str(path), "give what `trueshaft fit` wrote") from error
    except ValidationError as error:
        raise UsageError("it is no model", str(path), "fit it again") from error
    if not len(model.mean) == len(model.size) == len(model.weight) == 2 * len(model.streams):
        raise UsageError("it is no model", str(path), "fit it again")
    return model, hashlib.sha256(body).hexdigest()
