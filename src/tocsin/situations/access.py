"""How situations are obtained: only those that a person may read, through every merge."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Self

from django.db.models import F, Q, QuerySet
from django.http import Http404

from tocsin.lib.claims import position
from tocsin.people.access import readable
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.signals.models import Change
from tocsin.situations.models import Member, MembershipEvent, Situation, ThreatLevel
from tocsin.situations.standing import plain_title
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
    """Give these rows, which are not to be saved, plain titles where theirs may hold what was restricted since."""
    own = {row.pk: row for row in rows if not row.title_by_person}
    if own and _restricting():
        for number in _strayed().filter(situation__in=own).values_list("situation", flat=True):
            own[number].title = plain_title(own[number])


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
    """Threat levels as one person may read them, not to be saved.

    They rested on nothing that was restricted then. What they name of situations that were restricted since is left
    out, and so are the clues where those came from one.
    """

    reader: Person | None = None

    def _clone(self) -> Self:
        made: Self = super()._clone()  # type: ignore[misc]
        made.reader = self.reader
        return made

    def _fetch_all(self) -> None:
        fresh = self._result_cache is None
        super()._fetch_all()
        rows = [one for one in self._result_cache or () if isinstance(one, ThreatLevel)]
        if not fresh or not rows or self.reader is None:
            return
        named = {one for row in rows for one in row.moved_by}
        known = Situation.objects.filter(readable(self.reader), public_id__in=named)
        seen = set(known.values_list("public_id", flat=True))
        for row in rows:
            if row.moved_by and row.moved_by[0] not in seen:
                row.clues, row.rivals = [], []
            row.moved_by = [one for one in row.moved_by if one in seen]

    def iterator(self, *args: Any, **more: Any) -> Any:
        """Not for these: rows that pass one by one would pass as they were written.

        Raises:
            NotImplementedError: always.
        """
        raise NotImplementedError


def levels_for(person: Person) -> Levels:
    """Threat levels, without what became restricted since they were written."""
    rows = Levels(ThreatLevel)
    rows.reader = person
    return rows if person.may(Right.READ) else rows.none()
