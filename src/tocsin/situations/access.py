"""How situations are obtained: only those that a person may read, through every merge."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Self

from django.db.models import Exists, F, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce
from django.http import Http404

from tocsin.lib.claims import position
from tocsin.people.access import readable
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.signals.models import Change
from tocsin.situations.models import Member, MembershipEvent, Situation, ThreatLevel
from tocsin.situations.titling import plain, sentence
from tocsin.streams.models import ReadersChange

_MERGES = 50
# How far the workers came that follow a restriction: first its signals, then their situations.
_SIGNALS_FOLLOWED, _SITUATIONS_FOLLOWED = "signals.readers", "situations.changes"


class Situations(QuerySet[Situation]):
    """Situations whose titles hold no words of a text that is for other readers by now.

    A worker takes such a text out and writes the title anew. Until it did, a plain one stands in its place.
    """

    def titled(self, words: str) -> Self:
        """Those with these words in their title, as it is shown."""
        found = self.filter(title__icontains=words)
        if not _restricting():
            return found
        return found.exclude(pk__in=_strayed().filter(situation__title_by_person=False).values("situation"))

    def _fetch_all(self) -> None:
        fresh = self._result_cache is None
        super()._fetch_all()
        rows: Sequence[Any] = self._result_cache or ()
        if fresh and rows and isinstance(rows[0], Situation):
            neutral(rows)

    def iterator(self, *args: Any, **more: Any) -> Any:
        """Not for these: rows that pass one by one would pass with their titles.

        Raises:
            NotImplementedError: always.
        """
        raise NotImplementedError


def neutral(rows: Iterable[Situation]) -> None:
    """Give these rows, which are not to be saved, the titles that are shown: plain ones where theirs may hold what was
    restricted since, and what is measured in the reader's language."""
    for row in rows:
        if row.title_facts and not row.title_by_person:
            row.title = sentence(row.title_facts)
    own = {row.pk: row for row in rows if not row.title_by_person}
    if own and _restricting():
        for number in _strayed().filter(situation__in=own).values_list("situation", flat=True):
            own[number].title = sentence(plain(own[number]))


def _restricting() -> bool:
    """Whether workers have something to follow that may be a restriction."""
    if ReadersChange.objects.filter(pk__gt=position(_SIGNALS_FOLLOWED)).exists():
        return True
    return Change.objects.filter(pk__gt=position(_SITUATIONS_FOLLOWED), new=False).exists()


def _strayed() -> QuerySet[Member]:
    """Members that are for other readers than their situation, by their signal or by their item already."""
    mine = F("situation__readers")
    moved = ~Q(signal__readers=mine) | (Q(signal__item__isnull=False) & ~Q(signal__item__readers=mine))
    return Member.objects.filter(moved, situation__isnull=False)


def situations_for(person: Person) -> Situations:
    """The situations that this person may read, merged ones left out."""
    rows = Situations(Situation)
    if not person.may(Right.READ):
        return rows.none()
    return rows.filter(readable(person)).exclude(state=Situation.State.MERGED)


def titles(person: Person, public_ids: Collection[str]) -> dict[str, str]:
    """By public id, the titles of those of these situations that this person may read."""
    return {row.public_id: row.title for row in situations_for(person).filter(public_id__in=public_ids)}


def access_situation(person: Person, public_id: str) -> Situation:
    """One situation; a merged one gives the one that it went into, so that old links still lead there.

    Raises:
        Http404: when it does not exist or is not for this person; both look the same.
    """
    if not person.may(Right.READ):
        raise Http404
    found = Situation.objects.filter(readable(person), public_id=public_id).first()
    if found is None:
        raise Http404
    row = standing(found)
    neutral([row])
    return row


def standing(situation: Situation) -> Situation:
    """The situation that a merged one went into, however many merges ago."""
    for _ in range(_MERGES):
        if situation.merged_into is None:
            return situation
        situation = situation.merged_into
    return situation


def names_of(person: Person, numbers: Iterable[int]) -> dict[int, str]:
    """The public ids of those of these rows that this person may know of, merged ones as well."""
    if not person.may(Right.READ):
        return {}
    known = Situation.objects.filter(readable(person), pk__in=list(numbers))
    return dict(known.values_list("pk", "public_id"))


def log_of(person: Person, situation: Situation) -> QuerySet[MembershipEvent]:
    """The membership log of a situation that this person obtained."""
    if not person.may(Right.READ):
        return MembershipEvent.objects.none()
    lines = MembershipEvent.objects.filter(Q(situation=situation) | Q(other=situation))
    return lines.select_related("by", "undone_by")


def access_event(person: Person, situation: Situation, number: int) -> MembershipEvent:
    """One line of the log of a situation that this person obtained.

    Raises:
        Http404: when there is none in this situation's log.
    """
    line = log_of(person, situation).select_related("situation", "other").filter(pk=number).first()
    if line is None:
        raise Http404
    return line


class Levels(QuerySet[ThreatLevel]):
    """Threat levels as some may read them, not to be saved: what they name of other situations is left out."""

    open_to: Q = Q(readers=0)

    def _clone(self) -> Self:
        made: Self = super()._clone()  # type: ignore[misc]
        made.open_to = self.open_to
        return made

    def _fetch_all(self) -> None:
        fresh = self._result_cache is None
        super()._fetch_all()
        rows = [one for one in self._result_cache or () if isinstance(one, ThreatLevel)]
        if not fresh or not rows:
            return
        named = {one for row in rows for one in row.moved_by}
        known = Situation.objects.filter(self.open_to, public_id__in=named)
        seen = set(known.values_list("public_id", flat=True))
        for row in rows:
            row.moved_by = [one for one in row.moved_by if one in seen]

    def iterator(self, *args: Any, **more: Any) -> Any:
        """Not for these: rows that pass one by one would pass as they were written.

        Raises:
            NotImplementedError: always.
        """
        raise NotImplementedError


def levels_for(person: Person) -> Levels:
    """Threat levels that rest on what this person may read, as things stand now.

    A level is as high as the likeliest situation behind it. Where that one is for others by now, so is the level.
    """
    rows = _resting_on(readable(person))
    return rows if person.may(Right.READ) else rows.none()


def levels_for_all() -> Levels:
    """Threat levels that rest on what everybody of the team may read: for what leaves, and for who is nobody."""
    return _resting_on(Q(readers=0))


def _resting_on(open_to: Q) -> Levels:
    rows = Levels(ThreatLevel)
    rows.open_to = open_to
    behind = Situation.objects.filter(open_to, public_id=OuterRef("likeliest"))
    rows = rows.alias(likeliest=Coalesce(KT("moved_by__0"), Value("", TextField())))
    return rows.filter(Q(likeliest="") | Exists(behind))


def heights(person: Person) -> list[tuple[str, str, float]]:
    """How high the threat is now: country, harm and probability, above nought, the highest last.

    What the map draws is what the page of a country and the API say, to the same reader at the same moment.
    """
    # There are thousands of levels, and whole rows of them would take longer than the rest of a page.
    now = levels_for(person).filter(current=True, probability__gt=0)
    return sorted(now.values_list("country", "harm", "probability"), key=lambda one: one[2])
