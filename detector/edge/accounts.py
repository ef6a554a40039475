"""Who may use the console: users with roles and mines, in a SQLite file of its own.

Passwords are kept as argon2id hashes. Everything here raises :class:`Refused` with the key of a
text where it is not to be; who writes the ledger is the caller's matter.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

Role = Literal["viewer", "regulator", "engineer", "administrator"]
#: From the least to the most that one may do.
ROLES: tuple[Role, ...] = get_args(Role)
#: Wrong passwords after which a user is locked out, and s of the first lock-out; each further
#: lock-out lasts twice as long, up to the longest.
TRIES, LOCKED_S, LONGEST_LOCK_S = 5, 60.0, 3600.0
#: Passwords checked at once: each takes 64 MB, and whoever reaches the page may ask for it.
AT_ONCE = 2
LEAST_LENGTH = 10
MOST_LENGTH = 200

SCHEMA = """
CREATE TABLE IF NOT EXISTS user (
    name TEXT PRIMARY KEY, password TEXT NOT NULL, role TEXT NOT NULL, mines TEXT,
    must_change INTEGER NOT NULL DEFAULT 0, disabled INTEGER NOT NULL DEFAULT 0,
    created REAL NOT NULL, seen REAL, failures INTEGER NOT NULL DEFAULT 0,
    locked_until REAL NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS session (
    hash TEXT PRIMARY KEY, user TEXT NOT NULL, csrf TEXT NOT NULL, begun REAL NOT NULL,
    seen REAL NOT NULL);
CREATE TABLE IF NOT EXISTS token (
    id TEXT PRIMARY KEY, hash TEXT NOT NULL UNIQUE, name TEXT NOT NULL, user TEXT NOT NULL,
    scopes TEXT NOT NULL, created REAL NOT NULL, expires REAL, used REAL);
"""
_USER = "name, role, mines, must_change, disabled, created, seen, failures, locked_until"


class Refused(ValueError):
    """Something that may not be; ``key`` names the text that says why."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


@dataclass(frozen=True)
class User:
    """``mines``: the codes of the mines that the user sees, None: all. Times in s (Unix)."""

    name: str
    role: Role
    mines: frozenset[str] | None
    must_change: bool = False
    disabled: bool = False
    created: float = 0.0
    seen: float | None = None
    failures: int = 0
    locked_until: float = 0.0

    def may(self, role: Role) -> bool:
        """Whether it has this role or a higher one."""
        return ROLES.index(self.role) >= ROLES.index(role)

    def sees(self, mine: str) -> bool:
        """Whether the mine is within its jurisdiction."""
        return self.mines is None or mine in self.mines


class Accounts:
    """The users in a file; ``clock`` gives Unix seconds. Several threads may use it."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.clock, self.lock = clock, threading.RLock()
        self.base = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        path.chmod(0o600)
        self.base.execute("PRAGMA journal_mode = WAL")
        self.base.executescript(SCHEMA)
        self.hasher, self._turns = PasswordHasher(), threading.BoundedSemaphore(AT_ONCE)
        self._none = self.hasher.hash(secrets.token_urlsafe(16))

    def first(self, name: str = "admin") -> str | None:
        """Where there is no user yet, make an administrator; its one-time password."""
        with self.lock:
            if self.base.execute("SELECT 1 FROM user LIMIT 1").fetchone():
                return None
            password = one_time_password()
            self.add(name, password, "administrator", None, must_change=True)
            return password

    def users(self) -> list[User]:
        """All, by name."""
        with self.lock:
            rows = self.base.execute(f"SELECT {_USER} FROM user ORDER BY name").fetchall()  # noqa: S608
        return [user_of(row) for row in rows]

    def user(self, name: str) -> User | None:
        """The user of a name."""
        told = f"SELECT {_USER} FROM user WHERE name = ?"  # noqa: S608
        with self.lock:
            row = self.base.execute(told, (name,)).fetchone()
        return user_of(row) if row else None

    def add(
        self,
        name: str,
        password: str,
        role: Role,
        mines: Iterable[str] | None,
        *,
        must_change: bool = False,
    ) -> User:
        """A new user; ``must_change``: the password holds for one sign-in."""
        if not name or len(name) > 64 or not name.isprintable() or name != name.strip():
            raise Refused("name")
        hashed = self.hasher.hash(_usable(password))
        told = "INSERT INTO user (name, password, role, mines, must_change, created)"
        values = (name, hashed, role, _text(mines), must_change, self.clock())
        with self.lock:
            if self.user(name) is not None:
                raise Refused("taken")
            self.base.execute(f"{told} VALUES (?, ?, ?, ?, ?, ?)", values)
            return self._known(name)

    def change(
        self, name: str, role: Role, mines: Iterable[str] | None, *, disabled: bool
    ) -> tuple[User, User]:
        """Give another role or mines, or shut a user out; before and after."""
        with self.lock:
            before = self._known(name)
            stays = role == "administrator" and not disabled
            others = [u for u in self.users() if u.name != name and not u.disabled]
            if not stays and not any(u.role == "administrator" for u in others):
                raise Refused("last_administrator")
            told = "UPDATE user SET role = ?, mines = ?, disabled = ? WHERE name = ?"
            self.base.execute(told, (role, _text(mines), disabled, name))
            if disabled:
                self.base.execute("DELETE FROM session WHERE user = ?", (name,))
            return before, self._known(name)

    def set_password(self, name: str, password: str, *, must_change: bool = False) -> None:
        """Another password; all of the user's sessions end."""
        hashed = self.hasher.hash(_usable(password))
        told = "UPDATE user SET password = ?, must_change = ?, failures = 0, locked_until = 0"
        with self.lock:
            self._known(name)
            self.base.execute(f"{told} WHERE name = ?", (hashed, must_change, name))
            self.base.execute("DELETE FROM session WHERE user = ?", (name,))

    def checked(self, name: str, password: str) -> User:
        """The user whose password this is; takes as long for names that there are not.

        A wrong password and a wrong name are told alike, but for a user that is locked out.
        """
        user = self.user(name)
        now = self.clock()
        if user is not None and user.locked_until > now:
            raise Refused("locked")
        with self.lock:
            row = self.base.execute("SELECT password FROM user WHERE name = ?", (name,)).fetchone()
        right = self._right(row[0] if row else self._none, password)
        if user is None or not right or user.disabled:
            if user is not None and not right:
                self._failed(name, now)
            raise Refused("wrong")
        told = "UPDATE user SET failures = 0, locked_until = 0, seen = ? WHERE name = ?"
        with self.lock:
            self.base.execute(told, (now, name))
        return user

    def _right(self, hashed: str, password: str) -> bool:
        try:
            with self._turns:
                return self.hasher.verify(hashed, password[: MOST_LENGTH + 1])
        except (VerificationError, InvalidHashError):
            return False

    def _failed(self, name: str, now: float) -> None:
        with self.lock:
            told = "UPDATE user SET failures = failures + 1 WHERE name = ? RETURNING failures"
            (failures,) = self.base.execute(told, (name,)).fetchone()
            if failures % TRIES == 0:
                wait = min(LOCKED_S * 2.0 ** min(failures // TRIES - 1, 20), LONGEST_LOCK_S)
                told = "UPDATE user SET locked_until = ? WHERE name = ?"
                self.base.execute(told, (now + wait, name))

    def _known(self, name: str) -> User:
        user = self.user(name)
        if user is None:
            raise Refused("unknown")
        return user

    def close(self) -> None:
        """Let go of the file."""
        with self.lock:
            self.base.close()


def one_time_password() -> str:
    """Four groups of letters and digits that are not mistaken for each other."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))


def user_of(row: tuple[object, ...]) -> User:
    """The user of a row of the columns above."""
    name, role, mines, must_change, disabled, *rest = row
    known = None if mines is None else frozenset(json.loads(str(mines)))
    return User(str(name), role, known, bool(must_change), bool(disabled), *rest)  # type: ignore[arg-type]


def _usable(password: str) -> str:
    if not LEAST_LENGTH <= len(password) <= MOST_LENGTH:
        raise Refused("password_length")
    return password


def _text(mines: Iterable[str] | None) -> str | None:
    return None if mines is None else json.dumps(sorted(set(mines)))
