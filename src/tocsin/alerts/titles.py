"""What references are called. Rooms that own the rows say so, and only to who may read them.

A title stands on pages behind a sign-in alone; ``wording``, which has every word that leaves, knows nothing of it.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping

from tocsin.people.models import Person

# Given a person and the ids behind ``kind:``, the titles of those that this person may read, in few questions for all.
Resolver = Callable[[Person, Collection[str]], Mapping[str, str]]
_resolvers: dict[str, Resolver] = {}


def register(kind: str, resolver: Resolver) -> None:
    """Let references ``kind:id`` be called what ``resolver`` says."""
    _resolvers[kind] = resolver


def titles(person: Person, references: Collection[str]) -> dict[str, str]:
    """By reference, the titles of those that this person may read; the others are left out."""
    asked: dict[str, set[str]] = defaultdict(set)
    for reference in references:
        kind, _colon, number = reference.partition(":")
        if number and kind in _resolvers:
            asked[kind].add(number)
    found: dict[str, str] = {}
    for kind, numbers in asked.items():
        known = _resolvers[kind](person, sorted(numbers))
        found |= {f"{kind}:{number}": title for number, title in known.items() if title and number in numbers}
    return found


def numbers(given: Collection[str]) -> list[int]:
    """Those of the ids that are numbers, for rooms whose rows are known by number."""
    return [int(one) for one in given if one.isascii() and one.isdecimal() and len(one) < 18]
