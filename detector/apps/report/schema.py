"""report.json: the models, their canonical bytes, the exit status and the JSON Schema.

The same inputs and configuration give the same bytes: nothing here reads a clock, lists are put in
a fixed order when a report is made, keys are sorted, measured floats keep three decimals.
Thresholds and parameters are kept exactly as they are in force.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from detector.apps.report.values import (
    Figure,
    Free,
    Reading,
    Rounded,
    Setting,
    Share,
    Span,
    Text,
    finite,
    rounded,
)

SCHEMA = "trueshaft.report/1"
#: The JSON Schema that ships with the package.
SCHEMA_FILE = Path(__file__).with_name("report.schema.json")


Severity = Literal["info", "warning", "critical"]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Input(_Model):
    """One file that was to be audited; ``start`` is ISO 8601 where the wall clock is known."""

    path: Text
    sha256: Text | None = None
    kind: Literal["video", "readings"] = "video"
    stream: Text | None = None
    status: Literal["ok", "partial", "unreadable"]
    reason: Text | None = None
    start: Text | None = None
    duration_s: Span | None = None
    frames: int | None = Field(default=None, ge=0, description="pictures, or rows of readings")


class NotAudited(_Model):
    """Something that was asked for and not audited (no permission, interrupted before it)."""

    path: Text
    reason: Text


class Blind(_Model):
    """A stretch that a detector could not judge, in s from the first frame or row of ``path``."""

    path: Text
    start_s: Span
    end_s: Span
    why: Text


class Coverage(_Model):
    """Seconds of a stream that a detector judged and could not judge."""

    detector: Text
    stream: Text
    judged_s: Span
    blind_s: Span
    blind_why: Text | None = None
    blind: list[Blind] = Field(default_factory=list, description="where, as far as known")


class Other(_Model):
    """Where the same content is shown, timed as an episode; ``lag_s`` = own time - other time."""

    stream: Text
    path: Text
    start_s: Rounded
    end_s: Rounded
    lag_s: Rounded
    start: Text | None = None
    end: Text | None = None

    @model_serializer(mode="wrap")
    def _without_unknown(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {k: v for k, v in handler(self).items() if v is not None}


class Still(_Model):
    """What a still shows: the picture of ``stream`` at ``at_s`` (s from its file's first frame).

    Stills of one ``pair`` show matching instants of the two showings.
    """

    path: Text
    at_s: Rounded
    label: Literal["before", "during", "after", "own", "other", "reference"]
    pair: int | None = None
    stream: Text


class Series(_Model):
    """A curve; missing and NaN values are null. ``time_s`` counts as ``start_s`` does."""

    time_s: Sequence[Rounded]
    value: Sequence[Annotated[Reading | None, BeforeValidator(finite)]]

    @model_validator(mode="after")
    def _same_length(self) -> Self:
        if len(self.time_s) != len(self.value):
            raise ValueError(f"{len(self.time_s)} times but {len(self.value)} values")
        return self


class Distribution(_Model):
    """Shares of a stream's readings between ``edges`` (k + 1 values, rising): ``during`` the
    finding (k) and ``otherwise`` (k). ``limit``: what the values stayed below; ``alarm_at``: the
    alarm limit, where it is known. What lies beyond the edges is counted in the outermost."""

    edges: Sequence[Reading]
    during: Sequence[Share]
    otherwise: Sequence[Share]
    limit: Reading | None = None
    alarm_at: Reading | None = None

    @model_validator(mode="after")
    def _columns(self) -> Self:
        if not len(self.edges) - 1 == len(self.during) == len(self.otherwise):
            raise ValueError("a distribution has one edge more than shares")
        return self


class Evidence(_Model):
    """What supports an episode. More than the named is allowed; what is absent is left out.

    ``stills`` are paths below the report's folder; ``still_details`` tells of each, in the same
    order. ``benign`` names innocent explanations that fit (keys of the page's texts, or text).
    """

    model_config = ConfigDict(extra="allow", frozen=True, allow_inf_nan=False)

    __pydantic_extra__: dict[str, Free] = Field(init=False)

    kind: Text | None = None
    stills: list[Text] = Field(default_factory=list)
    still_details: list[Still] = Field(default_factory=list)
    similarity: Series | None = None
    score: Series | None = None
    readings: Series | None = None
    other_readings: Series | None = None
    distribution: Distribution | None = None
    figures: Mapping[str, Figure] = Field(default_factory=dict)
    period_s: Span | None = None
    repetitions: Span | None = None
    flipped: bool | None = None
    benign: list[Text] = Field(default_factory=list)

    @model_validator(mode="after")
    def _details_match(self) -> Self:
        if self.still_details and [s.path for s in self.still_details] != self.stills:
            raise ValueError("still_details must tell of the stills in their order")
        return self

    @model_serializer(mode="wrap")
    def _without_absent(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        told = handler(self).items()
        return {k: v for k, v in told if k == "stills" or v not in (None, [], {})}


class Episode(_Model):
    """One finding. Times count from the first frame or row of ``path``; ``start``/``end`` are
    ISO 8601 where the wall clock is known."""

    id: Text
    detector: Text
    stream: Text
    path: Text
    start_s: Rounded
    end_s: Rounded
    start: Text | None = None
    end: Text | None = None
    until_end: bool = False
    peak: Rounded
    unit: Text
    threshold: float
    severity: Severity = "warning"
    other: Other | None = None
    summary: Text
    evidence: Evidence = Field(default_factory=Evidence)

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.end_s < self.start_s:
            raise ValueError(f"episode ends ({self.end_s} s) before it starts ({self.start_s} s)")
        return self


class Repeat(_Model):
    """An episode that only repeats another: it does not count as evidence of its own."""

    id: Text
    of: Text


class Curve(_Model):
    """A curve of a verdict's figure: readings of ``stream``, or the activity in its picture.

    ``time_s`` counts from the verdict's ``zero`` or, without it, as ``start_s`` does.
    """

    stream: Text
    what: Literal["activity", "readings"]
    unit: Text = ""
    series: Series


class Verdict(_Model):
    """What the episodes of one shaft say together; of the mine as a whole where ``shaft`` is null.

    ``independent``: pieces of evidence that do not depend on each other; ``episodes`` are those
    that count, ``repeats`` those that do not. ``start_s``, ``end_s``: what the figure shows.
    """

    shaft: Text | None = None
    kind: Literal["picture_and_signals", "signals", "picture", "readings", "faults"]
    sure: Literal["weak", "fair", "strong"]
    independent: int = Field(ge=0)
    since: Text | None = None
    since_s: Rounded
    summary: Text
    episodes: list[Text]
    repeats: list[Repeat] = Field(default_factory=list)
    benign: list[Text] = Field(default_factory=list)
    zero: Text | None = None
    start_s: Rounded = 0.0
    end_s: Rounded = 0.0
    curves: list[Curve] = Field(default_factory=list)


def _input_order(i: Input) -> tuple[str, ...]:
    return (i.path, i.stream or "", i.kind)


def _episode_order(e: Episode) -> tuple[Any, ...]:
    return (e.stream, e.start or "", e.path, e.start_s, e.end_s, e.detector, e.id)


class Report(_Model):
    """What an audit found, what it could not judge and what it was run with."""

    schema_: Literal["trueshaft.report/1"] = Field(default="trueshaft.report/1", alias="schema")
    version: Text
    config_digest: Text
    thresholds: Mapping[str, Mapping[str, Setting]] = Field(default_factory=dict)
    parameters: Mapping[str, Mapping[str, Setting]] = Field(default_factory=dict)
    digests: Mapping[str, Text] = Field(default_factory=dict, description="of models and the like")
    timezone: Text | None = Field(default=None, description="IANA zone its sentences tell times in")
    interrupted: bool = False
    inputs: list[Input] = Field(default_factory=list)
    not_audited: list[NotAudited] = Field(default_factory=list)
    coverage: list[Coverage] = Field(default_factory=list)
    episodes: list[Episode] = Field(default_factory=list)
    verdicts: list[Verdict] = Field(default_factory=list, description="per shaft, then the mine")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        self.inputs.sort(key=_input_order)
        self.not_audited.sort(key=lambda n: (n.path, n.reason))
        self.coverage.sort(key=lambda c: (c.stream, c.detector))
        self.episodes.sort(key=_episode_order)
        return self


def episode_id(
    detector: str, stream: str, path: str, start_s: float, other: str | None = None
) -> str:
    """A short identity of an episode that is the same in every run over the same inputs.

    ``other`` is the stream that shows the same: one camera may be the copy of several.
    """
    named = json.dumps([detector, stream, path, rounded(start_s), other])
    return hashlib.sha256(named.encode()).hexdigest()[:16]


def dump(report: Report) -> bytes:
    """The canonical bytes of report.json: UTF-8, sorted keys, one line per item of a list."""
    data: Mapping[str, Any] = report.model_dump(mode="json", by_alias=True)
    blocks = [f"{_line(key)}: {_block(data[key])}" for key in sorted(data)]
    return ("{\n" + ",\n".join(blocks) + "\n}\n").encode()


def _line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, allow_nan=False)


def _block(value: object) -> str:
    if isinstance(value, list) and value:
        return "[\n " + ",\n ".join(_line(item) for item in value) + "\n]"
    return _line(value)


def exit_status(report: Report) -> Literal[0, 1, 3]:
    """1: at least one episode; else 3: something could not be read or was not reached; else 0."""
    if report.episodes:
        return 1
    unread = any(i.status != "ok" for i in report.inputs)
    return 3 if unread or report.not_audited or report.interrupted else 0


def json_schema() -> bytes:
    """The JSON Schema of report.json, made from the models."""
    schema = {"$id": SCHEMA, **Report.model_json_schema(by_alias=True)}
    return (json.dumps(schema, indent=1, sort_keys=True) + "\n").encode()


if __name__ == "__main__":
    SCHEMA_FILE.write_bytes(json_schema())
