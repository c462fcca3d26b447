"""What every way of reaching a person is: one ``send``, one check of an address, and what it may say about itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """What goes out: words made by ``alerts.wording``, free of content.

    ``page`` is the page's public id and stays the same when it is sent again; providers that can drop a repeat are
    given it. ``number`` is what a person types or presses to answer, ``link`` the one-page, one-person address.
    ``reply_token`` is empty where answering by message makes no sense.
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
    """The end of one call. ``why`` is a key such as ``timeout``, ``status_503``, ``bad_address``; never foreign text."""

    result: Result
    why: str = ""
    provider_id: str = ""


@dataclass(frozen=True, slots=True)
class Ready:
    """Whether a channel can be used here; ``why_not`` says what to set, in words for the operator."""

    ready: bool
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """The part of the configuration that channels read: plain values, and secrets by name."""

    values: Mapping[str, str | int | bool] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    public_url: str = ""
    pager_name: str = "Tocsin"


class Channel(Protocol):
    """One way of reaching a person. Constructed once in each process with the settings; ``send`` is called by threads."""

    key: str  # stored with addresses and pages
    title: str  # for people
    wakes: bool  # whether it can wake a sleeping person
    leaks: bool  # whether others (a chat provider, an employer) may read along; off until switched on
    answers: bool  # whether a reply by the same way counts
    receipts: bool  # whether the provider says that a device has it

    def ready(self) -> Ready:
        """Whether it is set up."""
        ...

    def clean(self, value: str) -> str:
        """The address in its one form.

        Raises:
            ValueError: with words for the person who typed it.
        """
        ...

    def send(self, message: Message, value: str, timeout: float) -> Outcome:
        """Hand the message to the provider. Never raises for what a provider does; ends within ``timeout`` seconds."""
        ...
