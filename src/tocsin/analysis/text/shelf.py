"""One compartment's entries and groups, with the indexes that find them. Shelves know nothing of each other."""

from array import array
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import nsmallest
from math import log, sqrt

from tocsin.analysis.text.fingerprints import bands, similarity
from tocsin.analysis.text.postings import Postings

Terms = tuple[tuple[str, float], ...]

_PROBES = 16  # an entry's most telling terms, which look up candidate groups
_POSTINGS = 6_000  # groups that these terms may bring up together
_CANDIDATES = 24  # groups that are compared in full
_COPIES = 60  # entries whose fingerprints are compared in full
_FEWEST_SHARED = 3  # one rare name in two texts is no story
_CENTROID = 400  # terms kept of a group's centroid, before the lightest go
_FADE = 0.35  # how fast likeness fades over one window
_PRIOR = 300  # unseen entries assumed, so that the first terms are not all called common
_STALE = 1.05  # growth of the shelf after which a group's length is measured anew
_SAME_COUNTRY, _OTHER_COUNTRY, _SAME_HARM = 0.1, 0.9, 0.08


@dataclass(frozen=True, slots=True)
class Kept:
    """What a shelf keeps of an entry; words and weights run side by side."""

    at: datetime
    country: str
    harm: str
    words: tuple[str, ...]
    weights: "array[float]"
    fingerprint: bytes


@dataclass(slots=True)
class _Group:
    members: set[int] = field(default_factory=set)
    sums: dict[str, float] = field(default_factory=dict)
    countries: Counter[str] = field(default_factory=Counter)
    harms: Counter[str] = field(default_factory=Counter)
    newest: datetime | None = None
    oldest: datetime | None = None
    length: float = 0.0  # of the centroid, weighed by rarity; 0: to be measured
    measured_at: int = 0

    def distance(self, at: datetime) -> timedelta:
        if self.newest is None or self.oldest is None or self.oldest <= at <= self.newest:
            return timedelta(0)
        return min(abs(at - self.newest), abs(at - self.oldest))


