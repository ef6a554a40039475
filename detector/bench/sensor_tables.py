"""Tables of what was found in falsified readings, and what in clean ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from detector.bench.sensor_cases import STEPS, TUNED, Case


@dataclass(frozen=True)
class Result:
    """What came of a case: whether it was found, and by the detector of its name; further false
    episodes; ``delay`` in readings (NaN: not found or not measured); rivals that found it."""

    case: Case
    found: bool
    named: bool
    false: int
    delay: float
    rivals: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Clean:
    """Episodes in a clean data set, by detector and by rival."""

    data: str
    days: float
    period_s: float
    by: Mapping[str, int]
    rivals: Mapping[str, int]


def clean_table(cleans: Sequence[Clean], rivals: Sequence[str]) -> list[str]:
    """False episodes per data set, and of all per 100 stream-days."""
    head = ["data", "stream-days", "s between readings", "false episodes", "by", *rivals]
    lines = [_row(head), _row(["---", *["---:"] * 3, "---", *["---:"] * len(rivals)])]
    for c in cleans:
        by = ", ".join(f"{name} {count}" for name, count in sorted(c.by.items()))
        told = [str(c.rivals[r]) for r in rivals]
        false = str(sum(c.by.values()))
        lines.append(_row([c.data, f"{c.days:.0f}", f"{c.period_s:.0f}", false, by, *told]))
    days = sum(c.days for c in cleans) or 1.0
    counts = [sum(sum(c.by.values()) for c in cleans)]
    counts += [sum(c.rivals[r] for c in cleans) for r in rivals]
    own, *others = [f"{100 * count / days:.2f}" for count in counts]
    return [*lines, _row(["**per 100 stream-days**", f"{days:.0f}", "", own, "", *others])]


def recall(results: Sequence[Result], rivals: Sequence[str]) -> list[str]:
    """Found per falsification, of those only reported on and those tuned on, by whom and when."""
    by: dict[str, dict[bool, list[Result]]] = defaultdict(lambda: {True: [], False: []})
    for result in results:
        by[result.case.name][result.case.data in TUNED].append(result)
    head = ["falsification: reported on, tuned on", "found", "by its name", "of"]
    head += ["delay, readings", "further false", *rivals]
    lines = [_row(head), _row(["---", *["---:"] * (len(head) - 1)])]
    names = [name for name in STEPS if name in by]
    lines += [_row([n, *_counts([by[n][False], by[n][True]], rivals)]) for n in names]
    whole = [[r for n in names for r in by[n][tuned]] for tuned in (False, True)]
    lines.append(_row(["**all**", *_counts(whole, rivals)]))
    missed = [f"{r.case.data} {r.case.step}" for r in results if not r.found]
    return [*lines, "", "Missed:", "", *(f"- {m}" for m in missed)]


def _counts(halves: Sequence[Sequence[Result]], rivals: Sequence[str]) -> list[str]:
    """Cells of results reported on and tuned on."""
    delays = np.array([r.delay for half in halves for r in half if np.isfinite(r.delay)])
    delay = f"{np.median(delays):.0f} / {delays.max():.0f}" if len(delays) else "-"
    return [
        ", ".join(str(sum(r.found for r in half)) for half in halves),
        ", ".join(str(sum(r.named for r in half)) for half in halves),
        ", ".join(str(len(half)) for half in halves),
        delay,
        str(sum(r.false for half in halves for r in half)),
        *(", ".join(str(sum(v in r.rivals for r in half)) for half in halves) for v in rivals),
    ]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
