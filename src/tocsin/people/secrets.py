"""Strings that open something. Each has its own type, shows nothing of itself in a log, and is stored as a hash."""

import secrets
from hashlib import blake2b
from typing import Self


class OneTimeSecret(str):
    """A secret as it is handed out, once. ``repr`` hides it, so that no traceback or log carries it."""

    __slots__ = ()
    prefix = ""

    @classmethod
    def mint(cls) -> Self:
        """A new one, with 256 random bits."""
        return cls(cls.prefix + secrets.token_urlsafe(32))

    @property
    def digest(self) -> str:
        """What is stored in its place: 64 hexadecimal digits, different for each kind of secret."""
        return blake2b(self.encode(), digest_size=32, person=type(self).__name__.encode()[:16]).hexdigest()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


class InviteToken(OneTimeSecret):
    """Opens the page that creates an account."""

    __slots__ = ()


class ResetToken(OneTimeSecret):
    """Opens the page that sets a new password."""

    __slots__ = ()


class ApiToken(OneTimeSecret):
    """Lets a program act for a person."""

    __slots__ = ()
    prefix = "tocsin_"
