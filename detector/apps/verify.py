"""`trueshaft verify`: whether a ledger or an evidence package is as it was written."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from detector.core.errors import UsageError
from detector.edge.ledger_check import verify
from detector.edge.package import Proof, proved
from detector.edge.site_key import public_of

_KNOWN = re.compile(r"([1-9][0-9]{0,15}):([0-9a-f]{64})")


def verify_command(path: Path, known: str | None, key: str | None = None) -> tuple[int, str]:
    """Check the ledger (a file, or the service's folder) or package at ``path``: exit status and
    sentences. ``known``: an entry that the ledger must have; ``key``: what must have signed."""
    if key is not None or path.suffix.lower() == ".zip" or zipfile.is_zipfile(path):
        return _package(path, key)
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


def _package(path: Path, key: str | None) -> tuple[int, str]:
    wanted = public_of(key) if key is not None else None
    if key is not None and wanted is None:
        todo = "give the site's public key, its fingerprint, or the file site-key.pub"
        raise UsageError("it is no Ed25519 public key", f"--key {key}", todo)
    try:
        proof = proved(path, wanted)
    except OSError as error:
        what = f"there is no package to read: {error.strerror or error}"
        raise UsageError(what, str(path), "name an evidence package") from error
    lines = [f"{path}: {problem}" for problem in proof.problems]
    if not lines:
        lines = list(_sound(proof))
    if proof.key:
        compared = "as was asked for" if wanted == proof.key else "compare it with the site's"
        lines.append(f"key {proof.key} ({compared})")
    return (1 if proof.problems else 0), "\n".join(lines)


def _sound(proof: Proof) -> list[str]:
    manifest = proof.manifest or {}
    about = f"alert {manifest.get('alert')} of mine {manifest.get('mine')}"
    entry = manifest.get("ledger") or {}
    return [
        f"{len(manifest.get('files', ()))} files are as they were signed: {about}",
        f"made {manifest.get('made')} by {manifest.get('by')}",
        f"ledger entry {entry.get('seq')}:{entry.get('hash')}",
    ]
