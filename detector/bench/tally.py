"""Counting over outcomes: recall, errors at the ends, delay, false episodes an hour."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from detector.bench.judge import blind_share, scenario_of
from detector.bench.running import Outcome
from detector.bench.scenarios import DETECTORS, Scenario
from detector.core.accuracy import TOLERANCE_S, Finding, Verdict


@dataclass(frozen=True)
class Case:
    """A verdict and what it is about; `blind` says that the detector said it could not judge."""

    tool: str
    scenario: Scenario
    verdict: Verdict
    blind: bool


@dataclass(frozen=True)
class Stray:
    """A finding that no verdict is about: of nothing (`false`), or by another name."""

    tool: str
    scenario: Scenario
    finding: Finding
    false: bool


@dataclass(frozen=True)
class Tally:
    """Recall of some cases, and how well their ends were met (s, absolute)."""

    count: int
    recalled: int
    start_errors_s: tuple[float, ...]
    end_errors_s: tuple[float, ...]
    delays_s: tuple[float, ...]

    @property
    def recall(self) -> float:
        """Part recalled, 0 to 1; 1 where there was nothing to find."""
        return self.recalled / self.count if self.count else 1.0

    @property
    def within(self) -> float:
        """Part of the recalled whose both ends are within the tolerance."""
        pairs = list(zip(self.start_errors_s, self.end_errors_s, strict=True))
        met = sum(max(pair) <= TOLERANCE_S for pair in pairs)
        return met / len(pairs) if pairs else 1.0


def cases(outcomes: Iterable[Outcome]) -> Iterator[Case]:
    """All verdicts of outcomes."""
    for outcome in outcomes:
        for verdict in outcome.judgement.verdicts:
            told = verdict.expected
            other = told.other.stream if told.other else None
            scenario = scenario_of(told.stream, outcome.pool, other)
            assert scenario is not None
            share = blind_share(outcome.answers.blindness, told.detector, told.stream)
            yield Case(outcome.tool, scenario, verdict, (share or 0.0) > 0.2)


def strays(outcomes: Iterable[Outcome]) -> Iterator[Stray]:
    """All findings of outcomes that no verdict is about."""
    for outcome in outcomes:
        told = outcome.judgement
        for finding in (*told.other_name, *told.false):
            other = finding.other.stream if finding.other else None
            scenario = scenario_of(finding.stream, outcome.pool, other)
            yield Stray(
                outcome.tool, scenario or outcome.pool.scenarios[0], finding, finding in told.false
            )


def tally(of: Iterable[Case]) -> Tally:
    """The cases counted."""
    found = list(of)
    hit = [case.verdict for case in found if case.verdict.recalled]
    return Tally(
        count=len(found),
        recalled=len(hit),
        start_errors_s=tuple(abs(v.start_error_s or 0.0) for v in hit),
        end_errors_s=tuple(abs(v.end_error_s or 0.0) for v in hit),
        delays_s=tuple(v.delay_s for v in hit if v.delay_s is not None),
    )


def seconds_of(outcomes: Iterable[Outcome], wanted: Callable[[Scenario | None], bool]) -> float:
    """Camera seconds of the outcomes' footage whose scenario (None: an original) is `wanted`."""
    total = 0.0
    for outcome in outcomes:
        for stream, seconds in outcome.truths.seconds.items():
            total += seconds if wanted(scenario_of(stream, outcome.pool)) else 0.0
    return total


def blind_part(outcomes: Iterable[Outcome], attack: str, group: str) -> float | None:
    """Mean part of an attack's recordings that the detector of `group` could not judge."""
    shares = []
    for outcome in outcomes:
        for scenario in outcome.pool.scenarios:
            for stream in scenario.streams if scenario.attack == attack else ():
                share = blind_share(outcome.answers.blindness, DETECTORS[group], stream)
                shares += [share] if share is not None else []
    return sum(shares) / len(shares) if shares else None


def middle_and_worst(values: Sequence[float]) -> str:
    """Median and worst of errors in s, as text.

    >>> middle_and_worst([0.1, 0.2, 3.0])
    '0.2 / 3.0'
    """
    return f"{median(values):.1f} / {max(values):.1f}" if values else "-"
