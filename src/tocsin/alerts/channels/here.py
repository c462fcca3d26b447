"""The channels of this process, made once from its settings."""

from collections.abc import Mapping

from django.conf import settings

from tocsin.alerts.channels import registry
from tocsin.alerts.channels.base import Channel, Settings

_made: tuple[Settings, Mapping[str, Channel]] | None = None


def channels() -> Mapping[str, Channel]:
    """Every channel by its key, set up or not."""
    global _made
    if _made is None or _made[0] is not settings.PAGING:
        _made = (settings.PAGING, registry.load(settings.PAGING))
    return _made[1]


def usable() -> list[str]:
    """The keys of the channels that are set up here."""
    return [key for key, channel in channels().items() if channel.ready().ready]
