"""Where the pager's own heartbeat goes, so that it comes back."""

import hmac
from hashlib import sha256

from django.conf import settings

from tocsin.alerts.channels import values
from tocsin.alerts.channels.base import Settings
from tocsin.alerts.secrets import token_of

# Mail marked as automatic counts for this name alone.
MAILBOX = "pulse"
_LETTERS = 24
# By what a message to oneself comes back, and the settings that this needs. Signal brings none to the same account.
CHANNELS = {"mail": ("smtp_host", "mail_from", "mail_reply", "mail_in"), "ntfy": ("ntfy_url",)}


def place(public_id: str, channel: str) -> str:
    """The address that the heartbeat of this page id goes to; empty where this channel brings nothing back."""
    if channel == "mail":
        _local, _at, domain = values.text(settings.PAGING, "mail_reply").rpartition("@")
        return f"{MAILBOX}+{token_of(public_id)}@{domain}" if domain else ""
    return topic() if channel == "ntfy" else ""


def topic() -> str:
    """The ntfy topic of this house's heartbeat; nobody else knows it."""
    return "pulse-" + hmac.new(settings.SECRET_KEY.encode(), b"tocsin.pulse.topic", sha256).hexdigest()[:_LETTERS]


def missing(paging: Settings) -> str:
    """What the chosen channel still needs to bring a heartbeat back, as names of settings; empty if nothing."""
    needs = CHANNELS.get(values.text(paging, "pulse_channel"), ())
    return ", ".join(name for name in needs if not values.text(paging, name))
