"""Words that a page gives for one act: they hold for one session, one case and a short time.

They carry nothing: everything they are bound to goes into the signature. The one for sending a file is used once.
"""

import hashlib
import secrets
from typing import Final

from django.core import signing
from django.core.cache import cache
from django.http import HttpRequest

UPLOAD_WITHIN: Final = 3600
LOOK_WITHIN: Final = 120


def give(request: HttpRequest, *bound: object) -> str:
    """A ticket for what ``bound`` names, to be used in this session."""
    return signing.TimestampSigner(salt=_bound(request, bound)).sign(secrets.token_urlsafe(12))


def holds(request: HttpRequest, ticket: str, within: int, *bound: object) -> bool:
    """Whether a ticket was given for this, in this session, within so many seconds."""
    try:
        signing.TimestampSigner(salt=_bound(request, bound)).unsign(ticket, max_age=within)
    except signing.BadSignature:
        return False
    return True


def use(request: HttpRequest, ticket: str, within: int, *bound: object) -> bool:
    """The same, once."""
    if not holds(request, ticket, within, *bound):
        return False
    used = hashlib.sha256(ticket.encode()).hexdigest()
    return bool(cache.add(f"ticket:{used}", 1, within))


def _bound(request: HttpRequest, bound: tuple[object, ...]) -> str:
    session = request.session.session_key or secrets.token_hex(16)
    return "|".join(["evidence", str(request.user.pk), session, *map(str, bound)])
