"""Running what is measured: the audit as a user does, and the rivals, over a pool."""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from detector.bench.judge import Answers, Truths, judged, read_report, truths_of
from detector.bench.making import Pool, lay_out
from detector.bench.rivals import rivals_of
from detector.core.accuracy import Judgement

AUDIT = "audit"
COARSE = "audit, coarse"
#: How each way of auditing is asked for.
MODES: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
    AUDIT: ((), {}),
    COARSE: ((), {"TRUESHAFT_DECODE": "coarse"}),
    "audit, thorough": (("--thorough",), {}),
}
_SITE = '[recordings]\npattern = "{camera}/{start:%Y%m%d-%H%M%S}_{end:%H%M%S}.mp4"\n'
_FOUND_OR_NOT = (0, 1, 3)


@dataclass(frozen=True)
class Outcome:
    """What a tool said of a pool, judged."""

    tool: str
    pool: Pool
    truths: Truths
    answers: Answers
    judgement: Judgement


def outcomes(pool: Pool, footage: Path, work: Path, modes: Sequence[str]) -> list[Outcome]:
    """What every way of auditing and every rival says of a pool."""
    folder = lay_out(pool, footage, work)
    truths = truths_of(pool, footage, work)
    told = {mode: audited(pool, folder, work, mode) for mode in modes}
    told |= rivals_of(pool, footage, work)
    return [
        Outcome(tool, pool, truths, answers, judged(truths, answers))
        for tool, answers in told.items()
    ]


def audited(pool: Pool, folder: Path, work: Path, mode: str) -> Answers:
    """The report of an audit of the pool's folder, by the command."""
    out = work / "reports" / f"{pool.name}-{mode.replace(', ', '-')}"
    arguments = [str(folder), "--out", str(out), "--quiet", "--no-cache", "--jobs", "1"]
    if pool.named:
        site = work / "site.toml"
        site.write_text(_SITE)
        arguments += ["--config", str(site)]
    more, environment = MODES[mode]
    (out / "report.json").unlink(missing_ok=True)
    done = subprocess.run(
        audit_command(*arguments, *more),
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode not in _FOUND_OR_NOT:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        return Answers(failed=f"the audit ended with status {done.returncode}: {last}")
    return read_report(out / "report.json", pool)


def audit_command(*arguments: str) -> list[str]:
    """The command line of an audit by this interpreter."""
    return [sys.executable, "-m", "detector", "audit", *arguments]
