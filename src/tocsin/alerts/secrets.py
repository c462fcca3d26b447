"""What opens a page: derived from the page's id, so that a page sent again carries the same, and nothing is stored."""

import base64
import hmac
from hashlib import sha256

from django.conf import settings

from tocsin.people.secrets import OneTimeSecret


class PageToken(OneTimeSecret):
    """Opens one page of one person, and lets that person answer it together with the page's number."""

    __slots__ = ()


def token_of(public_id: str) -> PageToken:
    """The token in the link of this page: 120 bits, in letters that survive a mail server which changes their case."""
    return PageToken(base64.b32encode(_derived("link", public_id)[:15]).decode().lower())


def number_of(public_id: str) -> str:
    """The number in the message of this page, four digits: what a program that opens links does not know."""
    return f"{int.from_bytes(_derived('number', public_id)[:8], 'big') % 10_000:04}"


def proof_of(public_id: str) -> str:
    """The code that proves an address, six digits: it came in this page, and nowhere else."""
    return f"{int.from_bytes(_derived('proof', public_id)[:8], 'big') % 1_000_000:06}"


def _derived(purpose: str, public_id: str) -> bytes:
    return hmac.new(settings.SECRET_KEY.encode(), f"tocsin.page.{purpose}:{public_id}".encode(), sha256).digest()
