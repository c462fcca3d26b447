"""Groups entries into stories as they arrive, through an index: never by comparing all pairs."""

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import exp, log, sqrt

from tocsin.analysis.text.fingerprints import bands, similarity

_PROBES = 16  # an entry's most telling terms, which look up candidate groups
_CANDIDATES = 24  # groups that are compared in full
_CENTROID = 120  # terms kept of a group's centroid
_COMMON = 0.12  # share of entries above which a term looks nothing up
_COMMON_LEAST = 60


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
    that this one copies, which need not be in the proposed group's newest entries. ``reasons`` are short and plain.
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


class Stories:
    """Proposes a group for each entry, and keeps the groups that the caller settles on.

    ``place`` only asks; ``add`` files the entry under the group that the caller chose, so a person's word always
    stands. Entries further than ``window_days`` from a group are not proposed to it. At most ``limit`` entries are
    kept, the earliest filed leaving first; a group without entries is forgotten. The same calls in the same order
    give the same answers.
    """

    def __init__(
        self, *, window_days: float = 14, threshold: float = 0.24, copy_threshold: float = 0.8, limit: int = 200_000
    ) -> None:
        self.window_days = window_days
        self.threshold = threshold
        self.copy_threshold = copy_threshold
        self.limit = limit
        self._window = timedelta(days=window_days)
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
        vector = self._vector(entry.terms)
        best, score, reasons = None, 0.0, ()  # type: int | None, float, tuple[str, ...]
        for number in self._candidates(vector, entry.compartment):
            group = self._groups[number]
            if self._distance(entry, group) > self._window:
                continue
            found, why = self._score(entry, vector, group)
            if found > score or (found == score and best is not None and number < best):
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

    def _leave(self, entry: Entry) -> None:
        number = self._group_of.pop(entry.id)
        group = self._groups[number]
        group.members.discard(entry.id)
        if not group.members:
            for term in group.sums:
                self._unindex(term, number)
            del self._groups[number]
            return
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
                if abs(other.at - entry.at) > self._window:
                    continue
                alike = similarity(entry.fingerprint, other.fingerprint)
                if alike > score:
                    best, score = other_id, alike
        return (best, round(score, 4)) if best is not None and score >= self.copy_threshold else (None, 0.0)

    def _idf(self, term: str) -> float:
        return log(1 + (len(self._entries) + 1) / (self._seen.get(term, 0) + 0.5))

    def _vector(self, terms: Iterable[tuple[str, float]]) -> dict[str, float]:
        weighed = {term: weight * self._idf(term) for term, weight in terms}
        norm = sqrt(sum(w * w for w in weighed.values())) or 1.0
        return {term: w / norm for term, w in weighed.items()}

    def _candidates(self, vector: dict[str, float], compartment: str) -> list[int]:
        common = max(_COMMON_LEAST, _COMMON * len(self._entries))
        telling = [t for t in vector if self._seen.get(t, 0) <= common and t in self._index]
        telling.sort(key=lambda t: (-vector[t], t))
        votes: dict[int, float] = {}
        for term in telling[:_PROBES]:
            for number in self._index[term]:
                votes[number] = votes.get(number, 0.0) + vector[term]
        ranked = sorted(votes, key=lambda n: (-votes[n], n))
        return [n for n in ranked if self._groups[n].compartment == compartment][:_CANDIDATES]

    def _distance(self, entry: Entry, group: _Group) -> timedelta:
        assert group.newest is not None and group.oldest is not None
        if group.oldest <= entry.at <= group.newest:
            return timedelta(0)
        return min(abs(entry.at - group.newest), abs(entry.at - group.oldest))

    def _score(self, entry: Entry, vector: dict[str, float], group: _Group) -> tuple[float, tuple[str, ...]]:
        centroid = {t: w * self._idf(t) for t, w in group.sums.items()}
        norm = sqrt(sum(w * w for w in centroid.values())) or 1.0
        shared = {t: w * centroid[t] / norm for t, w in vector.items() if t in centroid}
        score = sum(shared.values())
        reasons = ["words: " + ", ".join(sorted(shared, key=lambda t: (-shared[t], t))[:5])]
        members = len(group.members)
        if entry.country and group.countries[entry.country]:
            score *= 1 + 0.15 * group.countries[entry.country] / members
            reasons.append(f"country: {entry.country}")
        elif entry.country and group.countries[""] < members:
            score *= 0.75
        if entry.harm and group.harms[entry.harm]:
            score *= 1 + 0.08 * group.harms[entry.harm] / members
            reasons.append(f"harm: {entry.harm}")
        days = self._distance(entry, group) / timedelta(days=1)
        return score * exp(-days / (2 * self.window_days)), tuple(reasons)
