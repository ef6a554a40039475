"""[gateway] of SITE.toml: the cameras that the gateway pulls, and what it publishes of them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from detector.config.section import Name, Section


class Source(Section):
    """A camera to pull from."""

    camera: Name = Field(description="the camera's name")
    url: str = Field(
        pattern=r"^(rtsps?://[^@\s]+|file:\S.*)$",
        description="rtsp://host/path without user and password, or file:path",
    )
    username_env: Name | None = Field(
        default=None, description="environment variable that holds the camera's user name"
    )
    password_env: Name | None = Field(
        default=None, description="environment variable that holds the camera's password"
    )


class Gateway(Section):
    """Pulls cameras and publishes what they show."""

    sources: Annotated[tuple[Source, ...], Field(strict=False)] = Field(
        default=(), description="a table [[gateway.sources]] for each camera"
    )
    send: Literal["frames", "features"] = Field(
        default="frames",
        description="frames: pictures (JPEG); features: what is measured of every picture, which "
        "needs a hundredth of the line but leaves no stills",
    )
    rate_hz: float = Field(default=1.0, gt=0, le=25, strict=False, description="pictures a second")
    keys_only: bool = Field(
        default=False, description="decode key frames alone: cheap, at most as many as they are"
    )
    width: int = Field(default=1280, ge=64, le=8192, description="widest picture sent, in pixels")
    quality: int = Field(default=80, ge=20, le=100, description="JPEG quality of pictures sent")
    timeout_s: float = Field(
        default=10.0, gt=0, le=300, strict=False, description="seconds without a picture to give up"
    )
    held: int = Field(
        default=600, ge=1, description="messages of a camera held while the broker is not there"
    )
