"""The JSON API does what its OpenAPI description says, whatever is sent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.core.result import Ok

from tests.apps.web.making import Hall


@pytest.fixture(scope="module")
def described(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[schemathesis.schemas.BaseSchema]:
    hall = Hall(Path(tmp_path_factory.mktemp("api")))
    hall.fill()
    token = hall.room.sessions.give("schemathesis", "chen", ["read", "alerts"], 1)
    with hall.served() as address:
        made = schemathesis.openapi.from_url(f"{address}/api/v1/openapi.json")
        made.config.update(headers={"Authorization": f"Bearer {token}"})
        yield made
    hall.close()


QUICK = settings(
    max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)


def test_it_is_as_described(described: schemathesis.schemas.BaseSchema) -> None:
    tried = []
    for found in described.include(path_regex="^/api").get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()

        @QUICK
        @given(case=operation.as_strategy())
        def try_one(case: schemathesis.Case[Any]) -> None:
            case.call_and_validate()

        try_one()
        tried.append(operation.label)
    assert "POST /api/v1/alerts/{identity}" in tried and len(tried) == 6
