"""The queue of an analyst: which text waits next, what stands beside it, and how far today's work has come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from tocsin.alerts.models import Alert
from tocsin.people.models import Person
from tocsin.signals.access import signals_for
from tocsin.signals.actions import ANSWERS
from tocsin.signals.models import Correction, Signal
from tocsin.situations.access import situations_for
from tocsin.situations.models import Member, Situation

AHEAD = 12  # texts listed behind the one in hand
_COUNTED = 500  # more than this nobody does in a day
_PAGED = timedelta(days=365)
_LIKE_IT = timedelta(days=14)
# Where nobody was paged in a year: one of our own, in some danger to life or liberty, as likely as not.
_NOBODY_PAGED = 1.5


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the work of today is. ``paged``: the line is what paged somebody this year; else a fixed one."""

    done: int
    left: int
    more: bool
    line: float
    paged: bool
    below: bool

    @property
    def whole(self) -> int:
        """What was answered today and what is left above the line."""
        return self.done + self.left


@dataclass(frozen=True, slots=True)
class Beside:
    """What a text stands in: its situation, what else waits there, and where that situation might belong."""

    situation: Situation | None
    waiting: int
    signals: int
    alike: Sequence[Situation]


def waiting(person: Person) -> QuerySet[Signal]:
    """The texts that wait for anybody's answer and that this person may read, by expected harm."""
    return signals_for(person).filter(waiting=True).order_by("-expected", "-pk")


def behind(rows: QuerySet[Signal], place: tuple[float, int] | None) -> QuerySet[Signal]:
    """Those of the queue that come after a place in it, given as expected harm and number."""
    if place is None:
        return rows
    expected, number = place
    return rows.filter(Q(expected__lt=expected) | Q(expected=expected, pk__lt=number))


def progress(person: Person, midnight: datetime) -> Progress:
    """What this person answered since ``midnight``, and how much is left above what paged anybody this year."""
    mine = Correction.objects.filter(by=person, at__gte=midnight, field__in=ANSWERS, undone_at=None)
    done = mine.values("signal").distinct().count()
    line = _paged_from(person)
    rows = waiting(person)
    least = line if line is not None else _NOBODY_PAGED
    left = rows.filter(expected__gte=least)[: _COUNTED + 1].count()
    below = not left and rows.exists()
    return Progress(done, min(left, _COUNTED), left > _COUNTED, least, line is not None, below)


def _paged_from(person: Person) -> float | None:
    """The least that was expected of a situation that paged somebody this year; None where nobody was paged.

    A situation is worth its worst text. Only what this person may read counts.
    """
    keys = Alert.objects.filter(kind="situation", accepted_at__gte=timezone.now() - _PAGED)
    names = [key.partition(":")[2] for key in keys.values_list("reference", flat=True)]
    if not names:
        return None
    mine = situations_for(person).filter(public_id__in=names)
    worst = Member.objects.filter(situation__in=mine, signal__finding=None).values("situation")
    found = [one["worst"] for one in worst.annotate(worst=Max("signal__expected"))]
    return min((one for one in found if one), default=None)


def beside(person: Person, signal: Signal) -> Beside:
    """What stands beside a text in hand."""
    home = situations_for(person).filter(members__signal=signal).first()
    if home is None:
        return Beside(None, 0, 0, ())
    others = waiting(person).filter(pk__in=Member.objects.filter(situation=home).values("signal"))
    return Beside(home, others.exclude(pk=signal.pk).count(), home.signals, _alike(person, home))


def _alike(person: Person, home: Situation) -> Sequence[Situation]:
    """Open situations of the same country around the same days, those of the same harm first."""
    if not home.country:
        return ()
    rows = situations_for(person).filter(state=Situation.State.OPEN, country=home.country, readers=home.readers)
    near = rows.filter(last_at__gte=home.first_at - _LIKE_IT, first_at__lte=home.last_at + _LIKE_IT)
    found = list(near.filter(exercise=home.exercise).exclude(pk=home.pk).order_by("-rank", "-pk")[:20])
    return sorted(found, key=lambda one: one.harm != home.harm)[:6]


def together(person: Person, signal: Signal, *, siblings: bool) -> list[Signal]:
    """The texts that one answer is for: this one, its copies and, if asked for, what waits beside it and reads alike.

    Alike means in the same situation, with the same kind of harm and the same link to us.
    """
    also = Q(copy_of=signal)
    home = situations_for(person).filter(members__signal=signal).first()
    if home is not None and siblings:
        inside = Member.objects.filter(situation=home).values("signal")
        same = Signal.objects.filter(pk__in=inside, waiting=True, harm=signal.harm, our_link=signal.our_link)
        also |= Q(pk__in=same.values("pk")) | Q(copy_of__in=same.values("pk"))
    mine = signals_for(person).filter(also, finding=None, readers=signal.readers).exclude(pk=signal.pk)
    return [signal, *mine.order_by("-expected", "-pk")[:50]]


def unjudged(person: Person, most: int = 5) -> list[Situation]:
    """Open situations that no person has judged, the worst first."""
    rows = situations_for(person).filter(state=Situation.State.OPEN).exclude(probability_rule="")
    return list(rows.exclude(harm="", our_link=False).order_by("-rank", "-pk")[:most])


def answered(signal: Signal) -> Correction | None:
    """The newest standing answer for a text."""
    rows = Correction.objects.filter(signal=signal, field__in=ANSWERS, undone_at=None)
    return rows.select_related("by").order_by("-pk").first()
