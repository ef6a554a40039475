"""Which mines one of several services holds: by a stable hash of the mine's code.

Membership is static, as in a StatefulSet: service 2 of 8 holds what hashes to 2, whoever else runs.
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass

from detector.core.errors import UsageError

#: Tells the processes of a service its shard.
VARIABLE = "TRUESHAFT_SHARD"
_FORM = re.compile(r"([1-9][0-9]{0,3})/([1-9][0-9]{0,3})")


@dataclass(frozen=True)
class Shard:
    """Number ``number`` (from 1) of ``of``."""

    number: int = 1
    of: int = 1

    def holds(self, mine: str) -> bool:
        """Whether a mine is one of its own.

        >>> [Shard(n, 3).holds("220600000001") for n in (1, 2, 3)]
        [False, True, False]
        """
        digest = hashlib.sha256(mine.encode()).digest()
        return int.from_bytes(digest[:8], "big") % self.of == self.number - 1

    @property
    def suffix(self) -> str:
        """What names it beside others, "" where it is the only one."""
        return f"-{self.number}-of-{self.of}" if self.of > 1 else ""


def parsed(text: str) -> Shard:
    """The shard of ``2/8``. UsageError."""
    found = _FORM.fullmatch(text)
    if found is None or int(found[1]) > int(found[2]):
        raise UsageError("it is no shard", f"--shard {text}", "such as 2/8, the second of eight")
    return Shard(int(found[1]), int(found[2]))


def in_force() -> Shard:
    """The shard of this process."""
    return parsed(os.environ.get(VARIABLE) or "1/1")
