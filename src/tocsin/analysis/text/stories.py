"""Groups entries into stories as they arrive, through an index: never by comparing all pairs."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta

from tocsin.analysis.text.shelf import Shelf

_REACH = 6  # windows after which nothing joins a group


@dataclass(frozen=True, slots=True)
class Entry:
    """What grouping needs to know of a text.

    ``at`` is aware; ``country`` and ``harm`` may be empty; ``terms`` and ``fingerprint`` come from a ``Reading``.
    ``origin`` names the source or masthead. Entries of different ``compartment`` never meet in one group.
    """

    id: int
    at: datetime
    country: str
    harm: str
    terms: tuple[tuple[str, float], ...]
    fingerprint: bytes
    origin: str
    compartment: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry belongs: an existing group or None for a new one.

    ``similarity`` is the score of the best group, even if below the threshold; shared country and harm may lift it
    above 1. ``copy_of`` is the id of the entry that this one copies; the proposed group is then that entry's.
    ``reasons`` are short and plain.
    """

    group: int | None
    similarity: float
    copy_of: int | None
    reasons: tuple[str, ...]


class Stories:
    """Proposes a group for each entry, and keeps the groups that the caller settles on.

    ``place`` only asks; ``add`` files the entry under the group that the caller chose, so a person's word always
    stands. Likeness fades with the days between an entry and a group; after six windows nothing joins. At most
    ``limit`` entries are kept, the earliest filed leaving first; a group without entries is forgotten. The same calls
    in the same order give the same answers, and what one compartment holds never changes an answer about another
    (only ``limit`` is shared).
    """

    def __init__(
        self, *, window_days: float = 14, threshold: float = 0.18, copy_threshold: float = 0.8, limit: int = 200_000
    ) -> None:
        self.window_days = window_days
        self.threshold = threshold
        self.copy_threshold = copy_threshold
        self.limit = limit
        self._shelves: dict[str, Shelf] = {}
        self._compartment_of: dict[int, str] = {}
        self._queue: deque[int] = deque()

    def __len__(self) -> int:
        return len(self._compartment_of)

    def place(self, entry: Entry) -> Place:
        """The group that an entry should join. Changes nothing.

        Raises:
            ValueError: for a naive time.
        """
        _check_time(entry)
        shelf = self._shelves.get(entry.compartment)
        if shelf is None:
            return Place(None, 0.0, None, ("nothing close enough",))
        copy = shelf.copied(entry.fingerprint, entry.at, self.copy_threshold)
        if copy is not None:
            original, alike = copy
            reasons: tuple[str, ...] = (f"copy of an earlier text ({alike:.2f})",)
            return Place(shelf.group_of(original), round(alike, 4), original, reasons)
        group, score, reasons = shelf.best_group(entry.at, entry.country, entry.harm, entry.terms)
        if group is None or score < self.threshold:
            return Place(None, round(score, 4), None, ("nothing close enough",))
        return Place(group, round(score, 4), None, reasons)

    def add(self, entry: Entry, group: int) -> None:
        """Files an entry under a group, which begins to exist if it is new.

        Raises:
            ValueError: for a naive time, an id already filed, or a group of another compartment.
        """
        _check_time(entry)
        if entry.id in self._compartment_of:
            raise ValueError("this entry is already filed")
        self._check_group(entry.compartment, group)
        shelf = self._shelves.get(entry.compartment)
        if shelf is None:
            window = timedelta(days=self.window_days)
            shelf = self._shelves[entry.compartment] = Shelf(window, window * _REACH)
        shelf.put(entry.id, entry.at, entry.country, entry.harm, entry.terms, entry.fingerprint, group)
        self._compartment_of[entry.id] = entry.compartment
        self._queue.append(entry.id)
        while len(self._compartment_of) > self.limit:
            self.remove(self._queue.popleft())

    def remove(self, entry_id: int) -> None:
        """Forgets an entry; unknown ids are ignored."""
        compartment = self._compartment_of.pop(entry_id, None)
        if compartment is None:
            return
        shelf = self._shelves[compartment]
        shelf.take(entry_id)
        if not len(shelf):
            del self._shelves[compartment]
        if len(self._queue) > 2 * len(self._compartment_of) + 64:
            self._queue = deque(i for i in self._queue if i in self._compartment_of)

    def move(self, entry_id: int, group: int) -> None:
        """Files a known entry under another group.

        Raises:
            KeyError: for an unknown entry.
            ValueError: for a group of another compartment.
        """
        compartment = self._compartment_of[entry_id]
        self._check_group(compartment, group)
        self._shelves[compartment].move(entry_id, group)

    def _check_group(self, compartment: str, group: int) -> None:
        if any(shelf.has_group(group) for name, shelf in self._shelves.items() if name != compartment):
            raise ValueError("entries of different compartments never share a group")


def _check_time(entry: Entry) -> None:
    if entry.at.tzinfo is None:
        raise ValueError("an entry's time must name its zone")
