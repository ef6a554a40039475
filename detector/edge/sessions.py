"""Sessions of signed-in users, and API tokens with scopes; only hashes of either are kept."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from detector.edge.accounts import Accounts, Refused, User

#: A session ends so many seconds after it was used last, and after it began.
IDLE_S, LONGEST_S = 12 * 3600.0, 7 * 86400.0
#: When a session was used is written down so often, s.
_SEEN_S = 60.0
#: What a token may be for.
SCOPES = ("read", "alerts")
_PREFIX = "ts_"


@dataclass(frozen=True)
class Session:
    """A signed-in user; ``csrf`` must come back with everything that changes something."""

    user: User
    csrf: str


@dataclass(frozen=True)
class Token:
    """An API token: it may what ``scopes`` name, on the mines of its user. Times in s (Unix)."""

    id: str
    name: str
    user: str
    scopes: frozenset[str]
    created: float
    expires: float | None
    used: float | None


class Sessions:
    """The sessions and tokens in the file of :class:`Accounts`."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def begin(self, user: str) -> str:
        """Begin a session; the secret that names it."""
        secret, now = secrets.token_urlsafe(32), self._accounts.clock()
        with self._accounts.lock:
            old = (now - IDLE_S, now - LONGEST_S)
            base = self._accounts.base
            base.execute("DELETE FROM session WHERE seen < ? OR begun < ?", old)
            values = (_hash(secret), user, secrets.token_urlsafe(24), now, now)
            base.execute("INSERT INTO session VALUES (?, ?, ?, ?, ?)", values)
        return secret

    def of(self, secret: str) -> Session | None:
        """The session that a secret names; None where it has ended."""
        now, named = self._accounts.clock(), _hash(secret)
        told = "SELECT user, csrf, begun, seen FROM session WHERE hash = ?"
        with self._accounts.lock:
            row = self._accounts.base.execute(told, (named,)).fetchone()
            if row is None:
                return None
            name, csrf, begun, seen = row
            user = self._accounts.user(name)
            if user is None or user.disabled or now - seen > IDLE_S or now - begun > LONGEST_S:
                self._accounts.base.execute("DELETE FROM session WHERE hash = ?", (named,))
                return None
            if now - seen > _SEEN_S:
                told = "UPDATE session SET seen = ? WHERE hash = ?"
                self._accounts.base.execute(told, (now, named))
        return Session(user, csrf)

    def end(self, secret: str) -> None:
        """End a session."""
        with self._accounts.lock:
            self._accounts.base.execute("DELETE FROM session WHERE hash = ?", (_hash(secret),))

    def give(self, name: str, user: str, scopes: Iterable[str], days: float | None) -> str:
        """A new API token of a user; it is told here and never again."""
        chosen = set(scopes)
        if not chosen or not chosen <= set(SCOPES):
            raise Refused("scopes")
        if not name.strip() or len(name) > 80:
            raise Refused("name")
        secret, now = _PREFIX + secrets.token_urlsafe(32), self._accounts.clock()
        expires = None if days is None else now + 86400.0 * days
        values = (secrets.token_hex(6), _hash(secret), name, user, " ".join(sorted(chosen)))
        with self._accounts.lock:
            told = "INSERT INTO token VALUES (?, ?, ?, ?, ?, ?, ?, NULL)"
            self._accounts.base.execute(told, (*values, now, expires))
        return secret

    def tokens(self) -> list[Token]:
        """All tokens, the newest first."""
        told = "SELECT id, name, user, scopes, created, expires, used FROM token"
        with self._accounts.lock:
            rows = self._accounts.base.execute(f"{told} ORDER BY created DESC").fetchall()
        return [Token(i, n, u, frozenset(s.split()), c, e, at) for i, n, u, s, c, e, at in rows]

    def withdraw(self, identity: str) -> Token:
        """Let a token hold no more."""
        with self._accounts.lock:
            known = next((t for t in self.tokens() if t.id == identity), None)
            if known is None:
                raise Refused("unknown")
            self._accounts.base.execute("DELETE FROM token WHERE id = ?", (identity,))
        return known

    def bearer(self, secret: str) -> tuple[Token, User] | None:
        """The token and its user; None where it does not hold (any more)."""
        if not secret.startswith(_PREFIX):
            return None
        now, named = self._accounts.clock(), _hash(secret)
        told = "SELECT id, name, user, scopes, created, expires, used FROM token WHERE hash = ?"
        with self._accounts.lock:
            row = self._accounts.base.execute(told, (named,)).fetchone()
            if row is None or (row[5] is not None and now > row[5]):
                return None
            user = self._accounts.user(row[2])
            if user is None or user.disabled:
                return None
            if row[6] is None or now - row[6] > _SEEN_S:
                self._accounts.base.execute("UPDATE token SET used = ? WHERE id = ?", (now, row[0]))
        identity, name, owner, scopes, created, expires, used = row
        return Token(identity, name, owner, frozenset(scopes.split()), created, expires, used), user


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
