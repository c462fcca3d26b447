"""What every way of reaching a person is: one ``send``, one check of an address, and what it may say about itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True, slots=True)
class Message:
    """What goes out: words made by ``alerts.wording``, free of content.

    ``page`` is the page's public id and stays the same when it is sent again; providers that can drop a repeat are
    given it. ``text`` is complete as it stands, with link and number where this channel needs them; a voice leaves
    addresses of pages out. ``number`` is what a person types or presses to answer, ``link`` the one-page, one-person
    address. ``reply_token`` is empty where answering by message makes no sense.
    """

    page: str
    attempt: int
    code: str
    subject: str
    text: str
    link: str
    number: str
    reply_token: str = ""
    urgent: bool = True


class Result(StrEnum):
    """What a provider made of it."""

    TAKEN = "taken"
    FAILED = "failed"  # try again, and let the next channel go on meanwhile
    REFUSED = "refused"  # this address will never work
    UNKNOWN = "unknown"  # it may have arrived: sent again after the deadline, with the same page id


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of one call.

    ``why`` is a key of ``channels.reasons``, never foreign text. ``retry_after``: how many seconds the provider asks
    to be left alone.
    """

    result: Result
    why: str = ""
    provider_id: str = ""
    retry_after: float = 0.0


@dataclass(frozen=True, slots=True)
class Ready:
    """Whether a channel can be used here; ``why_not`` says what to set, in words for the operator.

    ``wrong``: it is set up, but in a way that can't work or is not safe; nothing should start like that.
    """

    ready: bool
    why_not: str = ""
    wrong: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    """The part of the configuration that channels read: plain values, and secrets by name."""

    values: Mapping[str, str | int | bool] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    public_url: str = ""
    pager_name: str = "Tocsin"


class Channel(Protocol):
    """One way of reaching a person. Constructed with the settings, cheaply; ``send`` is called by threads at once."""

    key: str  # stored with addresses and pages
    wakes: bool  # whether it can wake a sleeping person
    leaks: bool  # whether others (a chat provider, an employer) may read along; off until switched on
    answers: bool  # whether a reply by the same way counts
    receipts: bool  # whether the provider says that a device has it

    @property
    def title(self) -> StrOrPromise:
        """Its name for people."""
        ...

    def ready(self) -> Ready:
        """Whether it is set up."""
        ...

    def clean(self, value: str) -> str:
        """The address in its one form.

        Raises:
            AddressError: a ``ValueError`` whose ``message`` is for the person who typed it.
        """
        ...

    def send(self, message: Message, value: str, timeout: float) -> Outcome:
        """Hand the message to the provider. Never raises for what a provider does; ends within ``timeout`` seconds."""
        ...
