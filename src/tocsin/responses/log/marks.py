"""Keyed marks: who can write to the database alone can write no line, and no row that follows from one."""

from hashlib import sha256

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from tocsin.responses import models
from tocsin.responses.log.content import canonical

SALT = "tocsin.responses.line"


def mark_of(said: str) -> str:
    """The mark over some words, as hex."""
    return salted_hmac(SALT, said, algorithm="sha256").hexdigest()


def right(mark: str, said: str) -> bool:
    """Whether a mark is the one over these words, under the key of now or one of before that still holds."""
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return any(
        constant_time_compare(mark, salted_hmac(SALT, said, secret=key, algorithm="sha256").hexdigest()) for key in keys
    )


def digest_of(public_id: str, line: models.Line, before: str) -> str:
    """The hash of a line, which covers the one before it."""
    said = [public_id, line.number, line.at.isoformat(), line.by, line.verb, line.body, before]
    return sha256(canonical(said)).hexdigest()