class Shelf:
    """Entries of one compartment, their groups, and how to find either quickly."""

    def __init__(self, window: timedelta, reach: timedelta) -> None:
        self._window = window
        self._reach = reach
        self._entries: dict[int, Kept] = {}
        self._group_of: dict[int, int] = {}
        self._groups: dict[int, _Group] = {}
        self._seen: Counter[str] = Counter()
        self._by_term: Postings[str] = Postings()
        self._by_band: Postings[bytes] = Postings()
        self._words: dict[str, str] = {}  # one object for each word, however many entries hold it

    def __len__(self) -> int:
        return len(self._entries)

    def has_group(self, number: int) -> bool:
        """Whether a group of this number has entries here."""
        return number in self._groups

    def group_of(self, entry_id: int) -> int:
        """The group of an entry; KeyError for an unknown one."""
        return self._group_of[entry_id]

    def put(
        self, entry_id: int, at: datetime, country: str, harm: str, terms: Terms, fingerprint: bytes, group: int
    ) -> None:
        """Keeps an entry under a group."""
        words = tuple(self._words.setdefault(term, term) for term, _ in terms)
        kept = Kept(at, country, harm, words, array("f", [weight for _, weight in terms]), fingerprint)
        self._entries[entry_id] = kept
        self._seen.update(words)
        for band in bands(fingerprint):
            self._by_band.add(band, entry_id)
        self._join(entry_id, kept, group)

    def take(self, entry_id: int) -> None:
        """Forgets a known entry, and its group if that was the last."""
        kept = self._entries[entry_id]
        self._leave(entry_id, kept)
        del self._entries[entry_id]
        for word in kept.words:
            self._seen[word] -= 1
            if self._seen[word] <= 0:
                del self._seen[word]
                self._words.pop(word, None)
        for band in bands(kept.fingerprint):
            self._by_band.discard(band, entry_id)

    def move(self, entry_id: int, group: int) -> None:
        """Puts a known entry under another group."""
        kept = self._entries[entry_id]
        self._leave(entry_id, kept)
        self._join(entry_id, kept, group)

    def copied(self, fingerprint: bytes, at: datetime, least: float) -> tuple[int, float] | None:
        """The most similar entry within reach and its similarity, if at least ``least``; the earlier id of equals."""
        found: set[int] = set()
        for band in bands(fingerprint):
            found.update(nsmallest(_COPIES, self._by_band.at(band)))
        best: tuple[int, float] | None = None
        for entry_id in nsmallest(_COPIES, found):
            kept = self._entries[entry_id]
            if abs(kept.at - at) > self._reach:
                continue
            alike = similarity(fingerprint, kept.fingerprint)
            if alike >= least and (best is None or alike > best[1]):
                best = entry_id, alike
        return best

    def best_group(
        self, at: datetime, country: str, harm: str, terms: Terms
    ) -> tuple[int | None, float, tuple[str, ...]]:
        """The closest group within reach, its score, and why."""
        rarity = {term: self._rarity(term) for term, _ in terms}
        weighed = {term: weight * rarity[term] for term, weight in terms}
        norm = sqrt(sum(w * w for w in weighed.values())) or 1.0
        vector = {term: w / norm for term, w in weighed.items()}
        best: int | None = None
        score = 0.0
        reasons: tuple[str, ...] = ()
        for number in self._candidates(vector):
            group = self._groups[number]
            distance = group.distance(at)
            if distance > self._reach:
                continue
            alike, why = self._alike(vector, rarity, group, country, harm)
            alike /= 1 + _FADE * (distance / self._window)
            if alike > score:
                best, score, reasons = number, alike, why
        return best, score, reasons

    def _rarity(self, term: str) -> float:
        return log(1 + (len(self._entries) + _PRIOR) / (self._seen.get(term, 0) + 0.5))

    def _candidates(self, vector: dict[str, float]) -> list[int]:
        """Groups that share the most telling terms; the widest-spread terms are left out once enough came up."""
        telling = sorted((t for t in vector if t in self._seen), key=lambda t: (-vector[t], t))[:_PROBES]
        votes: dict[int, float] = {}
        budget = _POSTINGS
        for term in sorted(telling, key=lambda t: (len(self._by_term.at(t)), t)):
            listed = self._by_term.at(term)
            budget -= len(listed)
            if budget < 0 and votes:
                break
            weight = vector[term]
            for number in listed:
                votes[number] = votes.get(number, 0.0) + weight
        return nsmallest(_CANDIDATES, votes, key=lambda n: (-votes[n], n))

    def _alike(
        self, vector: dict[str, float], rarity: dict[str, float], group: _Group, country: str, harm: str
    ) -> tuple[float, tuple[str, ...]]:
        """Cosine with the group's centroid, raised by shared country and harm, lowered by another country."""
        sums = group.sums
        if not group.length or len(self._entries) > group.measured_at * _STALE:
            group.length = sqrt(sum((w * self._rarity(t)) ** 2 for t, w in sums.items())) or 1.0
            group.measured_at = len(self._entries)
        shared = {t: w * sums[t] * rarity[t] / group.length for t, w in vector.items() if t in sums}
        if len(shared) < _FEWEST_SHARED:
            return 0.0, ()
        score = sum(shared.values())
        reasons = ["words: " + ", ".join(nsmallest(5, shared, key=lambda t: (-shared[t], t)))]
        members = len(group.members)
        if country and group.countries[country]:
            score *= 1 + _SAME_COUNTRY * group.countries[country] / members
            reasons.append(f"country: {country}")
        elif country and group.countries[""] < members:
            score *= _OTHER_COUNTRY
        if harm and group.harms[harm]:
            score *= 1 + _SAME_HARM * group.harms[harm] / members
            reasons.append(f"harm: {harm}")
        return score, tuple(reasons)

    def _join(self, entry_id: int, kept: Kept, number: int) -> None:
        group = self._groups.setdefault(number, _Group())
        self._group_of[entry_id] = number
        group.members.add(entry_id)
        group.countries[kept.country] += 1
        group.harms[kept.harm] += 1
        group.newest = kept.at if group.newest is None else max(group.newest, kept.at)
        group.oldest = kept.at if group.oldest is None else min(group.oldest, kept.at)
        group.length = 0.0
        for term, weight in zip(kept.words, kept.weights, strict=True):
            group.sums[term] = group.sums.get(term, 0.0) + weight
            self._by_term.add(term, number)
        if len(group.sums) > _CENTROID:
            for term in nsmallest(_CENTROID // 3, group.sums, key=lambda t: (group.sums[t], t)):
                del group.sums[term]
                self._by_term.discard(term, number)

    def _leave(self, entry_id: int, kept: Kept) -> None:
        number = self._group_of.pop(entry_id)
        group = self._groups[number]
        group.members.discard(entry_id)
        if not group.members:
            for term in group.sums:
                self._by_term.discard(term, number)
            del self._groups[number]
            return
        group.length = 0.0
        group.countries[kept.country] -= 1
        group.harms[kept.harm] -= 1
        for term, weight in zip(kept.words, kept.weights, strict=True):
            left = group.sums.get(term, 0.0) - weight
            if left > 1e-6:
                group.sums[term] = left
            else:
                group.sums.pop(term, None)
                self._by_term.discard(term, number)
        if kept.at in (group.newest, group.oldest):
            times = [self._entries[i].at for i in group.members]
            group.newest, group.oldest = max(times), min(times)
