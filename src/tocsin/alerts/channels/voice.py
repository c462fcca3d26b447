"""Calls through a provider that speaks Twilio's REST shape: a voice says the code and asks for the number by key."""

import re
from xml.sax.saxutils import escape, quoteattr

from django.utils.translation import gettext_lazy as _

from tocsin.alerts.channels import addresses, callbacks, calling, twilio, values
from tocsin.alerts.channels.base import Message, Outcome, Ready, Settings

LONGEST = 800  # of what is said; the whole may have 4,000 letters
SECONDS_OF_RINGING = 40
_PAGE_ADDRESS = re.compile(r"\S+://\S+")
_DIGITS = re.compile(r"[0-9]{3,}")
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Voice:
    """Rings, and takes the number by key. The provider and the networks listen along; a voicemail may take the call."""

    key = "voice"
    title = _("phone call")
    wakes = True
    leaks = False
    answers = True
    receipts = True

    def __init__(self, settings: Settings, line: calling.Line = calling.PLAIN_LINE) -> None:
        self._settings = settings
        self._provider = twilio.Provider(settings, "voice_from", line)

    def ready(self) -> Ready:
        """Whether address, account, secret and number are set."""
        return self._provider.ready()

    def clean(self, value: str) -> str:
        """The number as E.164."""
        return addresses.phone(value)

    def send(self, message: Message, value: str, timeout: float) -> Outcome:
        """Let the provider call."""
        public = self._settings.public_url
        form = {
            "To": value,
            "From": values.sender(self._settings, "voice_from"),
            "Twiml": self._script(message),
            "Timeout": str(SECONDS_OF_RINGING),
            "StatusCallback": callbacks.address(public, callbacks.VOICE_STATUS, message.page),
        }
        return self._provider.post("Calls", form, timeout)

    def _script(self, message: Message) -> str:
        words = _DIGITS.sub(_one_by_one, _PAGE_ADDRESS.sub(" ", message.text)[:LONGEST])
        code = ". ".join(message.code)
        said = _say(f"{words} {_('Page')}: {code}.")
        if not message.number:
            return f"<Response>{said}<Pause/>{said}</Response>"
        digits = ". ".join(message.number)
        asked = said + _say(_("To say that you have it, press these keys: %(keys)s.") % {"keys": digits})
        action = callbacks.address(self._settings.public_url, callbacks.VOICE_ANSWER, message.page)
        # Twice: who was asleep did not hear the first time.
        gather = (
            f'<Gather input="dtmf" numDigits="{len(message.number)}" timeout="10" method="POST" '
            f"action={quoteattr(action)}>{asked}<Pause/>{asked}</Gather>"
        )
        return f"<Response>{gather}</Response>"


def _one_by_one(found: re.Match[str]) -> str:
    return ". ".join(found[0])


def _say(words: str) -> str:
    return f"<Say>{escape(_NOT_IN_XML.sub(' ', words))}</Say>"
