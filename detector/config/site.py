"""SITE.toml: what the mine is, what its streams and cameras are, where things are."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field

from detector.config.gateway import Gateway
from detector.config.live import Live
from detector.config.notify import Notify
from detector.config.pattern import RecordingPattern, compiled
from detector.config.section import Name, Port, Section

Kind = Literal[
    "methane",
    "co",
    "wind_speed",
    "airflow",
    "dust",
    "temperature",
    "pressure",
    "level",
    "flow",
    "power",
    "current",
    "belt_scale",
    "hoist",
    "status",
    "count",
    "vibration",
    "voltage",
    "humidity",
    "other",
]
Status = Literal["producing", "supply", "renovation", "construction", "stopped", "closed"]


def _rising(span: tuple[float, float]) -> tuple[float, float]:
    if span[0] >= span[1]:
        raise ValueError("the first value must be below the second")
    return span


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError) as error:
        raise ValueError(f"{name!r} is no IANA time zone") from error
    return name


def _compiles(pattern: str) -> str:
    compiled(pattern)
    return pattern


class Mine(Section):
    """The mine whose monitoring this is."""

    code: str = Field(pattern=r"^[0-9]{12}$", description="the mine's code, 12 digits")
    name: str = Field(default="", description="the mine's name")
    status: Status = Field(default="producing", description="what the mine is permitted to do")


class Stream(Section):
    """One sensor: a column of the readings or an MQTT stream."""

    name: Name = Field(description="the CSV column or MQTT stream")
    kind: Kind = Field(default="other", description="what it measures")
    unit: str = Field(default="", description="unit of its readings")
    resolution: float | None = Field(
        default=None, gt=0, description="the device's smallest step, in its unit"
    )
    range: Annotated[tuple[float, float], Field(strict=False), AfterValidator(_rising)] | None = (
        Field(default=None, description="[lowest, highest] the device can report, in its unit")
    )
    alarm_at: float | None = Field(default=None, description="alarm limit, in its unit")
    period_s: float | None = Field(
        default=None, gt=0, description="expected seconds between readings"
    )
    calibrating: float | None = Field(
        default=None, description="of a status: the value that says a sensor is being calibrated"
    )
    role: Literal["evidence", "declaration"] | None = Field(
        default=None,
        description="evidence shows that coal is produced, declaration is what the mine declares",
    )
    location: str = Field(default="", description="where it is")
    shaft: str = Field(default="", description="the shaft it belongs to")


class Camera(Section):
    """One camera: of the recordings or of an MQTT stream."""

    name: Name = Field(description="the recording's camera or MQTT stream")
    shaft: Name = Field(description="the shaft it watches")
    location: str = Field(default="", description="where it is")


class Recordings(Section):
    """How recordings are named."""

    pattern: Annotated[str, AfterValidator(_compiles)] | None = Field(
        default=None,
        description="their paths, such as {camera}/{start:%Y%m%d-%H%M%S}.mp4; without it one file "
        "is one camera named by its stem",
    )
    timezone: Annotated[str, AfterValidator(_known_zone)] = Field(
        default="UTC",
        description="IANA time zone of the times in names and of those the report tells, such as "
        "Asia/Shanghai",
    )

    def names(self) -> RecordingPattern | None:
        """The reader of recordings' names; None where there is no pattern."""
        return compiled(self.pattern, ZoneInfo(self.timezone)) if self.pattern else None


class ThresholdsFile(Section):
    """Where the site's own thresholds are."""

    path: Name | None = Field(
        default=None,
        description="TOML file of thresholds that replace shipped ones, relative to this file",
    )


class Tls(Section):
    """Files of an encrypted connection."""

    ca: Name = Field(description="file of the certificates to trust")
    cert: Name | None = Field(default=None, description="file of the own certificate")
    key: Name | None = Field(default=None, description="file of the own certificate's key")


class Mqtt(Section):
    """The broker that readings and pictures come from."""

    host: Name = Field(default="127.0.0.1", description="host of the broker")
    port: Port = Field(default=1883, description="TCP port of the broker")
    version: Literal[3, 5] = Field(default=5, description="of MQTT: 5, or 3 for 3.1.1")
    embedded: bool = Field(default=False, description="run a broker of our own instead (demo)")
    client_id: Name = Field(default="trueshaft-1", description="names the persistent session")
    username_env: Name = Field(
        default="TRUESHAFT_MQTT_USER", description="environment variable that holds the user name"
    )
    password_env: Name = Field(
        default="TRUESHAFT_MQTT_PASSWORD",
        description="environment variable that holds the password",
    )
    tls: Tls | None = Field(default=None, description="encrypt the connection with these files")
    topics: dict[str, Name] = Field(
        default={},
        description="layouts of topics that differ from the defaults, by route: sensor, readings, "
        "frame, features, sparkplug; parts in braces, several layouts parted by |",
    )


class SqliteSeries(Section):
    """Readings and scores in a file."""

    kind: Literal["sqlite"] = Field(default="sqlite", description="the kind of store")
    path: Name = Field(default="var/series.db", description="the database's file")


class InfluxSeries(Section):
    """Readings and scores in InfluxDB."""

    kind: Literal["influxdb"] = Field(description="the kind of store")
    url: str = Field(pattern=r"^https?://", description="address, such as http://127.0.0.1:8086")
    org: Name = Field(description="organisation")
    bucket: Name = Field(description="bucket")
    token_env: Name = Field(
        default="TRUESHAFT_INFLUX_TOKEN", description="environment variable that holds the token"
    )


Series = Annotated[SqliteSeries | InfluxSeries, Field(discriminator="kind")]


class Console(Section):
    """The console in the browser."""

    host: Name = Field(default="127.0.0.1", description="address to listen on")
    port: Port = Field(default=8000, description="TCP port to listen on")
    token_env: Name = Field(
        default="TRUESHAFT_CONSOLE_TOKEN",
        description="environment variable that holds the token with which alerts may be handled",
    )
    local_api: bool = Field(
        default=True,
        description="programs on this machine may read /api/v1 without a token; false behind a "
        "proxy on this machine",
    )
    audits: Name | None = Field(
        default=None,
        description="folder whose recordings the console may audit, relative to this file",
    )
    upload_bytes: int = Field(
        default=4_000_000_000, ge=1_000_000, description="most that is uploaded for one audit"
    )


class Site(Section):
    """Everything SITE.toml says; without a file everything is default."""

    mine: Mine | None = Field(default=None, description="the table [mine]")
    streams: Annotated[tuple[Stream, ...], Field(strict=False)] = Field(
        default=(), description="a table [[streams]] for each sensor"
    )
    cameras: Annotated[tuple[Camera, ...], Field(strict=False)] = Field(
        default=(), description="a table [[cameras]] for each camera"
    )
    recordings: Recordings = Field(default=Recordings(), description="how recordings are named")
    detectors: dict[str, dict[str, Any]] = Field(
        default={}, description="parameters of detectors that differ from the defaults"
    )
    thresholds: ThresholdsFile = Field(default=ThresholdsFile(), description="own thresholds")
    mqtt: Mqtt | None = Field(default=None, description="the table [mqtt]")
    series: Series | None = Field(
        default=None, description='the store, kind "sqlite" or "influxdb"'
    )
    console: Console | None = Field(default=None, description="the table [console]")
    live: Live | None = Field(default=None, description="the table [live]")
    notify: Notify | None = Field(default=None, description="the table [notify]")
    gateway: Gateway | None = Field(default=None, description="the table [gateway]")
