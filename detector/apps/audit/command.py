"""What ``trueshaft audit`` does."""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Literal

from detector.apps.audit.interruption import Interruption
from detector.apps.audit.progress import Progress, Told
from detector.apps.audit.run import Audit
from detector.apps.audit.telling import closing, nothing_in, tell_passed_over
from detector.apps.report import schema
from detector.apps.report.html import write_html
from detector.config import load
from detector.core.errors import UsageError
from detector.edge.cache import Cache, default_folder
from detector.edge.inputs import find
from detector.edge.models import Models, load_models


def audit_command(
    *,
    paths: list[Path],
    out: Path,
    config: Path | None,
    models: Path | None,
    jobs: int | None,
    cluster: str | None,
    lang: Literal["zh", "en"],
    quiet: bool,
    as_json: bool,
    thorough: bool,
    cache: Path | None,
    no_cache: bool,
    clear_cache: bool,
    told: Told | None = None,
) -> int:
    """Audit recordings and write the report to ``out``; returns the exit status. ``told`` is called
    as reading goes on."""
    configuration = load(config)
    if models is not None and not models.is_dir():
        raise UsageError("it is no folder", f"--models {models}", "give what `trueshaft fit` wrote")
    learned = load_models(models) if models is not None else Models()
    found = find(paths)
    if found.nothing:
        raise nothing_in(paths, found)
    tell_passed_over(found)
    _make_folder(out)
    jobs = jobs or os.cpu_count() or 1
    with ExitStack() as stack:
        interruption = stack.enter_context(Interruption())
        folder = cache or default_folder()
        if no_cache:
            folder = Path(
                stack.enter_context(
                    tempfile.TemporaryDirectory(prefix="trueshaft-", dir=out if cluster else None)
                )
            )
        kept = stack.enter_context(Cache(folder))
        if clear_cache:
            kept.clear()
        audit = Audit(configuration, found, out, lang, learned)
        heard = Progress(quiet or as_json, told)
        report = audit.run(kept, jobs, cluster, thorough, heard, interruption)
        (out / "report.json").write_bytes(schema.dump(report))
        page = write_html(report, out, lang)
    if as_json:
        sys.stdout.buffer.write(schema.dump(report))
    elif not quiet:
        sys.stdout.write(closing(report, page))
    return schema.exit_status(report)


def _make_folder(out: Path) -> None:
    try:
        (out / "evidence").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        what = f"the report cannot be written there: {error.strerror or error}"
        raise UsageError(what, f"--out {out}", "name a folder that can be made") from error
