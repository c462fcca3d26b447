"""Keyed marks: who can write to the database alone can write no line, and no row that follows from one."""

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

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
