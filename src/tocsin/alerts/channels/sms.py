"""Text messages through a provider that speaks Twilio's REST shape."""

import re

from django.utils.translation import gettext_lazy as _

from tocsin.alerts.channels import addresses, callbacks, calling, twilio, values
from tocsin.alerts.channels.base import Message, Outcome, Ready, Settings

# Twilio's longest message; ours are far shorter.
LONGEST = 1600
_SERVICE = re.compile(r"MG[0-9a-fA-F]{32}")


class Sms:
    """Wakes who sleeps beside a phone, without any app. The provider, the networks and a stolen SIM card read along."""

    key = "sms"
    title = _("text message (SMS)")
    wakes = True
    leaks = False
    answers = True
    receipts = True

    def __init__(self, settings: Settings, line: calling.Line = calling.PLAIN_LINE) -> None:
        self._settings = settings
        self._provider = twilio.Provider(settings, "sms_from", line)

    def ready(self) -> Ready:
        """Whether address, account, secret and number are set."""
        return self._provider.ready()

    def clean(self, value: str) -> str:
        """The number as E.164."""
        return addresses.phone(value)

    def send(self, message: Message, value: str, timeout: float) -> Outcome:
        """Hand the message to the provider."""
        sender = values.sender(self._settings, "sms_from")
        form = {
            "To": value,
            "MessagingServiceSid" if _SERVICE.fullmatch(sender) else "From": sender,
            "Body": message.text[:LONGEST],
            "StatusCallback": callbacks.address(self._settings.public_url, callbacks.SMS_STATUS, message.page),
        }
        return self._provider.post("Messages", form, timeout)
