"""What an audit says on the terminal besides its progress."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from detector.apps.report import schema
from detector.core.errors import UsageError
from detector.edge.inputs import NO_FILE, Found, printable


def nothing_in(paths: Sequence[Path], found: Found) -> UsageError:
    """The error of an audit of nothing."""
    what = f"there is no recording and no file of readings{_ignored(found)}"
    for path in [*found.odd, *(path for path, _ in found.problems)]:
        what += f"; {printable(path)}: {NO_FILE}"
    where = ", ".join(printable(path) for path in paths)
    return UsageError(what, where, "name recordings or CSV files, or a folder that holds some")


def tell_passed_over(found: Found) -> None:
    """Say on standard error what of the paths leaves no trace in the report."""
    told = [(path, f"{NO_FILE}: it is not opened") for path in found.odd]
    told += [(p, f"nothing in it can be audited{_ignored(found, p)}") for p in found.barren]
    for path, what in told:
        sys.stderr.write(f"trueshaft: {printable(path)}: {what}\n")


def _ignored(found: Found, folder: Path | None = None) -> str:
    """How many files were ignored (in a folder), and the first few names."""
    paths = [p for p in found.ignored if folder is None or p.is_relative_to(folder)]
    if not paths:
        return ""
    names = ", ".join(printable(Path(path.name)) for path in paths[:3])
    more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
    return f"; {len(paths)} file{'s' * (len(paths) != 1)} ignored: {names}{more}"


def closing(report: schema.Report, page: Path) -> str:
    """What an audit prints when it is done."""
    lines = [f"{e.path}: {e.summary}" for e in report.episodes]
    lines += [f"{i.path}: {i.status}: {i.reason}" for i in report.inputs if i.status != "ok"]
    lines += [f"{n.path}: not audited: {n.reason}" for n in report.not_audited]
    found, files = len(report.episodes), len(report.inputs)
    told = f"{found} finding{'s' * (found != 1)} in {files} file{'s' * (files != 1)}"
    lines.append(f"{told}: {page}")
    return "\n".join(lines) + "\n"
