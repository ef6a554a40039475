"""The site's key: it signs evidence, so that anyone with its public half sees whence it came."""

from __future__ import annotations

import base64
import hashlib
import os
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from detector.core.errors import ConfigError

NAME = "site-key.pem"


def site_key(folder: Path) -> tuple[Ed25519PrivateKey, bool]:
    """The key in the service's folder, and whether it was made just now: for its owner's eyes only;
    its public half lies beside it as ``site-key.pub``. ConfigError where it cannot be used."""
    path = folder / NAME
    try:
        try:
            file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return _read(path), False
        key = Ed25519PrivateKey.generate()
        with os.fdopen(file, "wb") as made:
            made.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
            made.flush()
            os.fsync(made.fileno())
        pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        path.with_suffix(".pub").write_bytes(pem)
    except OSError as error:
        told = f"the site's key cannot be used: {error.strerror or error}"
        raise ConfigError(told, str(path), "let the service's user read and write it") from error
    return key, True


def _read(path: Path) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except (ValueError, TypeError) as error:
        todo = "restore it; without it a new key would sign"
        raise ConfigError("it is no key without a password", str(path), todo) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigError("it is no Ed25519 key", str(path), "restore the site's key")
    return key


def public_text(key: Ed25519PublicKey) -> str:
    """A public key as text: its 32 bytes in base64."""
    return base64.b64encode(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()


def fingerprint(public: str) -> str:
    """What people compare: the SHA-256 of a public key's bytes, in hex.

    >>> fingerprint("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")[:16]
    '66687aadf862bd77'
    """
    return hashlib.sha256(base64.b64decode(public, validate=True)).hexdigest()


def public_of(given: str) -> str | None:
    """The fingerprint that a text or a file's path gives; None where it gives none."""
    path = Path(given)
    try:
        if path.is_file():
            key = load_pem_public_key(path.read_bytes())
            return fingerprint(public_text(key)) if isinstance(key, Ed25519PublicKey) else None
        if len(given) == 64 and int(given, 16) >= 0:
            return given.lower()
        return fingerprint(given) if len(base64.b64decode(given, validate=True)) == 32 else None
    except (ValueError, OSError):
        return None


def signed_by(public: str, content: bytes, signature: str) -> bool:
    """Whether a public key's owner signed a content."""
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public, validate=True))
        key.verify(base64.b64decode(signature, validate=True), content)
    except (ValueError, InvalidSignature):
        return False
    return True
