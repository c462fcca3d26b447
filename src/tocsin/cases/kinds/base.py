"""The parts that every kind of record is made of: fields with their words, checks, verbs, and what is due."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, ClassVar, Final, TypeVar
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise
Choices = tuple[tuple[str, Words], ...]
K = TypeVar("K", bound="Kind")

LINE_MOST: Final = 300
TEXT_MOST: Final = 20_000
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_YEARS: Final = range(1900, 2201)


class WrongError(ValueError):
    """A field can't stand like this; ``words`` tell the person what to do instead."""

    def __init__(self, name: str, words: Words) -> None:
        super().__init__(name)
        self.name, self.words = name, words


class Shape(StrEnum):
    """What a field holds. A link is the id of another record of the case; a person is the id of a member."""

    LINE = "line"
    TEXT = "text"
    DAY = "day"
    MOMENT = "moment"
    NUMBER = "number"
    TICK = "tick"
    CHOICE = "choice"
    CHOICES = "choices"
    PERSON = "person"
    LINK = "link"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True)
class Ask:
    """How a field is asked for and shown. ``later``: only its verbs ask for it. ``needed``: by whichever form asks."""

    shape: Shape
    label: Words = ""
    help: Words = ""
    needed: bool = False
    later: bool = False
    choices: Choices = ()
    of: tuple[str, ...] = ()
    most: int = LINE_MOST


def line(label: Words, hint: Words = "", *, needed: bool = False, later: bool = False) -> Any:
    """One line of words."""
    return field(default="", metadata={"ask": Ask(Shape.LINE, label, hint, needed, later)})


def text(label: Words, hint: Words = "", *, needed: bool = False, later: bool = False) -> Any:
    """Words of any number of lines."""
    return field(default="", metadata={"ask": Ask(Shape.TEXT, label, hint, needed, later, most=TEXT_MOST)})


def day(label: Words, hint: Words = "", *, needed: bool = False, later: bool = False) -> Any:
    """A calendar day, or none."""
    return field(default=None, metadata={"ask": Ask(Shape.DAY, label, hint, needed, later)})


def moment(label: Words, hint: Words = "", *, needed: bool = False, later: bool = False) -> Any:
    """A moment, aware, or none."""
    return field(default=None, metadata={"ask": Ask(Shape.MOMENT, label, hint, needed, later)})


def number(label: Words, hint: Words = "", *, start: int = 0, most: int = 1_000_000, later: bool = False) -> Any:
    """A whole number from 0 on."""
    return field(default=start, metadata={"ask": Ask(Shape.NUMBER, label, hint, later=later, most=most)})


def tick(label: Words, hint: Words = "", *, later: bool = False) -> Any:
    """Yes or no."""
    return field(default=False, metadata={"ask": Ask(Shape.TICK, label, hint, later=later)})


def choice(label: Words, choices: Choices, hint: Words = "", *, needed: bool = True, later: bool = False) -> Any:
    """One of some."""
    return field(default="", metadata={"ask": Ask(Shape.CHOICE, label, hint, needed, later, choices)})


def several(label: Words, choices: Choices, hint: Words = "", *, needed: bool = False, later: bool = False) -> Any:
    """Any of some."""
    return field(default=(), metadata={"ask": Ask(Shape.CHOICES, label, hint, needed, later, choices)})


def person(label: Words, hint: Words = "", *, needed: bool = False, later: bool = False) -> Any:
    """A member of the case, by id; 0 is nobody."""
    return field(default=0, metadata={"ask": Ask(Shape.PERSON, label, hint, needed, later)})


def link(label: Words, *of: str, hint: Words = "", needed: bool = False, later: bool = False) -> Any:
    """Another record of the case, of these kinds, by id."""
    return field(default="", metadata={"ask": Ask(Shape.LINK, label, hint, needed, later, of=of)})


def hidden(default: Any) -> Any:
    """Kept by the verbs, never asked for."""
    return field(default=default, metadata={"ask": Ask(Shape.HIDDEN)})


@dataclass(frozen=True, slots=True)
class Due:
    """Something that somebody should do. ``who`` is a member's id, 0 for whoever works on the case."""

    on: date
    words: Words
    at: datetime | None = None
    who: int = 0
    grave: bool = False


@dataclass(frozen=True, slots=True)
class Verb:
    """A later step of a record: asks for some fields, sets others.

    ``other``: by nobody who wrote or changed the record. ``reader``: not by who changed it last.
    """

    name: str
    title: Words
    fields: tuple[str, ...] = ()
    sets: Mapping[str, Any] = field(default_factory=dict)
    when: "Callable[[Any], bool]" = lambda _one: True
    other: bool = False
    reader: bool = False
    help: Words = ""

    def may(self, who: int, wrote: int, changed: int) -> bool:
        """Whether somebody may do this step of a record, by who wrote it and who changed it last."""
        return not ((self.other and who in {wrote, changed}) or (self.reader and who == changed))


