"""Signal messages through signal-cli's REST service, which has no authentication: only this machine may reach it."""

import json
import re
from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from tocsin.alerts.channels import addresses, calling, values
from tocsin.alerts.channels.addresses import AddressError
from tocsin.alerts.channels.base import Message, Outcome, Ready, Result, Settings
from tocsin.alerts.channels.reasons import Why
from tocsin.lib.http import HttpError
from tocsin.lib.http import urls as http_urls

_ACCOUNT_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_STAMP = re.compile(r"[0-9]{1,20}")
# The service says why only in words; they are compared here and never kept.
_NO_SUCH_PERSON = re.compile(r"unregistered|not registered|unknown recipient", re.IGNORECASE)
_RATE = re.compile(r"rate limit|ratelimit|captcha|proof required|challenge", re.IGNORECASE)


class Signal:
    """End-to-end encrypted, and wakes who lets Signal ring at night. Signal knows that we wrote, not what."""

    key = "signal"
    title = "Signal"
    wakes = True
    leaks = False
    answers = True
    receipts = True

    def __init__(self, settings: Settings, line: calling.Line = calling.PLAIN_LINE) -> None:
        self._settings = settings
        self._line = line

    def ready(self) -> Ready:
        """Whether address and number are set, and nobody else can reach the service."""
        if without := values.missing(self._settings, ("signal_url", "signal_number")):
            return without
        if not is_private(values.text(self._settings, "signal_url")):
            line = (
                "signal_url must lead to this machine (http://127.0.0.1:8080) or to a Unix socket "
                "(unix:/run/signal/api.sock): the service lets everybody who reaches it send and read."
            )
            return Ready(False, line, wrong=True)
        return Ready(True)

    def clean(self, value: str) -> str:
        """The number as E.164, or the id of a Signal account."""
        text = value.strip().lower()
        if _ACCOUNT_ID.fullmatch(text):
            return text
        try:
            return addresses.phone(value)
        except AddressError:
            words = _("Write the number that you use with Signal and its country, such as +41 44 668 18 00.")
            raise AddressError(words) from None

    def send(self, message: Message, value: str, timeout: float) -> Outcome:
        """Hand the message to the service."""
        if not self.ready().ready:
            return Outcome(Result.FAILED, Why.NOT_SET_UP)
        letter = {
            "message": message.text,
            "number": values.sender(self._settings, "signal_number"),
            "recipients": [value],
        }
        try:
            return _judged(calling.post(self._call(letter), timeout, self._line))
        except calling.NoAnswerError as error:
            return error.outcome

    def _call(self, letter: Mapping[str, object]) -> calling.Call:
        base, socket = where(values.text(self._settings, "signal_url"))
        return calling.Call(
            url=f"{base}/v2/send",
            body=json.dumps(letter).encode(),
            headers={"content-type": "application/json"},
            inside=True,
            socket=socket,
        )


def where(url: str) -> tuple[str, str]:
    """The base address and, for ``unix:PATH``, the path of the socket. ``localhost`` is not left to a name service."""
    if url.startswith("unix:"):
        return "http://localhost", url.removeprefix("unix:")
    base = re.sub(r"\A(https?://)localhost(?=[:/]|\Z)", r"\g<1>127.0.0.1", url.strip(), flags=re.IGNORECASE)
    return base.rstrip("/"), ""


def is_private(url: str) -> bool:
    """Whether only this machine can be meant: a loopback address or an absolute path of a Unix socket."""
    base, socket = where(url)
    if socket or url.startswith("unix:"):
        return socket.startswith("/")
    try:
        return addresses.is_loopback(http_urls.read(base).host)
    except HttpError:
        return False


def _judged(reply: calling.Reply) -> Outcome:
    verdict = reply.verdict()
    fields = reply.fields()
    if verdict is None:
        stamp = str(fields.get("timestamp", ""))
        return Outcome(Result.TAKEN, provider_id=stamp) if _STAMP.fullmatch(stamp) else reply.unproved()
    said = str(fields.get("error", ""))[:2000]
    # The service answers 400 or 429 about Signal's rate limits although the message may have gone out, as its users
    # report (bbernhard/signal-cli-rest-api, issues 714 and 881).
    if reply.status == 429 or (reply.status == 400 and _RATE.search(said)):
        return Outcome(Result.UNKNOWN, Why.TOO_MANY, retry_after=verdict.retry_after)
    if reply.status == 400 and _NO_SUCH_PERSON.search(said):
        return Outcome(Result.REFUSED, Why.BAD_ADDRESS)
    return verdict
