"""The channels that exist, one line each. A new one is one file and one line here."""

from tocsin.alerts.channels.apprise import ChatTools
from tocsin.alerts.channels.base import Channel, Settings
from tocsin.alerts.channels.mail import Mail
from tocsin.alerts.channels.ntfy import Ntfy
from tocsin.alerts.channels.signal import Signal
from tocsin.alerts.channels.sms import Sms
from tocsin.alerts.channels.voice import Voice
from tocsin.alerts.channels.webhook import Webhook

CHANNELS = (
    Mail,
    Sms,
    Voice,
    Signal,
    Ntfy,
    Webhook,
    ChatTools,
)


def load(settings: Settings) -> dict[str, Channel]:
    """Every channel with these settings, by its key, set up or not: ``ready`` says whether it is."""
    return {one.key: one(settings) for one in CHANNELS}


def usable_channels(settings: Settings) -> tuple[str, ...]:
    """The keys of the channels that are set up."""
    return tuple(key for key, one in load(settings).items() if one.ready().ready)
