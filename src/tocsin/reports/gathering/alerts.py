"""What the team was called for, and what became of it. Alerts that only named people may know of count nowhere."""

from collections.abc import Iterable

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
    rows = rows.filter(accepted_at__gte=period.since, accepted_at__lt=period.until)
    count = rows.count()
    if not count:
        return
    says = ngettext("%(n)d alert called the team.", "%(n)d alerts called the team.", count) % {"n": count}
    yield _fact("alert:came", says, count, period, reader.exercise)
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
