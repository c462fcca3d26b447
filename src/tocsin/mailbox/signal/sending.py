"""Sends what a member of a desk writes to somebody who wrote by Signal. Nothing of it is stored on the way here."""

from dataclasses import replace
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _

from tocsin.alerts.channels.base import Message, Result, Settings
from tocsin.alerts.channels.signal import Signal
from tocsin.lib.names import random_name
from tocsin.mailbox.refusals import UnsentError

_WITHIN: Final = 20.0


def answer(recipient: str, text: str) -> None:
    """Send an answer from the desk's own number.

    Raises:
        UnsentError: when it did not go out, or nobody knows whether it did.
    """
    given: Settings = settings.PAGING
    own = replace(given, values={**given.values, "signal_number": settings.EMERGENCY_SIGNAL})
    if not settings.EMERGENCY_SIGNAL or not Signal(own).ready().ready:
        raise UnsentError(_("Signal is not set up here. Set emergency_signal and signal_url, or answer otherwise."))
    message = Message(page=random_name(20), attempt=1, code="", subject="", text=text, link="", number="")
    outcome = Signal(own).send(message, recipient, _WITHIN)
    if outcome.result is Result.REFUSED:
        raise UnsentError(_("Signal says that this account is gone. Answer in another way."))
    if outcome.result is Result.FAILED:
        raise UnsentError(_("Signal did not take it. Try again in a minute, or answer in another way."))
    if outcome.result is Result.UNKNOWN:
        line = _("Signal did not say whether it took it. Send it again: twice harms less than never.")
        raise UnsentError(line)
