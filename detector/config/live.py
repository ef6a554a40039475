"""[live] of SITE.toml: how the live service takes in, keeps and judges."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from detector.config.section import Name, Section

Seconds = Annotated[float, Field(gt=0, strict=False)]


class Judged(Section):
    """How often a detector judges live, and how far it looks back."""

    every_s: Seconds | None = Field(default=None, description="seconds between its runs at least")
    window_s: Seconds | None = Field(default=None, description="seconds it looks back")


class Windows(Section):
    """What is held in memory of each stream, and judged again whenever it goes on."""

    readings_s: Seconds = Field(default=7 * 86400.0, description="seconds of readings")
    readings_rows: int = Field(default=20_000, ge=100, description="readings at most")
    video_s: Seconds = Field(default=900.0, description="seconds of what cameras see")


class Retention(Section):
    """Days for which the store keeps what it holds."""

    readings_days: Seconds = Field(default=400.0, description="readings")
    frames_days: Seconds = Field(default=30.0, description="what changed in pictures")
    views_days: Seconds = Field(default=7.0, description="what cameras saw")
    scores_days: Seconds = Field(default=90.0, description="scores")
    episodes_days: Seconds = Field(default=1100.0, description="closed episodes")


class Stills(Section):
    """Pictures of cameras kept for people to look at."""

    every_s: Seconds = Field(default=10.0, description="seconds between two pictures of a camera")
    minutes: Seconds = Field(default=20.0, description="minutes for which they are kept")
    days: Seconds = Field(default=90.0, description="days for which those that alerts show are")
    bytes: int = Field(
        default=2_000_000_000, ge=10_000_000, description="bytes of all pictures at most"
    )


class Alerts(Section):
    """When episodes are one alert, when an alert is over, when it goes to others."""

    cool_down_s: Seconds = Field(
        default=1800.0, description="seconds of calm after which an alert is over"
    )
    escalate_after_s: Seconds = Field(
        default=900.0,
        description="seconds after which an alert that nobody acknowledged is escalated; each "
        "further time after twice as long",
    )
    escalations: int = Field(default=3, ge=0, le=10, description="escalations of an alert at most")


class Live(Section):
    """The live service."""

    folder: Name = Field(
        default="var",
        description="folder of ledger, spool and quarantine, relative to this file",
    )
    mines: Annotated[tuple[Name, ...], Field(strict=False)] = Field(
        default=(), description="SITE.toml of further mines, relative to this file"
    )
    unknown: Literal["learn", "refuse"] = Field(
        default="learn", description="what becomes of streams that no SITE.toml names"
    )
    models: Name | None = Field(
        default=None, description="folder of what `trueshaft fit` learned, relative to this file"
    )
    batch_messages: int = Field(default=2000, ge=1, description="messages stored at once at most")
    batch_s: Seconds = Field(default=0.05, description="seconds a message waits for others at most")
    queue_messages: int = Field(
        default=20_000, ge=1, description="messages in memory before the broker has to wait"
    )
    payload_bytes: int = Field(default=8_000_000, ge=1000, description="largest payload taken")
    picture_pixels: int = Field(default=40_000_000, ge=10_000, description="largest picture taken")
    skew_s: Seconds = Field(
        default=300.0, description="seconds by which a time may be ahead of the clock"
    )
    late_s: Seconds = Field(
        default=10.0, description="seconds by which readings may arrive late before they are missed"
    )
    spool_bytes: int = Field(
        default=2_000_000_000,
        ge=1_000_000,
        description="most that is spooled while the store is down",
    )
    windows: Windows = Field(default=Windows(), description="what is held and judged again")
    detectors: dict[str, Judged] = Field(
        default={}, description="how often a detector judges and how far it looks back"
    )
    stills: Stills = Field(default=Stills(), description="pictures kept to be looked at")
    retention: Retention = Field(default=Retention(), description="how long things are kept")
    alerts: Alerts = Field(default=Alerts(), description="from episodes to alerts")
