"""BENCHMARKS.md: what was measured, beside what was to be reached."""

from collections.abc import Callable, Sequence

from detector.bench.markdown import Target, table
from detector.bench.rivals import RIVALS
from detector.bench.running import Outcome
from detector.bench.scenarios import DETECTORS, SCENES, Scenario, Split
from detector.bench.tally import (
    Stray,
    Tally,
    blind_part,
    cases,
    middle_and_worst,
    seconds_of,
    strays,
    tally,
)
from detector.core.accuracy import TOLERANCE_S

#: Least recall to reach, by group.
TARGETS = {
    "frozen": 0.99,
    "replayed": 0.95,
    "duplicated": 0.98,
    "uninformative": 0.95,
    "moved": 0.95,
    "gap": 0.95,
}
TITLES = {
    "frozen": "Held pictures",
    "replayed": "Loops and replays",
    "duplicated": "Copies between cameras",
    "uninformative": "Black, flooded, covered, defocused, slate",
    "moved": "Moved cameras",
    "gap": "Missing footage",
}
#: The rivals that claim to find what a group is about.
_RIVALS_OF = {
    "frozen": ("freezedetect", "freezedetect tuned"),
    "replayed": ("PDQ",),
    "duplicated": ("PDQ",),
    "uninformative": ("blackdetect",),
}
SPLITS: tuple[Split, ...] = ("report", "tune")
_SPLIT_TITLES = {"report": "scenes only reported on", "tune": "scenes tuned on"}


class Results:
    """Outcomes of all pools, asked by tool, split and group."""

    def __init__(self, outcomes: Sequence[Outcome], modes: Sequence[str]) -> None:
        self.outcomes, self.modes = list(outcomes), list(modes)
        self.main = self.modes[0]
        self.cases = list(cases(self.outcomes))
        self.strays = list(strays(self.outcomes))

    def tally(self, tool: str, wanted: Callable[[Scenario], bool]) -> Tally:
        """A tool's tally over the scenarios wanted."""
        return tally(c for c in self.cases if c.tool == tool and wanted(c.scenario))

    def stray(self, tool: str, wanted: Callable[[Scenario], bool]) -> list[Stray]:
        """A tool's findings that no verdict is about, of the scenarios wanted."""
        return [s for s in self.strays if s.tool == tool and wanted(s.scenario)]

    def of(self, tool: str) -> list[Outcome]:
        """A tool's outcomes."""
        return [outcome for outcome in self.outcomes if outcome.tool == tool]

    def splits(self) -> list[Split]:
        """The splits that were run."""
        return [s for s in SPLITS if any(o.pool.split == s for o in self.outcomes)]

    def attacks(self, group: str, split: Split) -> list[str]:
        """The attacks of a group, in their order."""
        run = (s for o in self.of(self.main) for s in o.pool.scenarios)
        return list(dict.fromkeys(s.attack for s in run if (s.group, s.split) == (group, split)))


def accuracy(results: Results) -> str:
    """All tables of what was found and what was not."""
    parts = [_how(results)]
    for split in results.splits():
        parts.append(f"## Found: {_SPLIT_TITLES[split]}")
        parts += [_group(results, group, split) for group in DETECTORS]
        parts.append(_negatives(results, split))
        parts.append(_false(results, split))
    return "\n\n".join(part for part in parts if part)


def targets(results: Results) -> list[Target]:
    """What was to be reached on the scenes that are only reported on."""
    split = results.splits()[0]
    reached = []
    for group, least in TARGETS.items():
        found = results.tally(results.main, _is(group, split))
        if found.count:
            measured = f"{found.recall:.1%} ({found.recalled} of {found.count})"
            what = f"{TITLES[group]}: recall"
            reached.append(Target(what, f">= {least:.0%}", measured, found.recall >= least))
    ends = results.tally(results.main, lambda s: s.split == split and s.group != "negative")
    worst = max((*ends.start_errors_s, *ends.end_errors_s), default=0.0)
    if ends.recalled:
        measured = f"{ends.within:.1%} of the found; worst {worst:.1f} s"
        what = f"Both ends within {TOLERANCE_S:g} s"
        reached.append(Target(what, "all", measured, ends.within == 1.0))
    clean = results.stray(results.main, _is("negative", split))
    false = sum(stray.false for stray in clean)
    hours = _hours(results, results.main, _is("negative", split))
    if hours:
        measured = f"{false} in {hours:.2f} camera-hours"
        reached.append(Target("False episodes on the negatives", "none", measured, false == 0))
    return reached


