"""Making reports for tests: episodes with painted stills, inputs, curves."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import numpy as np

from detector.apps.report.schema import (
    Blind,
    Episode,
    Evidence,
    Input,
    Series,
    Still,
    episode_id,
)
from tests.apps.report.pictures import paint, write

Label = Literal["before", "during", "after", "own", "other", "reference"]
_START = datetime.fromisoformat("2026-01-02T14:00:00+08:00")


@dataclass(frozen=True)
class Shot:
    """A still to be painted."""

    at_s: float
    label: Label
    stream: str
    scene: str = "shaft"
    look: str = ""
    pair: int | None = None


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def curve(start: float, end: float, inside: tuple[float, float], high: float, low: float) -> Series:
    time = np.linspace(start, end, 240)
    level = np.where((time >= inside[0]) & (time <= inside[1]), high, low)
    level = np.convolve(np.pad(level, 3, "edge"), np.ones(7) / 7, "valid")
    value = level + np.random.default_rng(3).normal(0, 0.02 * abs(high), len(time))
    return Series(time_s=time.tolist(), value=value.tolist())


def video(stream: str, name: str, start_min: float | None, length_s: float) -> Input:
    start = None if start_min is None else (_START + timedelta(minutes=start_min)).isoformat()
    return Input(
        path=name,
        sha256=sha(name),
        stream=stream,
        status="ok",
        start=start,
        duration_s=length_s,
        frames=round(25 * length_s),
    )


def episode(
    folder: Path, detector: str, stream: str, path: str, span: tuple[float, float], **more: Any
) -> Episode:
    shots: list[Shot] = more.pop("shots", [])
    identity = episode_id(detector, stream, path, span[0])
    stills = []
    for i, shot in enumerate(shots):
        name = write(folder, f"{identity}-{i}.jpg", paint(shot.scene, shot.at_s, shot.look))
        still = Still(
            path=name, at_s=shot.at_s, label=shot.label, pair=shot.pair, stream=shot.stream
        )
        stills.append(still)
    told = {"stills": [s.path for s in stills], "still_details": stills}
    evidence = Evidence.model_validate({**told, **more.pop("evidence", {})})
    data: dict[str, Any] = {
        "peak": span[1] - span[0],
        "unit": "s",
        "threshold": 5.0,
        "summary": f"{detector} on {stream}",
        **more,
    }
    return Episode(
        id=identity,
        detector=detector,
        stream=stream,
        path=path,
        start_s=span[0],
        end_s=span[1],
        evidence=evidence,
        **data,
    )


def wall(minutes: float, span: tuple[float, float]) -> dict[str, Any]:
    zero = _START + timedelta(minutes=minutes)
    start, end = (zero + timedelta(seconds=s) for s in span)
    return {"start": start.isoformat(), "end": end.isoformat()}


def around(
    stream: str, span: tuple[float, float], look: str, scene: str = "shaft", after: bool = True
) -> list[Shot]:
    before = Shot(span[0] - 4, "before", stream, scene)
    during = Shot((span[0] + span[1]) / 2, "during", stream, scene, look)
    return [before, during, *([Shot(span[1] + 4, "after", stream, scene)] if after else [])]


def showings(
    own: str, other: str, span: tuple[float, float], lag_s: float, scene: str, look: str = ""
) -> list[Shot]:
    shots = []
    for pair, at in enumerate(np.linspace(span[0] + 1, span[1] - 1, 3).tolist()):
        shots.append(Shot(at, "own", own, scene, look, pair))
        shots.append(Shot(at - lag_s, "other", other, scene, "", pair))
    return shots


def span(path: str, start_s: float, end_s: float, why: str) -> Blind:
    return Blind(path=path, start_s=start_s, end_s=end_s, why=why)
