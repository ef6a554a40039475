"""`trueshaft verify`: whether a ledger is as it was written."""

from __future__ import annotations

import re
from pathlib import Path

from detector.core.errors import UsageError
from detector.edge.ledger_check import verify

_KNOWN = re.compile(r"([1-9][0-9]{0,15}):([0-9a-f]{64})")


def verify_command(path: Path, known: str | None) -> tuple[int, str]:
    """Check the ledger at ``path`` (a file, or the service's folder): exit status and sentence."""
    file = path / "ledger.jsonl" if path.is_dir() else path
    anchor = None
    if known is not None:
        match = _KNOWN.fullmatch(known)
        if match is None:
            raise UsageError("it is no SEQ:HASH", f"--known {known}", "give both from an alert")
        anchor = int(match[1]), match[2]
    try:
        checked = verify(file, anchor)
    except OSError as error:
        what = f"there is no ledger to read: {error.strerror or error}"
        raise UsageError(what, str(file), "name a ledger.jsonl, or the folder it is in") from error
    lines = []
    if checked.broken is not None:
        lines.append(f"{file}:{checked.broken.line}: {checked.broken.why}")
    if checked.last is not None:
        whole = "are" if checked.broken is None else "before it are"
        lines.append(f"{checked.entries} entries {whole} as they were written")
        lines.append(f"the last is {checked.last.seq}:{checked.last.hash} of {checked.last.time}")
    elif checked.broken is None:
        lines.append("there is no entry in it")
    if checked.doubt:
        lines.append(f"not checked: {checked.doubt}")
    return (0 if checked.broken is None else 1), "\n".join(lines)