@dataclass(frozen=True)
class Kind:
    """One kind of record. Subclasses are frozen dataclasses whose fields all have defaults."""

    kind: ClassVar[str] = ""
    title: ClassVar[Words] = ""
    help: ClassVar[Words] = ""
    compartments: ClassVar[tuple[str, ...]] = ()
    verbs: ClassVar[tuple[Verb, ...]] = ()
    # Whether its verbs are for the time after a case was closed, too.
    goes_on: ClassVar[bool] = False

    def check(self) -> None:
        """Say what does not go together.

        Raises:
            WrongError: for the first thing that doesn't.
        """

    @property
    def headline(self) -> str:
        """What a list shows of it."""
        return ""

    @property
    def standing(self) -> Words:
        """How it stands, in a word or two; nothing where that goes without saying."""
        return ""

    @property
    def is_open(self) -> bool:
        """Whether closing the case must wait for it."""
        return False

    def dues(self, now: datetime) -> list[Due]:
        """What is due because of it."""
        return []


def asks(kind: type[Kind]) -> dict[str, Ask]:
    """The fields of a kind, in order."""
    return {one.name: one.metadata["ask"] for one in fields(kind)}


def first_fields(kind: type[Kind]) -> tuple[str, ...]:
    """What is asked for when a record is begun."""
    return tuple(name for name, ask in asks(kind).items() if not ask.later and ask.shape != Shape.HIDDEN)


def checked(one: K, names: tuple[str, ...] | None = None) -> K:
    """The same, if it may be sealed; ``names`` are the fields that were asked for just now.

    Raises:
        WrongError: for what can't stand like this.
    """
    wanted = first_fields(type(one)) if names is None else names
    for name, ask in asks(type(one)).items():
        value = getattr(one, name)
        _fits(name, ask, value)
        if ask.needed and name in wanted and value in ("", None, (), 0):
            raise WrongError(name, _("Fill this in."))
    one.check()
    return one


def _fits(name: str, ask: Ask, value: Any) -> None:
    if ask.shape == Shape.HIDDEN:
        return
    right = _TYPES[ask.shape]
    if not isinstance(value, right) or (isinstance(value, bool) and ask.shape != Shape.TICK):
        raise WrongError(name, _("This can’t be read."))
    if isinstance(value, str) and (len(value) > ask.most or _CONTROL.search(value)):
        raise WrongError(name, _("This is too long, or has signs that can’t be kept."))
    if isinstance(value, int) and not 0 <= value <= 2**53:
        raise WrongError(name, _("Give a number from 0 on."))
    if isinstance(value, int) and ask.shape == Shape.NUMBER and value > ask.most:
        raise WrongError(name, _("This number is too high."))
    if isinstance(value, date) and value.year not in _YEARS:
        raise WrongError(name, _("Give a year between 1900 and 2200."))
    naive = ask.shape == Shape.MOMENT and isinstance(value, datetime) and value.tzinfo is None
    if naive or (ask.shape == Shape.DAY and isinstance(value, datetime)):
        raise WrongError(name, _("This can’t be read."))
    _chosen(name, ask, value)


def _chosen(name: str, ask: Ask, value: Any) -> None:
    keys = {key for key, _words in ask.choices}
    if ask.shape == Shape.CHOICE and value and value not in keys:
        raise WrongError(name, _("Choose one of these."))
    if ask.shape == Shape.CHOICES and not set(value) <= keys:
        raise WrongError(name, _("Choose among these."))
    if ask.shape == Shape.LINK and value:
        try:
            UUID(value)
        except ValueError:
            raise WrongError(name, _("Choose one of these.")) from None


_NOTHING: Final = type(None)
_TYPES: Final[Mapping[Shape, tuple[type, ...]]] = {
    Shape.LINE: (str,),
    Shape.TEXT: (str,),
    Shape.DAY: (date, _NOTHING),
    Shape.MOMENT: (datetime, _NOTHING),
    Shape.NUMBER: (int,),
    Shape.TICK: (bool,),
    Shape.CHOICE: (str,),
    Shape.CHOICES: (tuple,),
    Shape.PERSON: (int,),
    Shape.LINK: (str,),
}


def pack(one: Kind) -> dict[str, Any]:
    """As JSON takes it; what is empty is left out."""
    found: dict[str, Any] = {}
    for part in fields(one):
        value = getattr(one, part.name)
        if value != part.default:
            found[part.name] = _plain(value)
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def unpack(kind: type[K], body: Mapping[str, Any]) -> K:
    """From what was sealed. A field that this version does not know is left out."""
    given: dict[str, Any] = {}
    for name, ask in asks(kind).items():
        if name in body:
            given[name] = _full(ask.shape, body[name])
    return kind(**given)


def _full(shape: Shape, value: Any) -> Any:
    if isinstance(value, str) and shape == Shape.DAY:
        return date.fromisoformat(value)
    if isinstance(value, str) and shape == Shape.MOMENT:
        return datetime.fromisoformat(value)
    return tuple(value) if isinstance(value, list) else value