def _is(group: str, split: Split) -> Callable[[Scenario], bool]:
    return lambda scenario: (scenario.group, scenario.split) == (group, split)


def _hours(results: Results, tool: str, wanted: Callable[[Scenario], bool]) -> float:
    seconds = seconds_of(results.of(tool), lambda s: s is not None and wanted(s))
    return seconds / 3600


def _how(results: Results) -> str:
    lines = []
    for split in results.splits():
        names = ", ".join(scene.name for scene in SCENES if scene.split == split)
        run = [
            s for o in results.of(results.main) if o.pool.split == split for s in o.pool.scenarios
        ]
        hours = (
            seconds_of([o for o in results.of(results.main) if o.pool.split == split], _any) / 3600
        )
        lines.append(
            f"- {_SPLIT_TITLES[split].capitalize()}: {names}, and rendered scenes of their own; "
            f"{len(run)} scenarios, {hours:.1f} camera-hours."
        )
    return "\n".join(lines)


def _any(_: Scenario | None) -> bool:
    return True


def _group(results: Results, group: str, split: Split) -> str:
    attacks = results.attacks(group, split)
    if not attacks:
        return ""
    coarse = results.modes[1:]
    rivals = _RIVALS_OF.get(group, ())
    heads = ["attack", "clips", "found", *(f"found ({m})" for m in coarse)]
    heads += ["start off, s", "end off, s", "delay, s", "other name", *rivals]
    rows = []
    for attack in (*attacks, ""):
        wanted = _in(group, split, attack)
        told = results.tally(results.main, wanted)
        other = [s for s in results.stray(results.main, wanted) if not s.false]
        cells = [attack or "**all**", str(told.count), _share(told)]
        cells += [_share(results.tally(mode, wanted)) for mode in coarse]
        cells += [middle_and_worst(told.start_errors_s), middle_and_worst(told.end_errors_s)]
        cells += [middle_and_worst(told.delays_s), str(len(other))]
        rows.append([*cells, *(_share(results.tally(rival, wanted)) for rival in rivals)])
    return f"### {TITLES[group]}\n\n{table(heads, rows)}"


def _in(group: str, split: Split, attack: str) -> Callable[[Scenario], bool]:
    return lambda s: (s.group, s.split) == (group, split) and attack in ("", s.attack)


def _share(told: Tally) -> str:
    return f"{told.recall:.0%}" if told.count else "-"


def _negatives(results: Results, split: Split) -> str:
    attacks = results.attacks("negative", split)
    if not attacks:
        return ""
    tools = [*results.modes, *RIVALS]
    rows = []
    for attack in (*attacks, ""):
        wanted = _in("negative", split, attack)
        minutes = 60 * _hours(results, results.main, wanted)
        run = [s for o in results.of(results.main) for s in o.pool.scenarios if wanted(s)]
        counts = [str(sum(s.false for s in results.stray(tool, wanted))) for tool in tools]
        blind = blind_part(results.of(results.main), attack, "frozen")
        cells = [attack or "**all**", str(len(run)), f"{minutes:.1f}", *counts]
        rows.append([*cells, "-" if blind is None else f"{blind:.0%}"])
    heads = ("nothing to find", "clips", "minutes", *tools, "blind to held pictures")
    return f"### False episodes where nothing is to be found\n\n{table(heads, rows)}"


def _false(results: Results, split: Split) -> str:
    rows = []
    hours = seconds_of(
        [o for o in results.of(results.main) if o.pool.split == split], _any
    ) / 3600  # fmt: skip
    for tool in (*results.modes, *RIVALS):
        found = [s.finding for s in results.stray(tool, lambda s: s.split == split) if s.false]
        counts = [sum(f.detector == d for f in found) for d in DETECTORS.values()]
        rate = len(found) / hours if hours else 0.0
        rows.append([tool, str(len(found)), f"{rate:.1f}", *(str(c) if c else "" for c in counts)])
    heads = ("tool", "false", "a camera-hour", *DETECTORS.values())
    title = f"### False episodes in all recordings ({hours:.2f} camera-hours)"
    return f"{title}\n\n{table(heads, rows)}"
