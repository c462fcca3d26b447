"""What proves that a request comes from an integration's own system: a bearer kept as a hash, or a derived key."""

import hmac
import secrets
from hashlib import sha256
from typing import Self

from django.conf import settings

from tocsin.alerts.models import Integration
from tocsin.people.secrets import OneTimeSecret


class IntegrationToken(OneTimeSecret):
    """Opens one integration. 32 digits, which is what senders of PagerDuty's shape expect of a routing key."""

    __slots__ = ()

    @classmethod
    def mint(cls) -> Self:
        """A new one, with 128 random bits."""
        return cls(secrets.token_hex(16))


class SigningKey(OneTimeSecret):
    """Signs the requests of one integration."""

    __slots__ = ()


def signing_key(integration: Integration) -> SigningKey:
    """The key of an integration in its present generation: derived, never stored."""
    return SigningKey(keyed("signing", f"{integration.public_id}:{integration.generation}"))


def signature(key: SigningKey, stamp: str, body: bytes) -> str:
    """What ``v1`` of the header ``X-Tocsin-Signature`` must be: hexadecimal digits of HMAC-SHA256."""
    return hmac.new(key.encode(), stamp.encode() + b"." + body, sha256).hexdigest()


def keyed(purpose: str, what: str | bytes) -> str:
    """A hash that nobody can try words against who has not the server's secret key."""
    written = what.encode() if isinstance(what, str) else what
    return hmac.new(settings.SECRET_KEY.encode(), f"tocsin.in.{purpose}:".encode() + written, sha256).hexdigest()
