"""Checks the whole chain against the entries, and against what witnesses wrote down about it.

It reads in sequence, a few thousand rows at a time, and names each row that was changed, moved or taken away.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import Exists, OuterRef

from tocsin.audit.chain import GENESIS, digest
from tocsin.audit.models import Checkpoint, Entry, Seal
from tocsin.audit.witness import Noted

_ROWS_AT_ONCE = 2_000
_NAMED = 1_000
_COMPARED = 100
# Sealed this long after an entry that is younger by its own time: put in late, or its time is not true.
_LATE = timedelta(minutes=10)


class Kind(StrEnum):
    """What is wrong with a place of the chain."""

    CHANGED = "changed"
    MOVED = "moved"
    REWRITTEN = "rewritten"
    ENTRY_MISSING = "entry missing"
    SEAL_MISSING = "seal missing"
    CUT_OFF = "cut off"
    REBUILT = "rebuilt"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, at a sequence or from ``sequence`` to ``until``, in words for whoever investigates."""

    kind: Kind
    sequence: int
    until: int
    entry: int | None
    words: str


@dataclass(frozen=True, slots=True)
class Told:
    """How far a set of checkpoints and the chain agree."""

    checkpoints: int
    agrees_to: Noted | None


@dataclass(slots=True)
class Verdict:
    """What the check found. ``problems`` names up to 1,000; ``wrong`` counts all."""

    sealed: int = 0
    head: int = 0
    wrong: int = 0
    problems: list[Problem] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    waiting: int = 0
    waiting_entries: list[int] = field(default_factory=list)
    inside: Told = field(default_factory=lambda: Told(0, None))
    outside: Told | None = None


@dataclass(frozen=True, slots=True)
class _Failing:
    """A link whose digest does not fit its entry, kept to see whether rows changed places."""

    link: Seal
    entry: Entry


def verify(outside: list[Noted] | None = None) -> Verdict:
    """Check every link; ``outside`` is what an outside witness holds, in the order in which it was told."""
    # Checkpoints are read before the head, so that a checkpoint that is written meanwhile is not taken for a lost tail.
    inside = [Noted(one.sequence, one.digest, one.at) for one in Checkpoint.objects.order_by("pk").iterator()]
    last = Seal.objects.order_by("-sequence").first()
    reader = _Reader(last.sequence if last else 0, {one.sequence for one in [*inside, *(outside or [])]})
    reader.read()
    verdict = reader.verdict
    verdict.inside = _compare(verdict, reader.digests, inside, "this database's own checkpoint")
    if outside is not None:
        verdict.outside = _compare(verdict, reader.digests, outside, "the outside witness")
    _waiting(verdict)
    verdict.problems.sort(key=lambda one: one.sequence)
    return verdict


def _add(verdict: Verdict, problem: Problem) -> None:
    verdict.wrong += problem.until - problem.sequence + 1
    if len(verdict.problems) < _NAMED:
        verdict.problems.append(problem)


