"""Thresholds: the shipped ones, with a site's own on top."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from detector.config.document import Document, Problem, problems_of, unknown_key
from detector.core.episode import Threshold

Level = Annotated[float, Field(ge=0)]


class ThresholdTable(BaseModel):
    """One detector's threshold as it is written."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    raise_at: Level = Field(description="an episode opens when the score reaches this")
    clear_at: Level = Field(description="and goes on while the score is at or above this")
    hold_s: Level = Field(description="seconds the score may stay below clear_at before it ends")
    unit: str = Field(description="the unit of the score")
    severity: Literal["info", "warning", "critical"] = Field(
        description="what an alert of it is: info, warning or critical"
    )

    @model_validator(mode="after")
    def _clears_below(self) -> Self:
        if self.clear_at > self.raise_at:
            raise ValueError("clear_at is above raise_at; write a clear_at up to raise_at")
        return self


def read_thresholds(shipped: Document, own: Document | None = None) -> dict[str, Threshold]:
    """The threshold in force per detector: the shipped one with the site's own keys on top.

    Raises ConfigError naming the file, the line and the key of what cannot be used.
    """
    in_force = _read(shipped, {name: {} for name in shipped.values})
    if own is None:
        return in_force
    return in_force | _read(own, {name: asdict(value) for name, value in in_force.items()})


def _read(document: Document, below: Mapping[str, dict[str, Any]]) -> dict[str, Threshold]:
    """The document's thresholds on top of those ``below``, which name all detectors there are."""
    problems: list[Problem] = []
    read: dict[str, Threshold] = {}
    for name, table in document.values.items():
        if name not in below:
            problems.append(unknown_key((name,), list(below)))
        elif not isinstance(table, dict):
            problems.append(Problem((name,), "is no table", f"write [{name}]"))
        else:
            unit = below[name].get("unit", table.get("unit"))
            try:
                checked = ThresholdTable.model_validate(below[name] | table)
                read[name] = Threshold(**checked.model_dump())
            except ValidationError as error:
                problems += _below(name, problems_of(error, ThresholdTable))
            if table.get("unit", unit) != unit:
                problem = Problem((name, "unit"), "is not the score's unit", f'write "{unit}"')
                problems.append(problem)
    if problems:
        raise document.error(problems)
    return read


def _below(name: str, problems: list[Problem]) -> list[Problem]:
    return [replace(problem, place=(name, *problem.place)) for problem in problems]
