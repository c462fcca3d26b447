"""A map from keys to sets of numbers, small where most keys have one number."""

from collections.abc import Collection, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


class Postings(Generic[K]):
    """Numbers filed under keys. A single number is kept bare: a set of one would take ten times the room."""

    __slots__ = ("_filed",)

    def __init__(self) -> None:
        self._filed: dict[K, int | set[int]] = {}

    def add(self, key: K, number: int) -> None:
        """Files a number; filing it again changes nothing."""
        filed = self._filed.get(key)
        if filed is None:
            self._filed[key] = number
        elif isinstance(filed, set):
            filed.add(number)
        elif filed != number:
            self._filed[key] = {filed, number}

    def discard(self, key: K, number: int) -> None:
        """Forgets a number under a key, if it is there."""
        filed = self._filed.get(key)
        if filed == number:
            del self._filed[key]
        elif isinstance(filed, set):
            filed.discard(number)
            if not filed:
                del self._filed[key]

    def at(self, key: K) -> Collection[int]:
        """The numbers under a key, in no order."""
        filed = self._filed.get(key)
        if filed is None:
            return ()
        return filed if isinstance(filed, set) else (filed,)

    def __len__(self) -> int:
        return len(self._filed)
