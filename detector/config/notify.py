"""[notify] of SITE.toml: who is told of alerts, how, and when not."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from detector.config.section import Name, Section

Severity = Literal["info", "warning", "critical"]
Clock = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Url = Annotated[str, Field(pattern=r"^https?://")]


class Quiet(Section):
    """Hours in which only what is critical is told; the rest is told after them."""

    start: Clock = Field(description="their start, such as 22:00, in the site's time zone")
    end: Clock = Field(description="their end, such as 06:30")


class _Channel(Section):
    name: Name = Field(description="the channel's name, as the ledger tells it")
    least: Severity = Field(default="warning", description="alerts from this severity on")
    escalation: bool = Field(
        default=False, description="only alerts that nobody acknowledged in time"
    )
    per_minute: int = Field(
        default=15, ge=1, le=1000, description="messages a minute at most; further ones in a digest"
    )
    lang: Literal["zh", "en"] = Field(default="zh", description="language of its texts")


class Webhook(_Channel):
    """JSON by HTTP POST, signed with HMAC-SHA256."""

    kind: Literal["webhook"] = Field(description="the kind of channel")
    url: Url = Field(description="where to post")
    secret_env: Name = Field(
        default="TRUESHAFT_WEBHOOK_SECRET",
        description="environment variable that holds the key of the signature",
    )


class Alertmanager(_Channel):
    """Prometheus Alertmanager, API v2."""

    kind: Literal["alertmanager"] = Field(description="the kind of channel")
    url: Url = Field(description="its address, such as http://127.0.0.1:9093")


class Topic(_Channel):
    """The topic trueshaft/{mine}/alerts of the broker that readings come from."""

    kind: Literal["mqtt"] = Field(description="the kind of channel")


class Apprise(_Channel):
    """Mail, WeCom, DingTalk, Feishu, SMS gateways and more through apprise."""

    kind: Literal["apprise"] = Field(description="the kind of channel")
    url_env: Name = Field(description="environment variable that holds apprise's URL")


Channel = Annotated[Webhook | Alertmanager | Topic | Apprise, Field(discriminator="kind")]


class Notify(Section):
    """Who is told of alerts."""

    link: Url | None = Field(
        default=None,
        description="address of the console as its readers reach it; else where it listens",
    )
    quiet: Quiet | None = Field(default=None, description="hours in which only critical is told")
    channels: Annotated[tuple[Channel, ...], Field(strict=False)] = Field(
        default=(), description="a table [[notify.channels]] for each channel"
    )
    retry_s: Annotated[float, Field(gt=0, strict=False)] = Field(
        default=5.0, description="seconds before the first retry; each further after twice as long"
    )
    give_up_s: Annotated[float, Field(gt=0, strict=False)] = Field(
        default=86400.0, description="seconds after which a message is given up, and said so"
    )
