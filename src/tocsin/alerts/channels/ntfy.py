"""Push messages through an ntfy server, one's own or ntfy.sh; each person subscribes to a secret topic."""

import json
import re

from django.utils.translation import gettext_lazy as _

from tocsin.alerts.channels import addresses, calling, values
from tocsin.alerts.channels.base import Message, Outcome, Ready, Result, Settings
from tocsin.alerts.channels.reasons import Why

URGENT, NORMAL = 5, 3  # ntfy: 5 rings on and on, 3 makes the usual sound
LONGEST = 3500  # ntfy makes a file of 4,096 bytes or more
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_NOT_FOR_AN_ID = re.compile(r"[^A-Za-z0-9_-]")


class Ntfy:
    """Wakes by an app that rings on. Its server reads along, and so does whoever knows the topic."""

    key = "ntfy"
    title = "ntfy"
    wakes = True
    leaks = False
    answers = False
    receipts = False

    def __init__(self, settings: Settings, line: calling.Line = calling.PLAIN_LINE) -> None:
        self._settings = settings
        self._line = line

    def ready(self) -> Ready:
        """Whether the server is named."""
        return values.missing(self._settings, ("ntfy_url",)) or values.unsafe(self._settings, "ntfy_url") or Ready(True)

    def clean(self, value: str) -> str:
        """The name of the topic."""
        return addresses.topic(value)

    def send(self, message: Message, value: str, timeout: float) -> Outcome:
        """Publish the message to the person's topic."""
        if not self.ready().ready:
            return Outcome(Result.FAILED, Why.NOT_SET_UP)
        note = {
            "topic": value,
            "title": message.subject,
            "message": _shortened(message.text),
            "priority": URGENT if message.urgent else NORMAL,
            # From version 2.16 on a repeat takes the place of what a phone shows; older servers don't mind it.
            "sequence_id": _NOT_FOR_AN_ID.sub("", message.page)[:64],
        }
        if message.link:
            note["click"] = message.link
            note["actions"] = [{"action": "view", "label": str(_("Open")), "url": message.link}]
        try:
            return _judged(calling.post(self._call(note), timeout, self._line))
        except calling.NoAnswerError as error:
            return error.outcome

    def _call(self, note: dict[str, object]) -> calling.Call:
        headers = {"content-type": "application/json"}
        if token := values.secret(self._settings, "ntfy_token"):
            headers["authorization"] = f"Bearer {token}"
        url = f"{values.base_address(self._settings, 'ntfy_url')}/"
        return calling.Call(url=url, body=json.dumps(note).encode(), headers=headers, inside=True)


def _shortened(text: str) -> str:
    return text.encode()[:LONGEST].decode(errors="ignore")


def _judged(reply: calling.Reply) -> Outcome:
    verdict = reply.verdict()
    if verdict is not None:
        return verdict
    given = reply.fields().get("id")
    if not isinstance(given, str) or not _ID.fullmatch(given):
        return reply.unproved()
    return Outcome(Result.TAKEN, provider_id=given)
