"""Counts rows by the reader's own days, added up by the database whatever the zone."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import groupby

from django.db.models import Case, CharField, Count, IntegerField, QuerySet, Value, When
from django.db.models.functions import Cast, Substr
from django.utils import timezone

from tocsin.signals.models import Signal

_DAY = timedelta(days=1)


def by_harm(rows: QuerySet[Signal], days: Sequence[date]) -> dict[str, Counter[date]]:
    """How many of the rows speak of each kind of harm on each of these days, which follow one another.

    A day is told from the time as it is written, in UTC: its date, and whether it stands before or after the moment at
    which a day begins where the reader is. That moment moves twice a year in most zones, so days that begin at the same
    one are counted together. Told to find the local day of each row, SQLite calls back into Python for each.
    """
    counts: dict[str, Counter[date]] = {}
    for clock, together in groupby(days, key=lambda day: midnight(day).astimezone(UTC).strftime("%H:%M")):
        same = list(together)
        first, last = midnight(same[0]), midnight(same[-1] + _DAY)
        shift = same[0] - first.astimezone(UTC).date()
        written = Cast("at", CharField())
        part = rows.filter(at__gte=first, at__lt=last).annotate(date=Substr(written, 1, 10))
        if clock == "00:00":
            part = part.annotate(begun=Value(1))
        else:
            begun = Case(When(clock__gte=clock, then=Value(1)), default=Value(0), output_field=IntegerField())
            part = part.annotate(clock=Substr(written, 12, 5)).annotate(begun=begun)
        for harm, day, has_begun, count in part.values_list("harm", "date", "begun").annotate(Count("pk")):
            local = date.fromisoformat(day) + shift - (timedelta(0) if has_begun else _DAY)
            counts.setdefault(harm, Counter())[local] += count
    return counts


def midnight(day: date) -> datetime:
    """When a day begins where the reader is."""
    return datetime.combine(day, datetime.min.time(), tzinfo=timezone.get_current_timezone())
