"""How well it went: every measure of the period beside the one before, as far as there was something to measure."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from tocsin.reports.facts import Fact, Nature, Source, Topic, Value
from tocsin.reports.gathering.period import Gatherer, Period
from tocsin.reports.measures.base import Measured
from tocsin.reports.measures.registry import MEASURES
from tocsin.reports.measures.saying import said
from tocsin.reports.measures.trend import Trend, trend


def facts(period: Period, reader: Gatherer) -> Iterable[Fact]:
    """One fact for each measure that has a value. They are about all the work, so a narrowed report has none."""
    if reader.situation or reader.places or reader.harms:
        return
    for place, measure in enumerate(MEASURES.values()):
        found = trend(measure, period, exercise=reader.exercise, periods=2)
        if found.now is not None:
            yield _fact(found, found.now, period, -place, reader.exercise)


def _fact(found: Trend, now: Measured, period: Period, rank: int, exercise: bool) -> Fact:
    measure, before = found.measure, found.before
    values = {"title": str(measure.title), "now": said(now.amount, measure.unit), "n": now.of}
    says = _("%(title)s: %(now)s") % values
    if now.low is not None and now.high is not None:
        between = {"low": said(now.low, measure.unit), "high": said(now.high, measure.unit), "n": now.of}
        says += " " + _("(it may lie between %(low)s and %(high)s, out of %(n)d)") % between
    if before is not None:
        says += ", " + _("before %(before)s") % {"before": said(before.amount, measure.unit)}
    if measure.standard is not None:
        against = {"standard": said(measure.standard, measure.unit), "of": measure.standard_of}
        says += "; " + _("the standard is %(standard)s, %(of)s") % against
    url = reverse("reports:measures") + f"#{measure.key}"
    return Fact(
        key=f"measure:{measure.key}",
        topic=Topic.MEASURE,
        nature=Nature.RECORDED,
        says=says + ".",
        sources=(Source("measure", measure.key, f"{measure.title}: {measure.definition}", url, period.until),),
        as_of=period.until,
        tlp=measure.tlp,
        value=Value(
            now.amount, measure.unit, now.low, now.high, before.amount if before is not None else None, now.of or None
        ),
        rank=rank,
        exercise=exercise,
    )
