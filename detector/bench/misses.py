"""The end of BENCHMARKS.md: every miss and every false episode by name."""

from typing import Any

from detector.bench.markdown import items
from detector.bench.scenarios import Scenario
from detector.bench.tables import Results
from detector.bench.tally import Case, Stray
from detector.core.accuracy import Finding


def misses(results: Results) -> str:
    """What was missed, what was false and what was not audited, with the commands to make it."""
    parts = []
    for mode in results.modes:
        missed = [c for c in results.cases if c.tool == mode and not c.verdict.recalled]
        false = [s for s in results.strays if s.tool == mode and s.false]
        failed = [o for o in results.of(mode) if o.answers.failed]
        parts.append(f"## Missed by {mode}\n\n" + items(map(_missed, missed)))
        parts.append(f"## False by {mode}\n\n" + items(map(_wrong, false)))
        if failed:
            told = items(f"{o.pool.name}: {o.answers.failed}" for o in failed)
            parts.append(f"## Not audited by {mode}\n\n{told}")
    return "\n\n".join(parts)


def figures(results: Results) -> dict[str, Any]:
    """What was found, missed and false, by name, to compare one run with another."""
    return {
        mode: {
            "found": sorted(
                _name(c) for c in results.cases if c.tool == mode and c.verdict.recalled
            ),
            "missed": sorted(
                _name(c) for c in results.cases if c.tool == mode and not c.verdict.recalled
            ),
            "false": sorted(
                f"{s.scenario.name}: {_told(s.finding)}"
                for s in results.strays
                if s.tool == mode and s.false
            ),
        }
        for mode in results.modes
    }


def _name(case: Case) -> str:
    return f"{case.scenario.name}: {case.verdict.expected.detector}"


def _missed(case: Case) -> str:
    told = case.verdict.expected
    part = f"{case.verdict.found_share:.0%} of it found" if case.verdict.findings else "not found"
    blind = "; said to be blind" if case.blind else ""
    what = f"{case.scenario.name} ({case.scenario.split}), {told.start_s:.1f}-{told.end_s:.1f} s"
    return f"{what}: {part}{blind}{_made(case.scenario)}"


def _wrong(stray: Stray) -> str:
    what = f"{stray.scenario.name} ({stray.scenario.split})"
    return f"{what}: {_told(stray.finding)}{_made(stray.scenario)}"


def _told(finding: Finding) -> str:
    text = f"{finding.detector} on {finding.stream}, {finding.start_s:.1f}-{finding.end_s:.1f} s"
    if finding.other is not None:
        text += f", with {finding.other.stream} at lag {finding.other.lag_s:.1f} s"
    return text


def _made(scenario: Scenario) -> str:
    return "".join(f"\n  `{recipe.command()}`" for recipe in scenario.recipes)
