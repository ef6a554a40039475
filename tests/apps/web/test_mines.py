"""What is configured and was never heard is told, and is not taken for clean."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest

from detector.apps.web.mines import mines
from detector.core.observation import Readings
from tests.apps.web.conftest import signed_in
from tests.apps.web.making import MINE, Hall


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    made = Hall(tmp_path)  # nothing has arrived yet
    yield made
    made.close()


def test_what_was_never_heard_is_not_clean(client: httpx.Client, hall: Hall) -> None:
    signed_in(client, "chen")
    page = client.get("/").text
    assert "3 never heard" in page and "1 never heard" in page and "nothing found" not in page
    now = hall.clock.now
    hall.series.store([(MINE, Readings("hoist", np.array([now]), np.array([1.0])))])
    hall.room.known.clear()
    admin = hall.room.accounts.user("admin")
    assert admin is not None
    mine = next(m for m in mines(hall.room, admin) if m.code == MINE)
    shaft = next(s for s in mine.shafts if s.name == "main")
    assert shaft.unheard == {"main-shaft", "main-portal"} and not shaft.dumb
    assert mine.silent == 3
    page = client.get("/?show=silent").text
    assert "2 never heard" in page and page.count("nothing found") == 2  # the mine and the shaft
    page = client.get(f"/streams?mine={MINE}&stream=main-shaft").text
    assert "Nothing of it has ever arrived" in page and "u-box" not in page
