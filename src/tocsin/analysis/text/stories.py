"""Groups entries into stories as they arrive, through an index: never by comparing all pairs."""

from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import nsmallest
from math import log, sqrt

from tocsin.analysis.text.fingerprints import bands, similarity

_PROBES = 16  # an entry's most telling terms, which look up candidate groups
_POSTINGS = 6_000  # groups that these terms may bring up together
_CANDIDATES = 24  # groups that are compared in full
_CENTROID = 400  # terms kept of a group's centroid, before the lightest go
_REACH = 6  # windows after which nothing joins a group
_FADE = 0.35  # how fast likeness fades over one window
_PRIOR = 300  # unseen entries assumed, so that the first terms are not all called common
_STALE = 1.05  # growth of the store after which a group's length is measured anew


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

    ``similarity`` is the score of the best group, even if below the threshold. ``copy_of`` is the id of the entry
    that this one copies; the proposed group is then that entry's. ``reasons`` are short and plain.
    """

    group: int | None
    similarity: float
    copy_of: int | None
    reasons: tuple[str, ...]


@dataclass(slots=True)
class _Group:
    compartment: str
    sums: dict[str, float] = field(default_factory=dict)
    members: set[int] = field(default_factory=set)
    countries: Counter[str] = field(default_factory=Counter)
    harms: Counter[str] = field(default_factory=Counter)
    newest: datetime | None = None
    oldest: datetime | None = None
    length: float = 0.0  # of the centroid, weighed by rarity; 0: to be measured
    measured_at: int = 0


class Stories:
    """Proposes a group for each entry, and keeps the groups that the caller settles on.

    ``place`` only asks; ``add`` files the entry under the group that the caller chose, so a person's word always
    stands. Likeness fades with the days between an entry and a group; after six windows nothing joins. At most
    ``limit`` entries are kept, the earliest filed leaving first; a group without entries is forgotten. The same calls
    in the same order give the same answers.
    """

    def __init__(
        self, *, window_days: float = 14, threshold: float = 0.18, copy_threshold: float = 0.8, limit: int = 200_000
    ) -> None:
        self.window_days = window_days
        self.threshold = threshold
        self.copy_threshold = copy_threshold
        self.limit = limit
        self._reach = timedelta(days=window_days) * _REACH
        self._entries: dict[int, Entry] = {}
        self._group_of: dict[int, int] = {}
        self._groups: dict[int, _Group] = {}
        self._seen: Counter[str] = Counter()
        self._index: dict[str, set[int]] = {}
        self._filed: dict[tuple[str, bytes], list[int]] = {}
        self._queue: deque[int] = deque()

    def __len__(self) -> int:
        return len(self._entries)

    def place(self, entry: Entry) -> Place:
        """The group that an entry should join. Changes nothing.

        Raises:
            ValueError: for a naive time.
        """
        if entry.at.tzinfo is None:
            raise ValueError("an entry's time must name its zone")
        copy_of, copied = self._copied(entry)
        if copy_of is not None:
            return Place(self._group_of[copy_of], copied, copy_of, (f"copy of an earlier text ({copied:.2f})",))
        rarity = {term: self._rarity(term) for term, _ in entry.terms}
        vector = _vector(entry.terms, rarity)
        best: int | None = None
        score = 0.0
        reasons: tuple[str, ...] = ()
        for number in self._candidates(vector, entry.compartment):
            group = self._groups[number]
            if self._distance(entry, group) > self._reach:
                continue
            found, why = self._score(entry, vector, rarity, group)
            if found > score:
                best, score, reasons = number, found, why
        if best is None or score < self.threshold:
            return Place(None, round(score, 4), None, ("nothing close enough",))
        return Place(best, round(score, 4), None, reasons)

    def add(self, entry: Entry, group: int) -> None:
        """Files an entry under a group, which begins to exist if it is new.

        Raises:
            ValueError: for a naive time, an id already filed, or a group of another compartment.
        """
        if entry.at.tzinfo is None:
            raise ValueError("an entry's time must name its zone")
        if entry.id in self._entries:
            raise ValueError("this entry is already filed")
        self._check(entry, group)
        self._entries[entry.id] = entry
        self._queue.append(entry.id)
        self._seen.update(term for term, _ in entry.terms)
        for band in bands(entry.fingerprint):
            self._filed.setdefault((entry.compartment, band), []).append(entry.id)
        self._join(entry, group)
        while len(self._entries) > self.limit:
            self._evict()

    def remove(self, entry_id: int) -> None:
        """Forgets an entry; unknown ids are ignored."""
        entry = self._entries.pop(entry_id, None)
        if entry is None:
            return
        self._leave(entry)
        for term, _ in entry.terms:
            self._seen[term] -= 1
            if self._seen[term] <= 0:
                del self._seen[term]
        for band in bands(entry.fingerprint):
            filed = self._filed[(entry.compartment, band)]
            filed.remove(entry_id)
            if not filed:
                del self._filed[(entry.compartment, band)]
        if len(self._queue) > 2 * len(self._entries) + 64:
            self._queue = deque(i for i in self._queue if i in self._entries)

    def move(self, entry_id: int, group: int) -> None:
        """Files a known entry under another group.

        Raises:
            KeyError: for an unknown entry.
            ValueError: for a group of another compartment.
        """
        entry = self._entries[entry_id]
        self._check(entry, group)
        self._leave(entry)
        self._join(entry, group)

    def _check(self, entry: Entry, group: int) -> None:
        known = self._groups.get(group)
        if known is not None and known.compartment != entry.compartment:
            raise ValueError("entries of different compartments never share a group")

    def _join(self, entry: Entry, number: int) -> None:
        group = self._groups.setdefault(number, _Group(entry.compartment))
        self._group_of[entry.id] = number
        group.members.add(entry.id)
        group.countries[entry.country] += 1
        group.harms[entry.harm] += 1
        group.newest = entry.at if group.newest is None else max(group.newest, entry.at)
        group.oldest = entry.at if group.oldest is None else min(group.oldest, entry.at)
        for term, weight in entry.terms:
            group.sums[term] = group.sums.get(term, 0.0) + weight
            self._index.setdefault(term, set()).add(number)
        group.length = 0.0
        if len(group.sums) > _CENTROID:
            for term in nsmallest(_CENTROID // 3, group.sums, key=lambda t: (group.sums[t], t)):
                del group.sums[term]
                self._unindex(term, number)

    def _leave(self, entry: Entry) -> None:
        number = self._group_of.pop(entry.id)
        group = self._groups[number]
        group.members.discard(entry.id)
        if not group.members:
            for term in group.sums:
                self._unindex(term, number)
            del self._groups[number]
            return
        group.length = 0.0
        group.countries[entry.country] -= 1
        group.harms[entry.harm] -= 1
        for term, weight in entry.terms:
            left = group.sums.get(term, 0.0) - weight
            if left > 1e-6:
                group.sums[term] = left
            else:
                group.sums.pop(term, None)
                self._unindex(term, number)
        if entry.at in (group.newest, group.oldest):
            times = [self._entries[i].at for i in group.members if i in self._entries]
            group.newest, group.oldest = max(times), min(times)

    def _unindex(self, term: str, number: int) -> None:
        listed = self._index.get(term)
        if listed is not None:
            listed.discard(number)
            if not listed:
                del self._index[term]

    def _evict(self) -> None:
        while self._queue:
            oldest = self._queue.popleft()
            if oldest in self._entries:
                self.remove(oldest)
                return

    def _copied(self, entry: Entry) -> tuple[int | None, float]:
        best, score = None, 0.0
        met: set[int] = set()
        for band in bands(entry.fingerprint):
            for other_id in self._filed.get((entry.compartment, band), ())[-20:]:
                if other_id in met or other_id == entry.id:
                    continue
                met.add(other_id)
                other = self._entries[other_id]
                if abs(other.at - entry.at) > self._reach:
                    continue
                alike = similarity(entry.fingerprint, other.fingerprint)
                if alike > score:
                    best, score = other_id, alike
        return (best, round(score, 4)) if best is not None and score >= self.copy_threshold else (None, 0.0)

    def _rarity(self, term: str) -> float:
        return log(1 + (len(self._entries) + _PRIOR) / (self._seen.get(term, 0) + 0.5))

    def _candidates(self, vector: dict[str, float], compartment: str) -> list[int]:
        """Groups that share the most telling terms; the widest-spread terms are left out once enough came up."""
        telling = sorted((t for t in vector if t in self._index), key=lambda t: (-vector[t], t))[:_PROBES]
        votes: dict[int, float] = {}
        budget = _POSTINGS
        for term in sorted(telling, key=lambda t: (len(self._index[t]), t)):
            listed = self._index[term]
            budget -= len(listed)
            if budget < 0 and votes:
                break
            weight = vector[term]
            for number in listed:
                votes[number] = votes.get(number, 0.0) + weight
        here = [n for n in votes if self._groups[n].compartment == compartment]
        return nsmallest(_CANDIDATES, here, key=lambda n: (-votes[n], n))

    def _distance(self, entry: Entry, group: _Group) -> timedelta:
        if group.newest is None or group.oldest is None or group.oldest <= entry.at <= group.newest:
            return timedelta(0)
        return min(abs(entry.at - group.newest), abs(entry.at - group.oldest))

    def _length(self, group: _Group) -> float:
        if not group.length or len(self._entries) > group.measured_at * _STALE:
            group.length = sqrt(sum((w * self._rarity(t)) ** 2 for t, w in group.sums.items())) or 1.0
            group.measured_at = len(self._entries)
        return group.length

    def _score(
        self, entry: Entry, vector: dict[str, float], rarity: dict[str, float], group: _Group
    ) -> tuple[float, tuple[str, ...]]:
        """Cosine with the group's centroid, raised by shared country and harm, lowered by days between."""
        length, sums = self._length(group), group.sums
        shared = {t: w * sums[t] * rarity[t] / length for t, w in vector.items() if t in sums}
        score = sum(shared.values())
        reasons = ["words: " + ", ".join(nsmallest(5, shared, key=lambda t: (-shared[t], t)))]
        members = len(group.members)
        if entry.country and group.countries[entry.country]:
            score *= 1 + 0.1 * group.countries[entry.country] / members
            reasons.append(f"country: {entry.country}")
        elif entry.country and group.countries[""] < members:
            score *= 0.9
        if entry.harm and group.harms[entry.harm]:
            score *= 1 + 0.08 * group.harms[entry.harm] / members
            reasons.append(f"harm: {entry.harm}")
        days = self._distance(entry, group) / timedelta(days=1)
        return score / (1 + _FADE * days / self.window_days), tuple(reasons)


def _vector(terms: tuple[tuple[str, float], ...], rarity: dict[str, float]) -> dict[str, float]:
    weighed = {term: weight * rarity[term] for term, weight in terms}
    norm = sqrt(sum(w * w for w in weighed.values())) or 1.0
    return {term: w / norm for term, w in weighed.items()}
