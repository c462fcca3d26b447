"""What text messages and calls share: the REST shape that Twilio made and other providers speak as well.

The API has no key that would make a repeat harmless, so every call that may have been taken is reported as unknown.
"""

import re
from base64 import b64encode
from collections.abc import Mapping
from urllib.parse import quote, urlencode

from tocsin.alerts.channels import calling, values
from tocsin.alerts.channels.base import Outcome, Ready, Result, Settings
from tocsin.alerts.channels.reasons import Why

# Twilio's error dictionary: numbers that are none, can't take this kind of message, or asked for no more.
_BAD_ADDRESS = frozenset({13223, 13224, 21211, 21214, 21217, 21401, 21614})
_UNSUBSCRIBED = frozenset({21610})
_NOT_ALLOWED = frozenset({20003, 21215, 21216, 21408, 21606, 21608, 21612, 21659, 21660})
_TOO_MANY = frozenset({14107, 20429, 21611})
_GAVE_UP = frozenset({"failed", "undelivered", "canceled", "busy", "no-answer"})
_ID = re.compile(r"[A-Za-z0-9_.:-]{1,120}")


class Provider:
    """One account at one provider."""

    def __init__(self, settings: Settings, sender: str, line: calling.Line) -> None:
        """``sender`` is the name of the setting with the number that messages come from."""
        self._settings = settings
        self._sender = sender
        self._line = line

    def ready(self) -> Ready:
        """Whether address, account, secret and number are set."""
        names = ("sms_url", "sms_account", self._sender)
        return (
            values.missing(self._settings, names, ("sms_token",))
            or values.unsafe(self._settings, "sms_url")
            or Ready(True)
        )

    def post(self, what: str, form: Mapping[str, str], timeout: float) -> Outcome:
        """Make one message or call; ``what`` is the end of the address: ``Messages`` or ``Calls``."""
        if not self.ready().ready:
            return Outcome(Result.FAILED, Why.NOT_SET_UP)
        try:
            return _judged(calling.post(self._call(what, form), timeout, self._line))
        except calling.NoAnswerError as error:
            return error.outcome

    def _call(self, what: str, form: Mapping[str, str]) -> calling.Call:
        account = values.text(self._settings, "sms_account")
        pair = f"{account}:{values.secret(self._settings, 'sms_token')}"
        base = values.base_address(self._settings, "sms_url")
        return calling.Call(
            url=f"{base}/2010-04-01/Accounts/{quote(account, safe='')}/{what}.json",
            body=urlencode(form).encode(),
            headers={
                "authorization": f"Basic {b64encode(pair.encode()).decode()}",
                "content-type": "application/x-www-form-urlencoded",
            },
            inside=True,  # the operator named this very host
        )


def _judged(reply: calling.Reply) -> Outcome:
    verdict = reply.verdict()
    fields = reply.fields()
    if verdict is None:
        return _taken(reply, fields)
    code = fields.get("code")
    if verdict.result is Result.FAILED and isinstance(code, int):
        return _of_code(code, verdict.retry_after) or verdict
    return verdict


def _taken(reply: calling.Reply, fields: Mapping[str, object]) -> Outcome:
    sid = fields.get("sid")
    if not isinstance(sid, str) or not sid:
        return reply.unproved()
    if fields.get("status") in _GAVE_UP:
        return Outcome(Result.FAILED, Why.GAVE_UP)
    return Outcome(Result.TAKEN, provider_id=sid if _ID.fullmatch(sid) else "")


def _of_code(code: int, rest: float) -> Outcome | None:
    if code in _BAD_ADDRESS:
        return Outcome(Result.REFUSED, Why.BAD_ADDRESS)
    if code in _UNSUBSCRIBED:
        return Outcome(Result.REFUSED, Why.UNSUBSCRIBED)
    if code in _NOT_ALLOWED:
        return Outcome(Result.FAILED, Why.NOT_ALLOWED)
    return Outcome(Result.FAILED, Why.TOO_MANY, retry_after=rest) if code in _TOO_MANY else None
