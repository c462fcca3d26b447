"""Groups entries into stories as they arrive, through an index: never by comparing all pairs."""

from collections import Counter, deque
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from tocsin.analysis.text.linking import average_link
from tocsin.analysis.text.shelf import Shelf

_CLOSE = 0.4  # of the threshold: groups that may have to be told apart anew
_REACH = timedelta(days=1_095)  # after which nothing joins a group: trials and leaks are told of for years


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
    ``reasons`` are short and plain. ``close`` are the groups nearest to the entry, which ``regrouped`` compares.
    """

    group: int | None
    similarity: float
    copy_of: int | None
    reasons: tuple[str, ...]
    close: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """Entries that belong together, and the existing group whose number they keep; None: a group of their own."""

    entries: tuple[int, ...]
    group: int | None


class Stories:
    """Proposes a group for each entry, and keeps the groups that the caller settles on.

    ``place`` only asks; ``add`` files the entry under the group that the caller chose, so a person's word always
    stands. Likeness fades with the time between an entry and a group; after three years nothing joins. At most
    ``limit`` entries are kept, the earliest filed leaving first; a group without entries is forgotten. The same calls
    in the same order give the same answers, and what one compartment holds never changes an answer about another
    (only ``limit`` is shared).
    """

    def __init__(
        self, *, window_days: float = 14, threshold: float = 0.16, copy_threshold: float = 0.8, limit: int = 200_000
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

    def compartment(self, entry_id: int) -> str | None:
        """The compartment of an entry; None for an unknown one."""
        return self._compartment_of.get(entry_id)

    def group_of(self, entry_id: int) -> int:
        """The group of an entry; KeyError for an unknown one."""
        return self._shelves[self._compartment_of[entry_id]].group_of(entry_id)

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
        near = shelf.near(entry.at, entry.country, entry.harm, entry.terms)
        close = tuple(one.group for one in near if one.score >= _CLOSE * self.threshold)
        if not near or near[0].score < self.threshold:
            return Place(None, round(near[0].score, 4) if near else 0.0, None, ("nothing close enough",), close)
        best = near[0]
        why = shelf.reasons(best.group, entry.country, entry.harm, entry.terms)
        return Place(best.group, round(best.score, 4), None, why, close)

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
            shelf = self._shelves[entry.compartment] = Shelf(timedelta(days=self.window_days), _REACH)
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

    def regrouped(self, group: int, close: Collection[int], compartment: str = "") -> tuple[Part, ...]:
        """How the entries of a group and of those close to it fall apart when they are compared in pairs.

        Later entries show how earlier ones belong together. Each part keeps the number that most of its entries have,
        the largest part first; parts that stand as they are get no mention. Empty when nothing would change, or too
        many entries would have to be compared. Changes nothing: ``move`` does.
        """
        shelf = self._shelves.get(compartment)
        if shelf is None or not shelf.has_group(group):
            return ()
        ids = shelf.hood(group, close)
        if len(ids) < 2:
            return ()
        clusters = [[ids[i] for i in one] for one in average_link(shelf.alike(ids), self.threshold)]
        taken: set[int] = set()
        parts = []
        for cluster in sorted(clusters, key=lambda one: (-len(one), one)):
            held = Counter(shelf.group_of(i) for i in cluster)
            free = sorted((-count, number) for number, count in held.items() if number not in taken)
            number = free[0][1] if free else None
            if number is not None:
                taken.add(number)
            if number is None or len(held) > 1:
                parts.append(Part(tuple(cluster), number))
        return tuple(parts)

    def _check_group(self, compartment: str, group: int) -> None:
        if any(shelf.has_group(group) for name, shelf in self._shelves.items() if name != compartment):
            raise ValueError("entries of different compartments never share a group")


def _check_time(entry: Entry) -> None:
    if entry.at.tzinfo is None:
        raise ValueError("an entry's time must name its zone")
