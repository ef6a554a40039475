"""One audit in a process of its own: ``python -m detector.apps.web.audit_job FOLDER``.

The folder holds ``job.json``; here ``progress.json`` and at the end ``done.json`` are written into
it, and the report into ``report/``. It runs on where the console is started anew.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from detector.apps.audit import audit_command
from detector.core.errors import TrueshaftError

JOB, PROGRESS, DONE, REPORT = "job.json", "progress.json", "done.json", "report"
#: Seconds between two writings of the progress.
_EVERY_S = 0.5


def main(folder: Path) -> int:
    """Run the audit of a folder."""
    job = json.loads((folder / JOB).read_text("utf-8"))
    written = 0.0

    def told(at_s: float, of_s: float, name: str) -> None:
        nonlocal written
        if time.monotonic() - written > _EVERY_S:
            written = time.monotonic()
            write(folder / PROGRESS, {"at_s": at_s, "of_s": of_s, "name": name})

    config = job.get("config")
    done: dict[str, Any]
    try:
        status = audit_command(
            paths=[Path(p) for p in job["paths"]],
            out=folder / REPORT,
            config=Path(config) if config else None,
            models=None,
            jobs=1,
            cluster=None,
            lang=job["lang"],
            quiet=True,
            as_json=False,
            thorough=job["thorough"],
            cache=None,
            no_cache=False,
            clear_cache=False,
            told=told,
        )
        done = {"status": status, "findings": _findings(folder / REPORT / "report.json")}
    except TrueshaftError as error:
        done = {"status": 2, "why": f"{error.where}: {error.what}"}
    except Exception as error:  # noqa: BLE001 - the console has to hear of it
        done = {"status": 70, "why": f"{type(error).__name__}: {error}"}
    write(folder / DONE, {**done, "ended": time.time()})
    return 0


def _findings(report: Path) -> int:
    return len(json.loads(report.read_text("utf-8"))["episodes"])


def write(path: Path, told: dict[str, Any]) -> None:
    """Write a small file at once, or not at all."""
    beside = path.with_suffix(".part")
    beside.write_text(json.dumps(told), "utf-8")
    beside.replace(path)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
