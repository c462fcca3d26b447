"""What opens an issue behind a link: derived from the delivery's id, so that a mail sent again carries the same."""

import base64
import hmac
from hashlib import sha256

from django.conf import settings

from tocsin.people.secrets import OneTimeSecret


class IssueToken(OneTimeSecret):
    """Opens one issue for one reader, until it expires or is taken back. The server keeps its hash alone."""

    __slots__ = ()


def token_of(delivery: str) -> IssueToken:
    """The token in the link of this delivery: 160 bits, in letters that survive a change of case."""
    derived = hmac.new(settings.SECRET_KEY.encode(), f"tocsin.report.link:{delivery}".encode(), sha256).digest()
    return IssueToken(base64.b32encode(derived[:20]).decode().lower())


def link_of(delivery: str) -> str:
    """The whole address behind which the issue stands."""
    return f"{settings.PUBLIC_URL.rstrip('/')}/r/{token_of(delivery)}"
