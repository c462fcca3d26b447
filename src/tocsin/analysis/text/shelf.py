"""One compartment's entries and groups, with the indexes that find them. Shelves know nothing of each other."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import nsmallest
from math import log2
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin.analysis.text.fingerprints import bands, similarity
from tocsin.analysis.text.postings import Postings
from tocsin.analysis.text.words import Words

Terms = tuple[tuple[str, float], ...]

_PROBES = 24  # an entry's most telling terms, which look up candidate groups
_POSTINGS = 6_000  # groups that these terms may bring up together
_CANDIDATES = 24  # groups that are compared in full
_COPIES = 60  # entries whose fingerprints are compared in full
_FEWEST_SHARED = 3  # one rare name in two texts is no story
_CENTROID = 400  # terms kept of a group's centroid, before the lightest go
_FADE = 0.1  # how much likeness fades with one window, and with each doubling of the time since
_HOOD = 150  # entries that are compared in pairs
_PRIOR = 100  # unseen entries assumed, so that the first terms are not all called common
_POWER = 1.75  # rare terms tell stories apart better than the logarithm alone says
_SMALL = 20  # entries from which a term that only one of them holds is taken for noise
_STALE = 1.25  # filed entries, by their share, after which a group's sums are made anew
_SAME_COUNTRY, _OTHER_COUNTRY, _SAME_HARM = 0.08, 0.9, 0.08


@dataclass(slots=True)
class Kept:
    """What a shelf keeps of an entry; terms, by number, and weights run side by side; ``norm`` is a length."""

    at: datetime
    country: str
    harm: str
    terms: NDArray[np.int32]
    weights: NDArray[np.float32]
    fingerprint: bytes
    norm: float = 1.0


@dataclass(frozen=True, slots=True)
class Near:
    """A group that an entry could join, and how like its entries it is."""

    group: int
    score: float


@dataclass(slots=True)
class _Group:
    members: set[int] = field(default_factory=set)
    sums: dict[int, float] = field(default_factory=dict)
    countries: Counter[str] = field(default_factory=Counter)
    harms: Counter[str] = field(default_factory=Counter)
    newest: datetime | None = None
    oldest: datetime | None = None
    measured_at: int = 0  # entries filed until its sums were last made anew

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
        self._words = Words()
        self._filed = 0  # ever
        self._by_term: Postings[int] = Postings()
        self._by_band: Postings[bytes] = Postings()

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
        numbers = self._words.take([term for term, _ in terms])
        kept = Kept(at, country, harm, numbers, np.array([weight for _, weight in terms], np.float32), fingerprint)
        self._entries[entry_id] = kept
        self._filed += 1
        for band in bands(fingerprint):
            self._by_band.add(band, entry_id)
        self._join(entry_id, kept, group)

    def take(self, entry_id: int) -> None:
        """Forgets a known entry, and its group if that was the last."""
        kept = self._entries[entry_id]
        self._leave(entry_id, kept)
        del self._entries[entry_id]
        self._words.leave(kept.terms)
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

    def near(self, at: datetime, country: str, harm: str, terms: Terms) -> list[Near]:
        """Groups within reach that share telling terms, closest first."""
        vector, rarity = self._vector(terms)
        telling = [(term, weight, rarity[term]) for term, weight in vector.items()]
        found = []
        for number in self._candidates(vector):
            group = self._groups[number]
            distance = group.distance(at)
            if distance > self._reach:
                continue
            alike = self._alike(telling, group, country, harm)
            if alike:
                found.append(Near(number, alike / (1 + _FADE * log2(1 + distance / self._window))))
        found.sort(key=lambda one: (-one.score, one.group))
        return found

    def reasons(self, number: int, country: str, harm: str, terms: Terms) -> tuple[str, ...]:
        """Why an entry is like a group that ``near`` gave for it."""
        vector, rarity = self._vector(terms)
        group = self._groups[number]
        shared = self._shared([(term, weight, rarity[term]) for term, weight in vector.items()], group)
        telling = nsmallest(5, shared, key=lambda t: (-shared[t], t))
        said = ["words: " + ", ".join(map(self._words.word, telling))]
        if country and group.countries[country]:
            said.append(f"country: {country}")
        if harm and group.harms[harm]:
            said.append(f"harm: {harm}")
        return tuple(said)

    def _vector(self, terms: Terms) -> tuple[dict[int, float], dict[int, float]]:
        """An unfiled entry's terms, weighed by rarity, as a unit vector, and their rarities; by the terms' numbers.

        Terms that nothing here holds count in its length alone.
        """
        numbers = self._words.numbers([term for term, _ in terms])
        weights = np.array([weight for _, weight in terms], np.float64)
        known = numbers >= 0
        rarity = self._rarity(np.where(known, self._words.seen[numbers], 0))
        values = weights * rarity
        length = float(np.sqrt(np.sum(np.square(np.where(known, values, values * self._lone()))))) or 1.0
        there = numbers[known].tolist()
        return (
            dict(zip(there, (values[known] / length).tolist(), strict=True)),
            dict(zip(there, rarity[known].tolist(), strict=True)),
        )

    def _rarity(self, seen: NDArray[Any]) -> NDArray[np.float64]:
        """How much terms tell, given how many entries hold each."""
        rare: NDArray[np.float64] = np.log(1 + (len(self._entries) + _PRIOR) / (seen + 0.5)) ** _POWER
        return rare

    def _lone(self) -> float:
        """How much a term counts in an entry's length that no other entry holds: in a small store it may yet come."""
        return 1 / (1 + len(self._entries) / _SMALL)

    def _norm(self, kept: Kept) -> float:
        """Length of a filed entry's vector as the shelf stands now."""
        seen = self._words.seen[kept.terms]
        values = kept.weights * self._rarity(seen)
        return float(np.sqrt(np.sum(np.square(np.where(seen > 1, values, values * self._lone()))))) or 1.0

    def _candidates(self, vector: dict[int, float]) -> list[int]:
        """Groups that share the most telling terms; the widest-spread terms are left out once enough came up."""
        telling = nsmallest(_PROBES, vector, key=lambda t: (-vector[t], t))
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

    def _alike(self, telling: Sequence[tuple[int, float, float]], group: _Group, country: str, harm: str) -> float:
        """Mean cosine with the group's entries, raised by shared country and harm, lowered by another country."""
        if self._filed > group.measured_at * _STALE:
            self._measure(group)
        members = len(group.members)
        shared = self._shared(telling, group)
        if len(shared) < _FEWEST_SHARED:
            return 0.0
        score = sum(shared.values())
        if country and group.countries[country]:
            score *= 1 + _SAME_COUNTRY * group.countries[country] / members
        elif country and group.countries[""] < members:
            score *= _OTHER_COUNTRY
        if harm and group.harms[harm]:
            score *= 1 + _SAME_HARM * group.harms[harm] / members
        return score

    def _shared(self, telling: Sequence[tuple[int, float, float]], group: _Group) -> dict[int, float]:
        """By term of an entry (with its weight and rarity) that the group has too, what it adds to their likeness."""
        sums, members = group.sums, len(group.members)
        return {term: weight * sums[term] * rare / members for term, weight, rare in telling if term in sums}

    def _measure(self, group: _Group) -> None:
        """Makes a group's sums anew: what is rare changes as the shelf grows."""
        old = group.sums
        sums: dict[int, float] = {}
        group.sums = sums
        for entry_id in group.members:
            kept = self._entries[entry_id]
            kept.norm = self._norm(kept)
            for term, weight in zip(kept.terms.tolist(), (kept.weights / kept.norm).tolist(), strict=True):
                sums[term] = sums.get(term, 0.0) + weight
        if len(sums) > _CENTROID:
            for term in nsmallest(len(sums) - _CENTROID, sums, key=lambda t: (sums[t], t)):
                del sums[term]
        number = self._group_of[next(iter(group.members))]
        for term in old.keys() - sums.keys():
            self._by_term.discard(term, number)
        for term in sums.keys() - old.keys():
            self._by_term.add(term, number)
        group.measured_at = self._filed

    def hood(self, number: int, close: Collection[int]) -> list[int]:
        """Entries of a group and of those close to it, as many groups as are few enough to be compared in pairs."""
        ids = sorted(self._groups[number].members)
        for other in close:
            members = self._groups[other].members if other in self._groups and other != number else ()
            if len(ids) + len(members) <= _HOOD:
                ids += members
        return sorted(ids) if len(ids) <= _HOOD else []

    def alike(self, ids: Sequence[int]) -> NDArray[np.float32]:
        """Similarities of entries with each other, ``(n, n)``, as the shelf stands now."""
        kept = [self._entries[entry_id] for entry_id in ids]
        rows = np.repeat(np.arange(len(kept)), [len(one.terms) for one in kept])
        terms = np.concatenate([one.terms for one in kept])
        weights = np.concatenate([one.weights for one in kept])
        seen = self._words.seen[terms]
        values = weights * self._rarity(seen)
        squares = np.square(np.where(seen > 1, values, values * self._lone()))
        norms = np.sqrt(np.bincount(rows, squares, minlength=len(kept)))
        norms[norms == 0] = 1.0
        _, columns, held = np.unique(terms, return_inverse=True, return_counts=True)
        # What only one of them holds likens it to none.
        telling = held[columns] > 1
        _, columns = np.unique(columns[telling], return_inverse=True)
        matrix = np.zeros((len(kept), int(columns.max(initial=0)) + 1), dtype=np.float32)
        matrix[rows[telling], columns] = (values / norms[rows])[telling]
        found: NDArray[np.float32] = matrix @ matrix.T
        return found

    def _join(self, entry_id: int, kept: Kept, number: int) -> None:
        group = self._groups.get(number)
        if group is None:
            group = self._groups[number] = _Group(measured_at=self._filed)
        self._group_of[entry_id] = number
        group.members.add(entry_id)
        group.countries[kept.country] += 1
        group.harms[kept.harm] += 1
        group.newest = kept.at if group.newest is None else max(group.newest, kept.at)
        group.oldest = kept.at if group.oldest is None else min(group.oldest, kept.at)
        kept.norm = self._norm(kept)
        for term, weight in zip(kept.terms.tolist(), (kept.weights / kept.norm).tolist(), strict=True):
            group.sums[term] = group.sums.get(term, 0.0) + weight
            self._by_term.add(term, number)
        if len(group.sums) > 2 * _CENTROID:
            for term in nsmallest(_CENTROID, group.sums, key=lambda t: (group.sums[t], t)):
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
        group.countries[kept.country] -= 1
        group.harms[kept.harm] -= 1
        for term, weight in zip(kept.terms.tolist(), (kept.weights / kept.norm).tolist(), strict=True):
            left = group.sums.get(term, 0.0) - weight
            if left > 1e-6:
                group.sums[term] = left
            else:
                group.sums.pop(term, None)
                self._by_term.discard(term, number)
        if kept.at in (group.newest, group.oldest):
            times = [self._entries[i].at for i in group.members]
            group.newest, group.oldest = max(times), min(times)
