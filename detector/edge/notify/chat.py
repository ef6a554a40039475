"""Mail, WeCom, DingTalk, Feishu, SMS gateways and more, through apprise."""

from __future__ import annotations

import apprise
from apprise.attachment.memory import AttachMemory

from detector.core.errors import ConfigError
from detector.edge.notify import Notice, NotSent

_TYPES = {
    "info": apprise.NotifyType.INFO,
    "warning": apprise.NotifyType.WARNING,
    "critical": apprise.NotifyType.FAILURE,
}


class Chat:
    """Sends title, text and link, and the picture where the service takes one."""

    def __init__(self, url: str, where: str) -> None:
        """``url`` as apprise has them, such as wecombot://KEY. ConfigError of one it cannot use."""
        self._to = apprise.Apprise()
        if not url or not self._to.add(url):
            raise ConfigError(
                "it holds no URL that apprise can use", where, "such as wecombot://KEY"
            )

    def send(self, notice: Notice) -> None:
        """Send it."""
        text = "\n".join(part for part in (notice.text, notice.link) if part)
        still = None
        if notice.still is not None:
            named = f"{notice.id}.jpg"
            still = AttachMemory(notice.still, named, "image/jpeg")  # type: ignore[no-untyped-call]
        how = _TYPES[notice.severity]
        if not self._to.notify(body=text, title=notice.title, notify_type=how, attach=still):
            raise NotSent("it was not taken")

    def close(self) -> None:
        """Nothing is held."""
