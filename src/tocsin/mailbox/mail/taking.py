"""Takes one mail in, in memory: the hourly canary is noted, anything else is sealed to the desk of the address."""

import hmac
import re
from collections.abc import Iterator
from enum import Enum
from hashlib import sha256
from typing import Final
from uuid import UUID

from django.conf import settings

from tocsin.alerts import clock
from tocsin.mailbox import arriving, desks
from tocsin.mailbox.arriving import Coming, NoKeyError
from tocsin.mailbox.mail import coarse, reading
from tocsin.mailbox.models import Canary, Desk

# What the outside sender writes: tocsin-canary WORD, anywhere in the first lines.
_WORD: Final = re.compile(rb"tocsin-canary[: ]\s*([a-z0-9]{16,64})")
_LOOKED_THROUGH: Final = 16_000


class Taken(Enum):
    """What became of a mail."""

    KEPT = "kept"
    CANARY = "canary"
    LATER = "later"  # nobody's key is there to seal it to: the sender's server must try again


def take(content: bytes) -> Taken:
    """Keep a mail. One that comes again with the same bytes is kept once.

    Nothing about its words can make it fail: what can't be read is kept all the same.
    """
    desk = Desk.objects.filter(takes_mail=True, ended_on=None).first()
    if desk is None:
        return Taken.LATER
    if _is_canary(desk, content):
        return Taken.CANARY
    try:
        epoch, blob = arriving.sealed_now(desk, content)
        found = coarse.look(reading.read(content))
        coming = Coming(
            desk=desk,
            door="mail",
            epoch=epoch,
            blob=blob,
            id=number_of(content),
            language=found.language,
            urgency=found.urgency,
            lane=found.lane,
        )
        arriving.arrive(coming)
    except NoKeyError:
        return Taken.LATER
    return Taken.KEPT


def number_of(content: bytes) -> UUID:
    """The natural key of a mail: a keyed hash, so that nobody can ask a stolen disk whether it came."""
    return UUID(bytes=hmac.new(settings.SECRET_KEY.encode(), b"mailbox.mail:" + content, sha256).digest()[:16])


def _is_canary(desk: Desk, content: bytes) -> bool:
    canary = Canary.objects.filter(desk=desk).first()
    if canary is None:
        return False
    for word in _words(content):
        if hmac.compare_digest(desks.canary_hash(word), bytes(canary.hashed)):
            Canary.objects.filter(pk=canary.pk).update(seen_at=clock.now())
            return True
    return False


def _words(content: bytes) -> Iterator[str]:
    head = content[:_LOOKED_THROUGH]
    for found in list(_WORD.finditer(head))[:20]:
        yield found[1].decode()