class _Reader:
    """Walks the chain once. ``digests`` keeps those at the sequences that somebody has a checkpoint of."""

    def __init__(self, head: int, marked: set[int]) -> None:
        self.verdict = Verdict(head=head)
        self.digests = {0: GENESIS}
        self._marked = marked
        self._expected, self._previous = 1, GENESIS
        self._youngest: datetime | None = None
        self._failing: list[_Failing] = []
        self._failed_at = 0

    def read(self) -> None:
        for link, entry in self._rows():
            self.verdict.sealed += 1
            self._take(link, entry)
        self._say_what_failed()

    def _rows(self) -> Iterator[tuple[Seal, Entry | None]]:
        after = 0
        while True:
            links = list(
                Seal.objects.filter(sequence__gt=after, sequence__lte=self.verdict.head).order_by("sequence")[
                    :_ROWS_AT_ONCE
                ]
            )
            if not links:
                return
            found = Entry.objects.in_bulk([link.entry for link in links])
            yield from ((link, found.get(link.entry)) for link in links)
            after = links[-1].sequence

    def _take(self, link: Seal, entry: Entry | None) -> None:
        known = link.sequence == self._expected
        if not known:
            self._report_gap(link)
        fits = entry is not None and digest(link.sequence, link.previous, link.sealed_at, entry) == link.digest
        if entry is None:
            words = f"Entry {link.entry}, sealed as {link.sequence}, is gone."
            _add(self.verdict, Problem(Kind.ENTRY_MISSING, link.sequence, link.sequence, link.entry, words))
        elif not fits:
            self._keep_failing(link, entry)
        else:
            self._look_at_time(link, entry)
        if known and link.previous != self._previous and (fits or entry is None):
            self._report_broken_link(link)
        if link.sequence in self._marked:
            self.digests[link.sequence] = link.digest
        self._expected, self._previous = link.sequence + 1, link.digest

    def _report_broken_link(self, link: Seal) -> None:
        before = link.sequence - 1
        if self._failed_at != before:
            words = f"What stands at {before} was rewritten: {link.sequence} was built on something else."
            if before == 0:
                words = "The first link is not the beginning of a chain: it was rewritten."
            at = max(before, 1)
            _add(self.verdict, Problem(Kind.REWRITTEN, at, at, None, words))

    def _report_gap(self, link: Seal) -> None:
        first, last = self._expected, link.sequence - 1
        which = f"Link {first} is" if first == last else f"Links {first} to {last} are"
        words = f"{which} gone from the chain, before entry {link.entry}."
        _add(self.verdict, Problem(Kind.SEAL_MISSING, first, last, None, words))

    def _keep_failing(self, link: Seal, entry: Entry) -> None:
        self._failed_at = link.sequence
        if len(self._failing) < _COMPARED:
            self._failing.append(_Failing(link, entry))
        else:
            _add(self.verdict, _changed(link))

    def _look_at_time(self, link: Seal, entry: Entry) -> None:
        if self._youngest is not None and entry.at < self._youngest - _LATE and len(self.verdict.doubts) < _NAMED:
            self.verdict.doubts.append(
                f"Entry {entry.pk} says {entry.at:%Y-%m-%d %H:%M:%S} UTC, but was sealed as {link.sequence}, after "
                "entries that are younger. It was put in late, its time is not true, or the clock was set back."
            )
        if self._youngest is None or entry.at > self._youngest:
            self._youngest = entry.at

    def _say_what_failed(self) -> None:
        for one in self._failing:
            place = next((other for other in self._failing if other is not one and _swapped(one, other)), None)
            if place is None:
                _add(self.verdict, _changed(one.link))
                continue
            at = one.link.sequence
            words = f"What stands at {at} has changed places with what stands at {place.link.sequence}."
            _add(self.verdict, Problem(Kind.MOVED, at, at, one.link.entry, words))


def _changed(link: Seal) -> Problem:
    words = f"Entry {link.entry}, or its link {link.sequence}, was changed after it was sealed."
    return Problem(Kind.CHANGED, link.sequence, link.sequence, link.entry, words)


def _swapped(one: _Failing, other: _Failing) -> bool:
    """Whether the link fits with the other's entry, the other's words under its own id, or the other's place."""
    link = one.link
    retold = Entry(
        pk=one.entry.pk,
        at=other.entry.at,
        actor=other.entry.actor,
        verb=other.entry.verb,
        target=other.entry.target,
        purpose=other.entry.purpose,
        facts=other.entry.facts,
    )
    return link.digest in {
        digest(link.sequence, link.previous, link.sealed_at, other.entry),
        digest(link.sequence, link.previous, link.sealed_at, retold),
        digest(other.link.sequence, link.previous, link.sealed_at, one.entry),
    }


def _compare(verdict: Verdict, digests: dict[int, str], noted: list[Noted], whose: str) -> Told:
    """Hold what was written down against the chain; the first disagreement is named, later ones follow from it."""
    agrees_to: Noted | None = None
    cut: Noted | None = None
    rebuilt: Noted | None = None
    for one in noted:
        if one.sequence > verdict.head:
            cut = one if cut is None or one.sequence > cut.sequence else cut
        elif digests.get(one.sequence) != one.digest:
            rebuilt = one if rebuilt is None or one.sequence < rebuilt.sequence else rebuilt
    for one in noted:
        sound = digests.get(one.sequence) == one.digest and (rebuilt is None or one.sequence < rebuilt.sequence)
        if sound and (agrees_to is None or one.sequence >= agrees_to.sequence):
            agrees_to = one
    if cut is not None:
        words = f"The chain ends at {verdict.head}, but {whose} of {cut.at:%Y-%m-%d %H:%M} UTC knows {cut.sequence}."
        _add(verdict, Problem(Kind.CUT_OFF, verdict.head + 1, cut.sequence, None, words))
    if rebuilt is not None:
        since = f"after {agrees_to.sequence}" if agrees_to and agrees_to.sequence else "from its beginning"
        words = (
            f"At {rebuilt.sequence} the chain is not what {whose} of {rebuilt.at:%Y-%m-%d %H:%M} UTC holds: "
            f"it was rebuilt {since}, later than that."
        )
        _add(verdict, Problem(Kind.REBUILT, rebuilt.sequence, rebuilt.sequence, None, words))
    return Told(len(noted), agrees_to)


def _waiting(verdict: Verdict) -> None:
    unsealed = Entry.objects.filter(~Exists(Seal.objects.filter(entry=OuterRef("pk"))))
    verdict.waiting = unsealed.count()
    verdict.waiting_entries = list(unsealed.order_by("pk").values_list("pk", flat=True)[:20])
