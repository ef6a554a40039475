"""What a verdict says, and its figure: picture and signals above each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from detector.apps.report import sentences
from detector.apps.report.charts import Chart, chart
from detector.apps.report.schema import Episode, Report, Verdict
from detector.apps.report.texts import Texts, offset, visible, wall

#: Pieces of evidence that a sentence names before "and so many more".
NAMED = 4
#: Moving parts of the picture that its activity is drawn up to at least: one or two are a clock.
_PARTS = 10.0


@dataclass(frozen=True)
class Row:
    """A curve of the figure."""

    title: str
    chart: Chart


@dataclass(frozen=True)
class Case:
    """A verdict as the page shows it."""

    verdict: Verdict
    sentence: str
    repeats: str
    benign: list[str]
    rows: list[Row]


def cases(report: Report, t: Texts) -> list[Case]:
    """The report's verdicts as the page shows them."""
    known = {e.id: e for e in report.episodes}
    return [case(v, [known[i] for i in v.episodes if i in known], t) for v in report.verdicts]


def case(verdict: Verdict, episodes: Sequence[Episode], t: Texts) -> Case:
    """A verdict over these episodes as a page shows it."""
    repeats = t.count("case.repeats", len(verdict.repeats)) if verdict.repeats else ""
    benign = [sentences.innocent(key, t) for key in verdict.benign]
    return Case(
        verdict, sentence(verdict, episodes, t), repeats, benign, _rows(verdict, episodes, t)
    )


def sentence(verdict: Verdict, episodes: Sequence[Episode], t: Texts) -> str:
    """What contradicts what, since when, and how sure, in one sentence and a half."""
    where = t("case.shaft", shaft=visible(verdict.shaft)) if verdict.shaft else t("case.mine")
    told = [
        t("case.claim", title=sentences.title(e, t), stream=visible(e.stream)) for e in episodes
    ]
    claims = list(dict.fromkeys(told))
    if len(claims) > NAMED:
        claims = [*claims[:NAMED], t("case.more", n=len(claims) - NAMED)]
    since = t.wall(verdict.since)
    begun = t("case.from_start", offset=offset(verdict.since_s))
    if since is not None:
        begun = f"{since:%Y-%m-%d %H:%M:%S}"
    sure = t(f"case.{verdict.sure}", n=verdict.independent)
    declared = any(e.detector == "inconsistent_production" for e in episodes)
    kind = "relations" if verdict.kind == "signals" and not declared else verdict.kind
    return t(f"case.{kind}", where=where, since=begun, claims=t.names(claims), sure=sure)


def benign_of(episodes: Sequence[Episode]) -> list[str]:
    """Keys of the innocent explanations of these episodes, those of more of them first."""
    count: dict[str, int] = {}
    for e in episodes:
        kind = f"{e.detector}.{sentences.kind_key(e)}"
        usual = sentences.USUALLY_INNOCENT
        for key in e.evidence.benign or usual.get(kind, usual.get(e.detector, [])):
            count[key] = count.get(key, 0) + 1
    return sorted(count, key=lambda key: -count[key])[:5]


def _rows(verdict: Verdict, episodes: Sequence[Episode], t: Texts) -> list[Row]:
    zero, over = t.wall(verdict.zero), (verdict.start_s, verdict.end_s)
    rows = []
    for curve in verdict.curves:
        inside = _inside(curve.stream, episodes, zero, over)
        full = None
        if curve.what == "activity":
            full = (0.0, max(_PARTS, *(v for v in curve.series.value if v is not None)))
        drawn = chart(curve.series, inside=inside, full=full, over=over, zero=zero)
        if drawn is not None:
            name = visible(curve.stream)
            title = f"{name} ({visible(curve.unit)})" if curve.unit else name
            if curve.what == "activity":
                title = t("case.activity", camera=name)
            rows.append(Row(title, drawn))
    return rows


def _inside(
    stream: str, episodes: Sequence[Episode], zero: datetime | None, over: tuple[float, float]
) -> list[tuple[float, float]]:
    """The stream's findings within what is shown."""
    spans = []
    for e in episodes:
        start = wall(e.start)
        at = (start - zero).total_seconds() if start and zero else e.start_s
        span = max(at, over[0]), min(at + e.end_s - e.start_s, over[1])
        if e.stream == stream and span[1] > span[0]:
            spans.append(span)
    return sorted(spans)
