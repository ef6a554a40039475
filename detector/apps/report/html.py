"""report.html: one self-contained page, safe to open whatever the recordings are called.

Everything that comes from inputs is escaped; the page has no outside address, no inline style
attribute and one small script, and its Content-Security-Policy allows only that.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket
from markupsafe import Markup

from detector.apps.report import sentences
from detector.apps.report.cameras import cameras
from detector.apps.report.cases import cases
from detector.apps.report.charts import Chart, chart
from detector.apps.report.distributions import Columns, columns
from detector.apps.report.schema import Episode, Evidence, Report, Series, dump
from detector.apps.report.stills import embed
from detector.apps.report.texts import Texts, offset, visible
from detector.apps.report.timeline import tracks
from detector.apps.report.verdict import of_cameras, verdict

TEMPLATES = Path(__file__).with_name("templates")
#: With more findings or cameras than this, groups are closed until they are selected.
LONG = 40
#: Findings of one camera that are shown before "more".
PER_CAMERA = 25


def write_html(report: Report, out_dir: Path, lang: str) -> Path:
    """Write ``out_dir/report.html`` in ``lang`` ("en" or "zh") and return its path.

    Stills are read from ``out_dir/evidence``; those that cannot be shown are named instead.
    Raises ValueError for an unknown language and OSError where the page cannot be written.
    """
    page = out_dir / "report.html"
    part = page.with_suffix(".html.part")
    part.write_text(render(report, out_dir, lang), encoding="utf-8", newline="\n")
    return part.replace(page)


def render(report: Report, out_dir: Path, lang: str) -> str:
    """The page as text; the same report and evidence give the same text."""
    t = Texts(lang, ZoneInfo(report.timezone) if report.timezone else None)
    made = environment(t)
    cams = cameras(report)
    css = (TEMPLATES / "report.css").read_text("utf-8")
    script = (TEMPLATES / "report.js").read_text("utf-8")
    return made.get_template("report.html").render(
        report=report,
        report_sha256=hashlib.sha256(dump(report)).hexdigest(),
        cameras=cams,
        verdict=verdict(report, cams, t),
        cases=cases(report, t),
        detectors=sorted({f.episode.detector for c in cams for f in c.findings}),
        stills=embed([f.episode for c in cams for f in c.findings], out_dir),
        long=len(report.episodes) > LONG or len(cams) > LONG,
        per_camera=PER_CAMERA,
        css=Markup(css),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own file
        policy=_policy(css, script),
    )


class _Kept(BytecodeCache):
    """Templates compiled in this process."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take what was compiled before."""
        if bucket.key in self._code:
            bucket.bytecode_from_string(self._code[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        self._code[bucket.key] = bucket.bytecode_to_string()


_KEPT = _Kept()


def prepare(lang: str) -> None:
    """Compile the templates beforehand, as while recordings are decoded: it takes a while."""
    made = environment(Texts(lang))
    for name in made.list_templates(extensions=["html"]):
        made.get_template(name)


def environment(t: Texts) -> Environment:
    """Where templates find texts and sentences; nothing in them is left unescaped."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        bytecode_cache=_KEPT,
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.do"],
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters.update(visible=visible, offset=offset, duration=t.duration)
    made.globals.update(
        t=t,
        similarity=_similarity,
        score=_score,
        readings=lambda episode: _readings(episode, t),
        distribution=_distribution,
        of_cameras=of_cameras,
    )
    made.globals.update(tracks=_with(t, tracks), value=lambda n, u: sentences.value(n, u, t))
    for tell in (
        *(sentences.sentence, sentences.title, sentences.letter, sentences.when),
        *(sentences.benign, sentences.reason, sentences.detector_name),
        *(sentences.blind_lines, sentences.quiet_names, sentences.span_dash, sentences.figures),
    ):
        made.globals[tell.__name__] = _with(t, tell)
    return made


def _with(t: Texts, tell: Callable[..., Any]) -> Callable[[Any], Any]:
    return lambda subject: tell(subject, t)


def _similarity(episode: Episode) -> Chart | None:
    inside = [(episode.start_s, episode.end_s)]
    return chart(episode.evidence.similarity, inside=inside, full=(0.0, 1.0))


def _score(episode: Episode) -> Chart | None:
    inside = [(episode.start_s, episode.end_s)]
    return chart(episode.evidence.score, inside=inside, threshold=episode.threshold)


def _readings(episode: Episode, t: Texts) -> Chart | None:
    """The readings, with the other stream or the earlier showing under them as it would look
    there."""
    inside, evidence = [(episode.start_s, episode.end_s)], episode.evidence
    under = _alike(evidence)
    known = [
        v
        for series in (evidence.readings, under)
        if series is not None
        for v in series.value
        if v is not None
    ]
    full = (min(known), max(known)) if known else None
    return chart(evidence.readings, inside, full=full, zero=_zero(episode, t), under=under)


def _zero(episode: Episode, t: Texts) -> datetime | None:
    """The wall clock at 0 s of the episode's file, where it is known."""
    start = t.wall(episode.start)
    return None if start is None else start - timedelta(seconds=episode.start_s)


def _alike(evidence: Evidence) -> Series | None:
    """The other readings, times the factor and plus the offset of the copy."""
    other = evidence.other_readings
    factor, offset = (evidence.figures.get(n, d) for n, d in (("factor", 1.0), ("offset", 0.0)))
    if other is None or not isinstance(factor, float | int) or not isinstance(offset, float | int):
        return other
    value = [None if v is None else v * factor + offset for v in other.value]
    return Series(time_s=other.time_s, value=value)


def _distribution(episode: Episode) -> Columns | None:
    return columns(episode.evidence.distribution)


def _policy(css: str, script: str) -> str:
    return (
        "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; "
        f"style-src '{_hash(css)}'; script-src '{_hash(script)}'"
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
