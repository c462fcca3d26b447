"""What could not be seen: times in which a source did not look where it should have."""

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from tocsin.lib.tlp import Tlp
from tocsin.reports.facts import Fact, Nature, Source, Topic, Value
from tocsin.reports.gathering import words
from tocsin.reports.gathering.outside import OUTSIDE
from tocsin.reports.gathering.period import Gatherer, Period
from tocsin.streams.models import BlindSpot

MOST = 100
_LOST = timedelta(days=7)


def facts(period: Period, reader: Gatherer) -> Iterable[Fact]:
    """One fact for each blind spot that lay in the period, also in a part of it."""
    rows = BlindSpot.objects.filter(Q(until=None) | Q(until__gte=period.since), since__lt=period.until)
    rows = rows.filter(source__exercise=reader.exercise).select_related("source")
    for row in rows.order_by("-since", "pk")[:MOST]:
        if reader.situation or not reader.reads(row.source.readers):
            continue
        if reader.places and not reader.places & set(row.countries):
            continue
        yield _spot(row, period)
        if row.until is None and period.until - row.since > _LOST:
            yield _ask(row)


def _ask(row: BlindSpot) -> Fact:
    """A source that stays silent does not come back by itself: somebody has to pay, ask for access or give it up."""
    places = ", ".join(words.place(code) for code in row.countries) or _("no country of its own")
    values = {"source": row.source.name, "places": places, "since": words.day(row.since)}
    says = _("“%(source)s” is lost since %(since)s; it covers %(places)s. Decide on money or access to have it back, "
             "or to do without it.")  # fmt: skip
    return Fact(
        key=f"lost:{row.pk}",
        topic=Topic.ASK,
        nature=Nature.RECORDED,
        says=says % values,
        sources=(Source("source", str(row.source.pk), row.source.name, reverse("streams:blind_spots"), row.since),),
        as_of=row.since,
        tlp=Tlp.AMBER,
        readers=row.source.readers,
        places=tuple(row.countries),
        exercise=row.source.exercise,
        rank=1,
    )


def _spot(row: BlindSpot, period: Period) -> Fact:
    places = ", ".join(words.place(code) for code in row.countries) or _("no country of its own")
    values = {"source": row.source.name, "places": places, "since": words.day(row.since)}
    until = min(row.until or period.until, period.until)
    days = max(1, round((until - max(row.since, period.since)).total_seconds() / 86_400))
    if row.until is None:
        says = _("Nothing came from “%(source)s” since %(since)s; it covers %(places)s.") % values
    else:
        values["until"] = words.day(row.until)
        says = _("Nothing came from “%(source)s” from %(since)s to %(until)s; it covers %(places)s.") % values
    plain = _("A source was silent for about %(days)d days of this period; what happened then may be missing here.")
    return Fact(
        key=f"blind:{row.pk}",
        topic=Topic.BLIND,
        nature=Nature.RECORDED,
        says=says,
        sources=(Source("source", str(row.source.pk), row.source.name, reverse("streams:blind_spots"), row.since),),
        as_of=until,
        # Where nobody looks is what somebody who hides would like to know.
        tlp=Tlp.AMBER,
        readers=row.source.readers,
        value=Value(days, "days"),
        places=tuple(row.countries),
        exercise=row.source.exercise,
        rank=days,
        words=dict.fromkeys(OUTSIDE, plain % {"days": days}),
    )
