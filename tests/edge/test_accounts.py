"""Users, sessions and tokens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Barrier, Lock, Thread

import pytest
from argon2 import PasswordHasher

from detector.edge.accounts import AT_ONCE, LOCKED_S, LONGEST_LOCK_S, TRIES, Accounts, Refused
from detector.edge.sessions import IDLE_S, LONGEST_S, Sessions

PASSWORD = "a long password"


class Clock:
    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def accounts(tmp_path: Path, clock: Clock) -> Iterator[Accounts]:
    made = Accounts(tmp_path / "console.db", clock)
    made.hasher = PasswordHasher(time_cost=1, memory_cost=64)
    yield made
    made.close()


def test_the_first_start_makes_an_administrator_once(accounts: Accounts) -> None:
    password = accounts.first()
    assert password is not None
    user = accounts.checked("admin", password)
    assert (user.role, user.mines, user.must_change) == ("administrator", None, True)
    assert accounts.first() is None


def test_passwords_are_argon2_and_only_there(accounts: Accounts, tmp_path: Path) -> None:
    accounts.add("li", PASSWORD, "viewer", [])
    (kept,) = accounts.base.execute("SELECT password FROM user").fetchone()
    assert kept.startswith("$argon2id$")
    assert all(PASSWORD.encode() not in p.read_bytes() for p in tmp_path.iterdir())
    assert (tmp_path / "console.db").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("password", ["", "short", "x" * 201])
def test_passwords_have_a_length(accounts: Accounts, password: str) -> None:
    with pytest.raises(Refused, match="password_length"):
        accounts.add("li", password, "viewer", None)


@pytest.mark.parametrize("name", ["", " li", "l\ni", "x" * 65])
def test_names_are_plain(accounts: Accounts, name: str) -> None:
    with pytest.raises(Refused, match="name"):
        accounts.add(name, PASSWORD, "viewer", None)


def test_lock_out_lasts_longer_each_time(accounts: Accounts, clock: Clock) -> None:
    accounts.add("li", PASSWORD, "viewer", None)
    for wait in (LOCKED_S, 2 * LOCKED_S, 4 * LOCKED_S):
        for _ in range(TRIES):
            with pytest.raises(Refused, match="wrong"):
                accounts.checked("li", "another one")
        clock.now += wait - 1
        with pytest.raises(Refused, match="locked"):
            accounts.checked("li", PASSWORD)
        clock.now += 2
    assert accounts.checked("li", PASSWORD).name == "li"
    user = accounts.user("li")
    assert user is not None and user.failures == 0
    assert LONGEST_LOCK_S > 4 * LOCKED_S


def test_jurisdiction(accounts: Accounts) -> None:
    none, some = (accounts.add(n, PASSWORD, "viewer", m) for n, m in (("a", []), ("b", ["1"])))
    assert not none.sees("1") and some.sees("1") and not some.sees("2")
    assert accounts.add("c", PASSWORD, "viewer", None).sees("2")


def test_sessions_end(accounts: Accounts, clock: Clock) -> None:
    sessions = Sessions(accounts)
    accounts.add("li", PASSWORD, "viewer", None)
    secret = sessions.begin("li")
    for _ in range(int(LONGEST_S / IDLE_S) + 3):
        found = sessions.of(secret)
        clock.now += IDLE_S - 1
        if found is None:
            break
    else:
        pytest.fail("a session in use never ends")
    idle = sessions.begin("li")
    clock.now += IDLE_S + 1
    assert sessions.of(idle) is None
    changed = sessions.begin("li")
    accounts.set_password("li", "another password")
    assert sessions.of(changed) is None
    out = sessions.begin("li")
    accounts.add("boss", PASSWORD, "administrator", None)
    accounts.change("li", "viewer", None, disabled=True)
    assert sessions.of(out) is None and sessions.of("nonsense") is None


def test_secrets_are_kept_as_hashes(accounts: Accounts, tmp_path: Path) -> None:
    sessions = Sessions(accounts)
    accounts.add("li", PASSWORD, "viewer", None)
    secrets = [sessions.begin("li"), sessions.give("x", "li", ["read"], None)]
    accounts.base.execute("PRAGMA wal_checkpoint")
    kept = b"".join(p.read_bytes() for p in tmp_path.iterdir())
    assert all(secret.encode() not in kept for secret in secrets)


def test_few_passwords_are_checked_at_once(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    going, most, full = 0, 0, Barrier(AT_ONCE)
    count = Lock()

    class Slow:
        def verify(self, *_: object) -> bool:
            nonlocal going, most
            with count:
                going += 1
                most = max(most, going)
            full.wait(10.0)  # leaves only when as many are here as there may be
            with count:
                going -= 1
            return False

    monkeypatch.setattr(accounts, "hasher", Slow())
    threads = [Thread(target=accounts._right, args=("", "")) for _ in range(6 * AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30.0)
    assert most == AT_ONCE and going == 0
