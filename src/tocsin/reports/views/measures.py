"""How well it goes: each measure with its definition, its range and how it moved; and the picture of forecasts."""

from collections.abc import Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from tocsin.lib.tlp import Tlp
from tocsin.people.access import needs, person_of
from tocsin.people.roles import Right
from tocsin.reports import access, calendar
from tocsin.reports.gathering.period import Period
from tocsin.reports.measures.base import Measure
from tocsin.reports.measures.forecasting import calibration, scored
from tocsin.reports.measures.registry import MEASURES
from tocsin.reports.measures.trend import PERIODS, trend
from tocsin.reports.models import Cadence
from tocsin.reports.shown import MeasureLine, dots, measure_line

_OVER = {"week": Cadence.WEEKLY, "month": Cadence.MONTHLY, "quarter": Cadence.QUARTERLY}


@require_safe
@needs(Right.READ)
@never_cache
def measures(request: HttpRequest) -> HttpResponse:
    """Every measure of the last whole week, month or quarter; who drafts no reports sees those that anybody may."""
    person = person_of(request)
    chosen = request.GET.get("over", "")
    over = chosen if chosen in _OVER else "month"
    last = _last(_OVER[over])
    shown = [one for one in MEASURES.values() if access.takes_part(person) or one.tlp is Tlp.CLEAR]
    period = _with_numbers(last, shown)
    found = [measure_line(trend(one, period, exercise=settings.EXERCISE)) for one in shown]
    first = period
    for _each in range(PERIODS - 1):
        first = first.before()
    whole = Period(first.since, period.until)
    steps = list(calibration(scored(whole, settings.EXERCISE)))
    context = {
        "lines": [one for one in found if one.has_number],
        "silent": _silent(found),
        "steps": steps,
        "dots": dots(steps),
        "over": over,
        "lengths": [("week", _("the last week")), ("month", _("the last month")), ("quarter", _("the last quarter"))],
        "period": period,
        "empty": last if last != period else None,
        "whole": whole,
    }
    return render(request, "reports/measures.html", context)


def _silent(found: Sequence[MeasureLine]) -> list[tuple[str, list[MeasureLine]]]:
    """Measures without a number now and before, together under what that means."""
    groups: dict[str, list[MeasureLine]] = {}
    for one in found:
        if not one.has_number:
            groups.setdefault(str(one.trend.measure.silence), []).append(one)
    return list(groups.items())


def _with_numbers(last: Period, shown: Sequence[Measure]) -> Period:
    """The newest of the last whole periods in which anything was measured; the last one where nothing was in any."""
    period = last
    for _each in range(PERIODS):
        found = (one.count(period, settings.EXERCISE) for one in shown)
        # A nought that was counted is a number, but one that is always there.
        if any(one is not None and (one.of or one.amount) for one in found):
            return period
        period = period.before()
    return last


def _last(cadence: Cadence) -> Period:
    """The last whole period of this cadence where the reader is."""
    here = timezone.get_current_timezone()
    zone = here if isinstance(here, ZoneInfo) else ZoneInfo("UTC")
    until = calendar.last_end(cadence, timezone.now(), zone)
    since = calendar.begin_of(cadence, until.date() - timedelta(days=1))
    return Period(calendar.moment(since, zone), until)
