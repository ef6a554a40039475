"""Footage for detectors: rendered or real, tampered with, encoded, decoded to observations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from detector.bench.clip import Clip
from detector.bench.encoding import Encoding
from detector.bench.footage import read_footage
from detector.bench.parsing import parsed_scene, parsed_step
from detector.bench.tamper import tamper
from detector.config import load
from detector.core.detector import Observation
from detector.core.episode import Episode
from detector.core.observation import Frames, Views
from detector.core.score import Scores
from detector.detectors import CATALOGUE
from detector.edge.video import Extraction, extract
from detector.pipeline import joined, judge

Footage = list[Frames | Views]

ENCODING = Encoding(gop=20, crf=23)
_USUAL = {"seconds": "40", "size": "320x180", "fps": "10", "passers_per_min": "20"}


@dataclass
class Studio:
    """Films, tampers with, encodes and decodes; the same only once."""

    folder: Path
    _known: dict[str, Path] = field(default_factory=dict)

    def record(
        self,
        source: str | Path,
        *steps: str,
        encoding: Encoding = ENCODING,
        suffix: str = ".mp4",
    ) -> Path:
        """A scene ("gallery,seed=3") or a real recording, after these steps, as a file."""
        name = repr((source, steps, encoding, suffix))
        if name not in self._known:
            path = self.folder / f"{len(self._known)}{suffix}"
            clip = read_footage(source) if isinstance(source, Path) else _scene(source)
            tamper(clip, path, [parsed_step(step) for step in steps], encoding)
            self._known[name] = path
        return self._known[name]

    def shoot(
        self,
        source: str | Path,
        *steps: str,
        encoding: Encoding = ENCODING,
        suffix: str = ".mp4",
        stream: str = "shaft",
    ) -> Footage:
        """The same, as a detector sees it."""
        path = self.record(source, *steps, encoding=encoding, suffix=suffix)
        return list(extract(path, stream, Extraction()))


def _scene(text: str) -> Clip:
    name, _, chosen = text.partition(",")
    settings = _USUAL | dict(part.split("=") for part in chosen.split(",") if part)
    return parsed_scene(f"scene:{name}," + ",".join(f"{k}={v}" for k, v in settings.items()))


def scored(detector: str, observations: Sequence[Observation]) -> list[Scores]:
    """What the detector with its usual parameters says of observations, learned first."""
    make, parameters = CATALOGUE[detector]
    made = make(parameters())
    for observation in observations:
        made.learn(observation)
    scores = [s for observation in observations for s in made.update(observation)]
    return joined([*scores, *made.finish()])


def found(detector: str, observations: Sequence[Observation]) -> list[Episode]:
    """Episodes by the thresholds in force without any configuration."""
    return judged(scored(detector, observations))


def judged(scores: Sequence[Scores]) -> list[Episode]:
    """Scores judged by those thresholds."""
    return judge(scores, load(None).thresholds)


def fits(episodes: Sequence[Episode], start: float, end: float) -> bool:
    """Whether it is one episode, and that from ``start`` to ``end`` s to a second."""
    return [abs(e.start - start) <= 1 and abs(e.end - end) <= 1 for e in episodes] == [True]
