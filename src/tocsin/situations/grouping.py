"""Decides which situation a signal belongs to. Its memory is a view of the membership log and can be made again."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice
from typing import TypeVar

from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone

from tocsin.analysis.text.stories import Entry, Part, Stories
from tocsin.lib.territories import INVENTED
from tocsin.signals.models import Signal
from tocsin.situations.models import Member, MembershipEvent, Situation
from tocsin.situations.reasons import Joined

RULE = "grouping/1"
_REMEMBERED = timedelta(days=45)
_MOST = 50_000
_AT_ONCE = 500
_MEASURED_WINDOW = timedelta(days=14)
# Where a text stands, and what decides which texts it may meet.
_WHERE = ("signal_id", "situation_id", "signal__readers", "signal__exercise")

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Choice:
    """Where a signal goes: a situation's number or none for a new one, why, and the text that it is a copy of.

    ``close`` are the situations that it is nearest to, for ``regrouping``.
    """

    situation: int | None
    reason: str
    copy_of: int | None = None
    close: tuple[int, ...] = ()


class Grouper:
    """Follows the membership log and answers where a new signal belongs.

    One leased process asks it at a time. It holds the texts of the last weeks in an index, not in pairs.
    """

    def __init__(self) -> None:
        self._stories = Stories(limit=_MOST)
        self._told: set[int] = set()  # situations whose first text may not be written yet
        self._alone: dict[str, set[str]] = {}  # by country, harms that were only measured; until we follow again
        self._seen = MembershipEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        recent = (
            _fitting()
            .filter(since__gte=timezone.now() - _REMEMBERED)
            .order_by("-signal")
            .values_list("signal_id", "situation_id")
        )
        chosen = {signal: situation for signal, situation in recent[:_MOST] if situation is not None}
        for signal in _walk(sorted(chosen)):
            self._stories.add(entry(signal), chosen[signal.pk])

    def follow(self) -> None:
        """Take in what people, or another machine, moved since the last time."""
        self._alone.clear()
        lines = MembershipEvent.objects.filter(pk__gt=self._seen).order_by("pk").values_list("pk", "signals")
        for told in _batched(lines, _AT_ONCE):
            ids = list(dict.fromkeys(pk for _, signals in told for pk, _ in signals))
            rows = _fitting().filter(signal__in=ids)
            now = {row[0]: row[1:] for row in rows.values_list(*_WHERE)}
            strange = [pk for pk in ids if not self._moved(pk, now.get(pk))]
            for signal in _walk(strange):
                self._stories.add(entry(signal), now[signal.pk][0])
            self._seen = told[-1][0]

    def shift(self, signals: Collection[int], situation: int) -> None:
        """Take in a move of our own at once; what is not remembered of it waits for ``follow``."""
        for signal in signals:
            if self._stories.compartment(signal) is not None:
                self._stories.move(signal, situation)

    def _moved(self, signal: int, now: tuple[int, int, bool] | None) -> bool:
        """Whether no more is to be done about a text to have it where it stands now."""
        if now is not None and self._stories.compartment(signal) == _compartment(*now[1:]):
            if self._stories.group_of(signal) != now[0]:
                self._stories.move(signal, now[0])
            return True
        self._stories.remove(signal)
        return now is None

    def choose(self, signal: Signal) -> Choice:
        """The situation that this signal belongs to, if there is one."""
        if signal.finding_id is not None:
            return _measured(signal)
        place = self._stories.place(entry(signal))
        if place.group is not None and place.copy_of is None and _is_paper_on_another_country(signal, place.group):
            return Choice(None, Joined.OTHER_COUNTRY.value)
        if place.group is None:
            return replace(self._confirming(signal), close=place.close)
        return Choice(place.group, "; ".join(place.reasons), place.copy_of, place.close)

    def parts(self, situation: int, close: Collection[int], compartment: str) -> tuple[Part, ...]:
        """How the texts of a situation and of those close to it fall together now."""
        return self._stories.regrouped(situation, close, compartment)

    def _confirming(self, signal: Signal) -> Choice:
        """The first text about what was only measured so far joins it; those after it must be like that text."""
        if signal.country and signal.harm in self._measured_alone(signal.country):
            only_measured = _untold(_near(signal)).filter(members__isnull=False, exercise=signal.exercise)
            found = only_measured.order_by("-last_at", "pk").values_list("pk", flat=True).first()
            if found is not None and found not in self._told:
                self._told.add(found)
                return Choice(found, Joined.SAYS_MEASURED.value)
        return Choice(None, Joined.NOTHING_CLOSE.value)

    def _measured_alone(self, country: str) -> set[str]:
        """Kinds of harm of which an open situation of this country may hold measurements and no text.

        One question for many texts: asked of each, it would look at every situation of its country.
        """
        if country not in self._alone:
            found = Member.objects.filter(signal__finding__isnull=False, signal__country=country)
            numbers = set(found.values_list("situation_id", flat=True)) - {None}
            harms: set[str] = set()
            for some in _batched(sorted(numbers), _AT_ONCE):
                rows = _untold(Situation.objects.filter(pk__in=some, state=Situation.State.OPEN, country=country))
                harms |= set(rows.values_list("harm", flat=True))
            self._alone[country] = harms - {""}
        return self._alone[country]

    def took(self, signal: Signal, situation: int) -> None:
        """Remember where the signal went; the last word counts."""
        if signal.finding_id is None:
            self._stories.remove(signal.pk)
            self._stories.add(entry(signal), situation)

    def wrote(self, event: int) -> None:
        """This line of the log was our own and is known."""
        self._seen = max(self._seen, event)


def _fitting() -> QuerySet[Member]:
    """Members that are for the readers of their situation; the others are on their way out of it."""
    return Member.objects.filter(situation__isnull=False, signal__readers=F("situation__readers"))


def _untold(rows: QuerySet[Situation]) -> QuerySet[Situation]:
    """Those of them that hold no text."""
    return rows.filter(~Exists(Member.objects.filter(situation=OuterRef("pk"), signal__finding=None)))


def entry(signal: Signal) -> Entry:
    """A signal as the story index takes it. Texts for different readers never meet in one situation."""
    return Entry(
        id=signal.pk,
        at=signal.at,
        country=signal.country,
        harm=signal.harm,
        terms=tuple((term, weight) for term, weight in signal.terms),
        fingerprint=bytes(signal.fingerprint),
        origin=signal.origin,
        compartment=compartment(signal),
    )


def compartment(signal: Signal) -> str:
    """Which texts may meet a signal at all."""
    return _compartment(signal.readers, signal.exercise)


def _compartment(readers: int, exercise: bool) -> str:
    return f"{readers}{'x' if exercise else ''}"


def _measured(signal: Signal) -> Choice:
    """A finding joins the newest open situation of the same kind of harm in its country, if one is recent."""
    if not signal.country or not signal.harm:
        return Choice(None, Joined.MEASURED.value)
    found = _near(signal).order_by("-last_at", "pk").values_list("pk", flat=True).first()
    return Choice(found, Joined.MEASURED_NEAR.value)


def _near(signal: Signal) -> QuerySet[Situation]:
    """Open situations of the same kind of harm in the same country, within two weeks."""
    near = Situation.objects.filter(
        state=Situation.State.OPEN,
        country=signal.country,
        harm=signal.harm,
        readers=signal.readers,
        last_at__gte=signal.at - _MEASURED_WINDOW,
        first_at__lte=signal.at + _MEASURED_WINDOW,
    )
    return near if signal.country in INVENTED else near.filter(exercise=signal.exercise)


def _is_paper_on_another_country(signal: Signal, situation: int) -> bool:
    """Reports on countries share so many words that a year of them would become one story."""
    if not signal.country or signal.item is None or signal.item.source.kind != "documents":
        return False
    return Situation.objects.filter(pk=situation).exclude(country__in=["", signal.country]).exists()


def _batched(rows: Iterable[Row], size: int) -> Iterator[list[Row]]:
    """These rows in their order, so many at once."""
    walk = iter(rows)
    while some := list(islice(walk, size)):
        yield some


def _walk(ids: Sequence[int]) -> Iterator[Signal]:
    """The texts among these signals, in order, without holding all of them at once."""
    for start in range(0, len(ids), 500):
        rows = Signal.objects.filter(pk__in=ids[start : start + 500], item__isnull=False).order_by("pk")
        yield from rows.defer("why", "summary")
