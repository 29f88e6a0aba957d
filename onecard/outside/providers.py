"""How a provider fails: later again (`ProviderUnavailable`), or never so (`ProviderRefused`)."""

from __future__ import annotations


class ProviderUnavailable(Exception):
    """No answer, one nobody can rely on, or "not now". Nothing is known; repeat the same call."""

    def __init__(self, reason: str, *, retry_after_s: int | None = None) -> None:
        super().__init__(reason)
        self.retry_after_s = retry_after_s


class ProviderRefused(Exception):
    """The provider said no, and repeating the call will not help. `code` is the provider's own."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(f"{code}: {message}" if message else code)
        self.code = code
        self.message = message


class NotificationRejected(Exception):
    """A notification that changes nothing. The reason is for our log; the sender learns its class only."""


class ForgedNotification(NotificationRejected):
    """Not proved to come from WeChat just now: signature, key id, time, or a header missing or doubled."""


class MalformedNotification(NotificationRejected):
    """Signed, and not of the form that was agreed on."""


class UndecipherableNotification(NotificationRejected):
    """Signed by WeChat, sealed with another APIv3 key: our settings are wrong, WeChat must repeat."""
