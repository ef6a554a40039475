"""What a comparison says, as plain data for machines and as lines for the command line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from detector.apps.report.texts import Texts
from detector.apps.serve.telling import iso
from detector.apps.tune.compare import OPINIONS, Change, Comparison, Effect
from detector.apps.tune.curve import Point, Suggestion
from detector.core.episode import Threshold

#: Episodes gained or lost that are told one by one.
TOLD = 100
_NAMES = (
    *("findings", "  known to be unfounded", "  not judged by anyone"),
    *("confirmed ones found", "false per stream and day", "delay, median"),
)


def effect(told: Effect) -> dict[str, Any]:
    """Figures of an effect, and what follows from them."""
    more = {"recall": told.recall, "false_per_day": told.false_per_day, "per_day": told.per_day}
    return asdict(told) | more


def change(told: Change) -> dict[str, Any]:
    """How many episodes, of which opinion, and the first of them."""
    counts: dict[str, int] = {opinion: told.count(opinion) for opinion in OPINIONS}
    return {"count": len(told), **counts, "episodes": [asdict(s) for s in told.first(TOLD)]}


def comparison(told: Comparison) -> dict[str, Any]:
    """All of it."""
    return {
        "before": effect(told.before),
        "after": effect(told.after),
        "gained": change(told.gained),
        "lost": change(told.lost),
        "alerts_removed": {"count": told.removed, **told.alerts},
    }


def points(told: Sequence[Point]) -> list[dict[str, Any]]:
    """The trade-off curve."""
    return [{"raise_at": p.raise_at, **effect(p.effect)} for p in told]


def lines(
    before: Threshold,
    after: Threshold,
    told: Comparison,
    curve: Sequence[Point],
    best: Suggestion | None,
) -> Iterator[str]:
    """All of it in words and a table."""
    unit = before.unit
    for key in ("raise_at", "clear_at", "hold_s"):
        old, new = getattr(before, key), getattr(after, key)
        yield f"{key:9} {old:g}" + ("" if old == new else f" -> {new:g}")
    yield f"{'':24}{'in force':>12}{'then':>12}"
    for name, old_text, new_text in _rows(told.before, told.after):
        yield f"{name:24}{old_text:>12}{new_text:>12}"
    yield from _changes(told)
    if best is None:
        yield "no value is suggested: nothing that this check found was confirmed"
    else:
        yield (
            f"suggested: raise_at = {best.raise_at:g} {unit}"
            f" (any from {best.low:g} to {best.high:g} does the same to what was judged)"
        )
    if curve:
        yield f"{'raise_at':>12}{'recall':>9}{'false/day':>11}{'all/day':>9}{'delay':>9}"
        for p in curve:
            one = p.effect
            recall = "-" if one.recall is None else f"{one.recall:.0%}"
            figures = f"{one.false_per_day:11.3g}{one.per_day:9.3g}{_delay(one.delay_s):>9}"
            yield f"{p.raise_at:12.4g}{recall:>9}{figures}"


def _rows(before: Effect, after: Effect) -> Iterator[tuple[str, str, str]]:
    yield from zip(_NAMES, _figures(before), _figures(after), strict=True)


def _figures(told: Effect) -> list[str]:
    counts = [str(told.episodes), str(told.unfounded), str(told.undecided)]
    found = f"{told.found} of {told.confirmed}"
    return [*counts, found, f"{told.false_per_day:.3g}", _delay(told.delay_s)]


def _changes(told: Comparison) -> Iterator[str]:
    confirmed = told.alerts.get("confirmed", 0)
    yield (
        f"removes {told.removed} alerts, of which {confirmed} were confirmed and "
        f"{told.alerts.get('unfounded', 0)} unfounded"
    )
    for name, sign, one in (("lost", "-", told.lost), ("gained", "+", told.gained)):
        if len(one):
            parts = ", ".join(f"{one.count(opinion)} {opinion}" for opinion in OPINIONS)
            yield f"{len(one)} findings {name} ({parts})"
        for span in one.first(10):
            yield f"  {sign} {iso(span.start)} {span.stream} {span.peak:.4g} {span.opinion}"


def _delay(seconds: float | None) -> str:
    return "-" if seconds is None else Texts("en").duration(seconds)
