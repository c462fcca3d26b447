"""What the team was called for, and what became of it. Alerts that only named people may know of count nowhere."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tocsin.alerts.models import Alert
from tocsin.lib.tlp import Tlp
from tocsin.reports.facts import Fact, Nature, Source, Topic, Value
from tocsin.reports.gathering.period import Gatherer, Period


def facts(period: Period, reader: Gatherer) -> Iterable[Fact]:
    """How many alerts came, and how those ended that are over."""
    if reader.situation or reader.places or reader.harms:
        return
    # What asks a person for a yes or tells them of a task is no alarm that could be false.
    rows = Alert.objects.exclude(kind__startswith="plan_").filter(
        named=False, readers=0, drill=False, exercise=reader.exercise
    )
    yield from _answered(rows, period, reader.exercise)
    rows = rows.filter(accepted_at__gte=period.since, accepted_at__lt=period.until)
    count = rows.count()
    if not count:
        return
    says = ngettext("%(n)d alert called the team.", "%(n)d alerts called the team.", count) % {"n": count}
    came = _course(rows.values_list("accepted_at", flat=True), period)
    yield replace(_fact("alert:came", says, count, period, reader.exercise), course=came)
    for outcome, one, many in (
        (
            Alert.Outcome.TRUE,
            _("%(n)d alert turned out to be right."),
            _("%(n)d alerts turned out to be right."),
        ),
        (Alert.Outcome.FALSE, _("%(n)d alert was false."), _("%(n)d alerts were false.")),
    ):
        ended = rows.filter(outcome=outcome).count()
        if ended:
            text = (one if ended == 1 else many) % {"n": ended}
            yield _fact(f"alert:{outcome.value}", text, ended, period, reader.exercise)


def _answered(rows: QuerySet[Alert], period: Period, exercise: bool) -> Iterator[Fact]:
    """How many alerts somebody took up. Inside alone: beside what came it tells how many waited."""
    at = rows.filter(first_answered_at__gte=period.since, first_answered_at__lt=period.until)
    moments = list(at.values_list("first_answered_at", flat=True))
    if moments:
        says = ngettext("%(n)d alert was answered.", "%(n)d alerts were answered.", len(moments))
        fact = _fact("alert:answered", says % {"n": len(moments)}, len(moments), period, exercise)
        yield replace(fact, tlp=Tlp.AMBER, course=_course(moments, period))


def _course(moments: Iterable[datetime | None], period: Period) -> tuple[tuple[datetime, float], ...]:
    """How many on each day."""
    known = [one for one in moments if one is not None]
    return tuple((day, float(sum(day <= one < end for one in known))) for day, end in period.days())


def _fact(key: str, says: str, count: int, period: Period, exercise: bool) -> Fact:
    return Fact(
        key=key,
        topic=Topic.ACTIVITY,
        nature=Nature.RECORDED,
        says=says,
        sources=(Source("alerts", "", _("The list of alerts"), reverse("alerts:index"), period.until),),
        as_of=period.until,
        tlp=Tlp.GREEN,
        value=Value(count, "alerts"),
        exercise=exercise,
        rank=count,
    )
