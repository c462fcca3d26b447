"""The two strings that open a slice together. Each goes to the ally by another channel."""

import re
from dataclasses import dataclass
from typing import Self

from django.conf import settings

from tocsin.lib.names import random_name
from tocsin.people.secrets import OneTimeSecret

_HALF = 5


class SliceToken(OneTimeSecret):
    """Stands in the link; the server keeps its hash alone."""

    __slots__ = ()


class SliceCode(str):
    """Ten letters and digits, 49 bits, to be told by voice or another channel. ``repr`` hides it."""

    __slots__ = ()

    @classmethod
    def mint(cls) -> Self:
        """A new one, such as k7m3x-9qa2b."""
        return cls(f"{random_name(_HALF)}-{random_name(_HALF)}")

    @classmethod
    def typed(cls, text: str) -> Self:
        """What somebody typed, whatever its case and whatever parts it."""
        plain = re.sub(r"[^0-9a-z]", "", text.lower())[: 2 * _HALF]
        return cls(f"{plain[:_HALF]}-{plain[_HALF:]}")

    def __repr__(self) -> str:
        return "<SliceCode>"


@dataclass(frozen=True, slots=True)
class Link:
    """What opens a slice: the link with its token, and the code. Neither is kept, and neither can be shown again."""

    slice: str
    token: SliceToken
    code: SliceCode

    @property
    def url(self) -> str:
        """The address that the ally opens."""
        return f"{settings.PUBLIC_URL.rstrip('/')}/s/{self.token}"
