"""InfluxDB spoken to: writes through influxdb-client, reads by InfluxQL, which 1.8 to 3 have."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

import urllib3
from influxdb_client import InfluxDBClient, WritePrecision  # type: ignore[attr-defined]
from influxdb_client.client.write_api import SYNCHRONOUS
from influxdb_client.rest import ApiException
from urllib3.exceptions import HTTPError

from detector.edge.series import StoreUnavailable

#: Lines and bytes of one request, statements of one query.
LINES, BYTES, STATEMENTS = 10_000, 4_000_000, 100
_NS = cast("WritePrecision", WritePrecision.NS)
#: What InfluxDB says of points that its retention has already let go.
_TOO_OLD = ("beyond retention policy", "outside retention policy", "outside of the retention")


@dataclass(frozen=True)
class Rows:
    """The rows of a series in an answer, and its tags."""

    tags: Mapping[str, str]
    values: Sequence[Sequence[Any]]


class Influx:
    """A bucket. StoreUnavailable where it cannot be reached, is overloaded or not allowed;
    ValueError where it refuses what is written for good."""

    def __init__(
        self, url: str, org: str, bucket: str, token: str, timeout_s: float = 10.0
    ) -> None:
        self._url, self._org, self._bucket = url.rstrip("/"), org, bucket
        self._client = InfluxDBClient(url=url, token=token, org=org, timeout=int(timeout_s * 1000))
        self._writes = self._client.write_api(write_options=SYNCHRONOUS)
        self._pool = urllib3.PoolManager(
            retries=False, timeout=timeout_s, headers={"Authorization": f"Token {token}"}
        )

    def write(self, lines: Sequence[str]) -> None:
        """Write lines (times in ns), durable when it returns."""
        start = 0
        while start < len(lines):
            end, size = start, 0
            while end < len(lines) and end - start < LINES and size < BYTES:
                size += len(lines[end])
                end += 1
            self._write("\n".join(lines[start:end]).encode())
            start = end

    def _write(self, body: bytes) -> None:
        try:
            self._writes.write(self._bucket, self._org, body, write_precision=_NS)
        except ApiException as error:
            told = str(error.body or error.reason)[:300]
            if error.status == 400 and any(sign in told for sign in _TOO_OLD):
                return
            if error.status in (400, 413, 422):
                raise ValueError(f"InfluxDB refuses it: {told}") from error
            raise StoreUnavailable(f"InfluxDB: {error.status} {told}") from error
        except (HTTPError, OSError) as error:
            raise StoreUnavailable(f"InfluxDB: {error}") from error

    def query(self, statements: Sequence[str]) -> list[list[Rows]]:
        """The series that each statement selects."""
        found: list[list[Rows]] = []
        for start in range(0, len(statements), STATEMENTS):
            found += self._query("; ".join(statements[start : start + STATEMENTS]))
        return found

    def _query(self, told: str) -> list[list[Rows]]:
        fields = {"db": self._bucket, "q": told, "epoch": "ns"}
        try:
            answer = self._pool.request(
                "POST", f"{self._url}/query", fields=fields, encode_multipart=False
            )
            text = answer.data
        except (HTTPError, OSError) as error:
            raise StoreUnavailable(f"InfluxDB: {error}") from error
        if answer.status != 200:
            raise StoreUnavailable(f"InfluxDB: {answer.status} {text[:300]!r}")
        results = json.loads(text).get("results", [])
        for result in results:
            if "error" in result:
                raise StoreUnavailable(f"InfluxDB: {result['error']}")
        return [
            [Rows(s.get("tags", {}), s.get("values", ())) for s in result.get("series", ())]
            for result in results
        ]

    def delete(self, measurement: str, before_ns: int, tags: Mapping[str, str]) -> None:
        """Let go of points of a measurement; where the server cannot, its retention must."""
        where = "".join(f" AND {key} = {literal(value)}" for key, value in tags.items())
        predicate = "".join(f' AND {key}="{value}"' for key, value in tags.items())
        try:
            self._client.delete_api().delete(
                "1970-01-01T00:00:00Z",
                _rfc3339(before_ns),
                f'_measurement="{measurement}"{predicate}',
                bucket=self._bucket,
                org=self._org,
            )
        except ApiException as error:
            if error.status != 404:
                raise StoreUnavailable(f"InfluxDB: {error.status} {error.reason}") from error
            told = f'DELETE FROM "{measurement}" WHERE time < {before_ns}{where}'  # noqa: S608 - ours
            self._query(told)
        except (HTTPError, OSError) as error:
            raise StoreUnavailable(f"InfluxDB: {error}") from error

    def close(self) -> None:
        """Let go of the connections."""
        self._writes.close()  # type: ignore[no-untyped-call]
        self._client.close()  # type: ignore[no-untyped-call]
        self._pool.clear()


def literal(text: str) -> str:
    """A text in a statement."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'"


def _rfc3339(ns: int) -> str:
    return datetime.fromtimestamp(ns // 10**9, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
