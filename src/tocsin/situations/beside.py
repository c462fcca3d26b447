"""What stands beside a situation in rooms below: they hand in how it stands there, each to who may read it alone."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tocsin.people.models import Person
from tocsin.situations.models import Situation


@dataclass(frozen=True, slots=True)
class Beside:
    """One line: what it is, with its page, and how it stands since when. ``mark`` is a shape beside the words."""

    kind: Any
    title: str
    url: str
    mark: str
    words: str
    since: datetime | None = None


# Given a person and a situation that they may read, what that person may read of it in another room.
Teller = Callable[[Person, Situation], Sequence[Beside]]
_tellers: dict[str, Teller] = {}
# Given situations, those of them that something in another room rests on.
Holder = Callable[[Collection[int]], Collection[int]]
_holders: dict[str, Holder] = {}


def register(room: str, teller: Teller, holder: Holder) -> None:
    """Let the page of a situation say what ``teller`` says; the machine regroups nothing that ``holder`` names."""
    _tellers[room] = teller
    _holders[room] = holder


def lines(person: Person, situation: Situation) -> list[Beside]:
    """Everything that this person may read, room by room."""
    return [line for teller in _tellers.values() for line in teller(person, situation)]


def held(situations: Collection[int]) -> set[int]:
    """Those of these situations that something in another room rests on."""
    return {one for holder in _holders.values() for one in holder(situations)}
