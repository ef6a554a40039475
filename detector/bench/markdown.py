"""Markdown: tables, lists, and figures beside what was to be reached."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """A figure to reach: what, the target and the measured value as text, and whether it is met."""

    what: str
    target: str
    measured: str
    reached: bool


def target_table(reached: Iterable[Target]) -> str:
    """Targets beside what was measured."""
    rows = [
        (t.what, t.target, t.measured, "reached" if t.reached else "**not reached**")
        for t in reached
    ]
    return table(("what", "target", "measured", ""), rows)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; the first column to the left, the others to the right."""
    lines = [_line(heads), _line(["---", *(["---:"] * (len(heads) - 1))])]
    return "\n".join([*lines, *(_line(row) for row in rows)])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def items(texts: Iterable[str]) -> str:
    """A list, or that there is nothing to list."""
    return "\n".join(f"- {text}" for text in texts) or "Nothing."
