"""Observations to scores to episodes: the same for audit, live service and tuning. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from detector.core.detector import Detector, Observation
from detector.core.episode import Episode, Threshold, fold
from detector.core.score import Scores


@dataclass(frozen=True)
class Failure:
    """A detector failed on a stream: it is blind from there on and engineers must know."""

    detector: str
    stream: str
    error: str


@dataclass
class Pipeline:
    """Detectors by name and the thresholds that judge their scores.

    A detector that fails is taken out and its failure kept; the others go on.
    """

    detectors: dict[str, Detector]
    thresholds: Mapping[str, Threshold]
    scores: list[Scores] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)

    def learn(self, observation: Observation) -> None:
        """Show an observation to all detectors as an example of how its stream is."""
        for name, detector in list(self.detectors.items()):
            self._guarded(name, observation.stream, lambda d=detector: d.learn(observation))

    def feed(self, observation: Observation) -> None:
        """Score an observation with all detectors."""
        for name, detector in list(self.detectors.items()):
            self._guarded(
                name, observation.stream, lambda d=detector: self.scores.extend(d.update(observation))
            )

    def finish(self) -> None:
        """Score what detectors still had pending."""
        for name, detector in list(self.detectors.items()):
            self._guarded(name, "", lambda d=detector: self.scores.extend(d.finish()))

    def episodes(self) -> list[Episode]:
        """All scores judged by the thresholds in force."""
        return judge(self.scores, self.thresholds)

    def _guarded(self, name: str, stream: str, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 - a broken check must be seen, not end the others
            self.failures.append(Failure(name, stream, f"{type(error).__name__}: {error}"))
            del self.detectors[name]


def judge(scores: Iterable[Scores], thresholds: Mapping[str, Threshold]) -> list[Episode]:
    """Fold scores into episodes, each detector's by its threshold."""
    return [e for s in scores for e in fold(s, thresholds[s.detector])]
