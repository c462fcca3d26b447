"""A POST to a server of the person's own, signed as the Standard Webhooks specification says.

Source: github.com/standard-webhooks/standard-webhooks, specification 1.0: ``webhook-id``, ``webhook-timestamp`` and
``webhook-signature`` (``v1,`` and the base64 of HMAC-SHA256 over id, timestamp and body, joined by dots).
"""

import hmac
import json
import time
from base64 import b64encode
from hashlib import sha256

from django.utils.translation import gettext_lazy as _

from tocsin.alerts.channels import addresses, calling, values
from tocsin.alerts.channels.addresses import AddressError
from tocsin.alerts.channels.base import Message, Outcome, Ready, Result, Settings
from tocsin.alerts.channels.reasons import Why
from tocsin.lib.http import HttpError, why_refused
from tocsin.lib.http import urls as http_urls


class Webhook:
    """For people who run something of their own that wakes them. Its server reads along."""

    key = "webhook"
    title = _("webhook")
    wakes = True
    leaks = True
    answers = False
    receipts = False

    def __init__(self, settings: Settings, line: calling.Line = calling.PLAIN_LINE) -> None:
        self._settings = settings
        self._line = line
        self._inside = inside_hosts(settings)

    def ready(self) -> Ready:
        """Whether it is switched on."""
        if not self._settings.values.get("webhook"):
            return Ready(False, "Set webhook = true in tocsin.toml.")
        if not values.secret(self._settings, "webhook_key"):
            return Ready(False, "Set a secret key: the first start makes it.")
        return Ready(True)

    def clean(self, value: str) -> str:
        """The address: https and public, unless the operator allowed its host by name."""
        address = addresses.page_address(value)
        if address.name in self._inside:
            return address.text
        if address.scheme != "https":
            raise AddressError(_("Write an address that begins with https://, so that nobody reads along on the way."))
        if addresses.is_loopback(address.host) or _is_inside(address.host):
            raise AddressError(_("This address is not on the public internet. The operator can allow it by name."))
        return address.text

    def signing_key(self, value: str) -> str:
        """The key with which the receiver at this address checks signatures; each address has its own."""
        return f"whsec_{b64encode(self._key(value)).decode()}"

    def send(self, message: Message, value: str, timeout: float) -> Outcome:
        """Post the message; any 2xx is the receiver's word for having it."""
        if not self.ready().ready:
            return Outcome(Result.FAILED, Why.NOT_SET_UP)
        try:
            address = http_urls.read(value)
        except HttpError:
            return Outcome(Result.REFUSED, Why.BAD_ADDRESS)
        inside = address.name in self._inside
        if address.scheme != "https" and not inside:
            return Outcome(Result.REFUSED, Why.INSIDE)
        try:
            reply = calling.post(self._call(message, value, inside), timeout, self._line)
        except calling.NoAnswerError as error:
            return error.outcome
        if reply.status == 410:  # Standard Webhooks: the receiver wants no more
            return Outcome(Result.REFUSED, Why.UNSUBSCRIBED)
        return reply.verdict() or Outcome(Result.TAKEN)

    def _call(self, message: Message, value: str, inside: bool) -> calling.Call:
        body = json.dumps(
            {
                "page": message.page,
                "attempt": message.attempt,
                "code": message.code,
                "subject": message.subject,
                "text": message.text,
                "link": message.link,
                "number": message.number,
                "urgent": message.urgent,
            }
        ).encode()
        stamp = str(int(time.time()))
        signed = f"{message.page}.{stamp}.".encode() + body
        signature = b64encode(hmac.new(self._key(value), signed, sha256).digest()).decode()
        headers = {
            "content-type": "application/json",
            "idempotency-key": message.page,
            "webhook-id": message.page,
            "webhook-timestamp": stamp,
            "webhook-signature": f"v1,{signature}",
        }
        return calling.Call(url=value, body=body, headers=headers, inside=inside)

    def _key(self, value: str) -> bytes:
        # One key for all would let one receiver write to another in our name.
        secret = values.secret(self._settings, "webhook_key")
        return hmac.new(secret.encode(), f"tocsin.webhook:{value}".encode(), sha256).digest()


def inside_hosts(settings: Settings) -> frozenset[str]:
    """The ``host:port`` names that webhooks and chat tools may reach inside."""
    return frozenset(one.strip().lower() for one in values.text(settings, "inside_hosts").split(",") if one.strip())


def _is_inside(host: str) -> bool:
    reason = why_refused(host)
    return bool(reason) and reason != "not an address"
