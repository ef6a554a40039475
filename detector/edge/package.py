"""Evidence packages: a ZIP of files, a manifest with the hash of each, and its signature.

``manifest.json`` is canonical JSON; ``manifest.sig`` its Ed25519 signature in base64. Nothing else
is in a package but what the manifest names.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from detector.edge.ledger import BadEntry, canonical, parsed
from detector.edge.site_key import fingerprint, public_text, signed_by

SCHEMA = "trueshaft.evidence/1"
MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
#: Entries of the ledger, a line each as the ledger has them.
EXCERPT = "ledger.jsonl"
#: What is taken for no package of ours: files, and bytes of all of them.
_FILES, _BYTES = 10_000, 2_000_000_000
#: Bytes of what is read as a whole: manifest, signature, ledger excerpt.
_WHOLE = {MANIFEST: 8_000_000, SIGNATURE: 1000, EXCERPT: 256_000_000}
_MADE = (1980, 1, 1, 0, 0, 0)
_PIECE = 1 << 20
#: What reading a file that is no whole ZIP raises: names that are no text, offsets before its
#: beginning and compressions that were never written among it.
_TORN = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError),
    *(RuntimeError, ValueError, OSError, struct.error),
)


@dataclass(frozen=True)
class Proof:
    """What a check of a package found: ``problems`` (none: it is as it was signed), the fingerprint
    of the key that signed it, and its manifest where that can be read."""

    problems: tuple[str, ...]
    key: str = ""
    manifest: Mapping[str, Any] | None = None


def packed(files: Mapping[str, bytes], about: Mapping[str, Any], key: Ed25519PrivateKey) -> bytes:
    """A package of files by name; ``about`` goes into the manifest. Same gives same."""
    told = [
        {"path": name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in sorted(files.items())
    ]
    public = public_text(key.public_key())
    whole = {"schema": SCHEMA, **about, "files": told, "public_key": public}
    manifest = canonical(whole)
    signature = base64.b64encode(key.sign(manifest))
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, content in [*sorted(files.items()), (MANIFEST, manifest), (SIGNATURE, signature)]:
            entry = zipfile.ZipInfo(name, _MADE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return made.getvalue()


def proved(path: Path, known_key: str | None = None) -> Proof:
    """Check a package, offline; ``known_key`` is the fingerprint that must have signed it. OSError
    where it cannot be read."""
    with path.open("rb") as file:
        try:
            with zipfile.ZipFile(file) as archive:
                return _proved(archive, known_key)
        except _TORN as error:
            return Proof((f"it is no whole ZIP file: {error}",))


def _proved(archive: zipfile.ZipFile, known_key: str | None) -> Proof:
    entries = {info.filename: info for info in archive.infolist()}
    if len(entries) < len(archive.infolist()):
        return Proof(("a file is in it twice",))
    if len(entries) > _FILES or sum(info.file_size for info in entries.values()) > _BYTES:
        return Proof(("it is larger than any package",))
    if any(name in entries and entries[name].file_size > most for name, most in _WHOLE.items()):
        return Proof(("its manifest, signature or excerpt is larger than any",))
    if MANIFEST not in entries or SIGNATURE not in entries:
        return Proof((f"{MANIFEST} or {SIGNATURE} is missing",))
    content = archive.read(MANIFEST)
    try:
        manifest = json.loads(content)
        files = {f["path"]: (int(f["bytes"]), str(f["sha256"])) for f in manifest["files"]}
        public, schema = str(manifest["public_key"]), manifest["schema"]
        key = fingerprint(public)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        return Proof((f"{MANIFEST} cannot be read: {error}",))
    if schema != SCHEMA:
        return Proof((f"it is of another kind: {schema}",))
    problems = []
    signature = archive.read(SIGNATURE).decode("ascii", "replace")
    if not signed_by(public, content, signature):
        problems.append(f"{SIGNATURE} does not belong to {MANIFEST}: it was changed after signing")
    elif known_key is not None and key != known_key:
        problems.append("another key signed it than the one that should have")
    problems += _files(archive, entries, files)
    problems += _excerpt(archive) if EXCERPT in entries and not problems else []
    return Proof(tuple(problems), key, manifest)


def _files(
    archive: zipfile.ZipFile,
    entries: Mapping[str, zipfile.ZipInfo],
    files: Mapping[str, tuple[int, str]],
) -> Iterator[str]:
    for name in sorted(entries.keys() - files.keys() - {MANIFEST, SIGNATURE}):
        yield f"{name!r} was added"
    for name, (size, sha256) in sorted(files.items()):
        if name not in entries:
            yield f"{name!r} is missing"
        elif entries[name].file_size != size or _sha256(archive, name) != sha256:
            yield f"{name!r} was changed"


def _sha256(archive: zipfile.ZipFile, name: str) -> str:
    digest = hashlib.sha256()
    with archive.open(name) as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()


def _excerpt(archive: zipfile.ZipFile) -> Iterator[str]:
    """Entries whose content does not have their hash."""
    for number, line in enumerate(archive.read(EXCERPT).splitlines(keepends=True), 1):
        try:
            parsed(line)
        except BadEntry as error:
            yield f"{EXCERPT}:{number}: {error}"
