"""Clocks of people who write to us: told by month, by rows that belong to no letter and to no case."""

from collections.abc import Iterable, Iterator
from datetime import date

from django.utils.translation import gettext_lazy as _

from tocsin.cases.models import Outcome
from tocsin.lib.tlp import Tlp
from tocsin.mailbox.clocks import ACKNOWLEDGE as LETTER_ACKNOWLEDGED
from tocsin.mailbox.clocks import REPLY
from tocsin.mailbox.models import Measured as Ended
from tocsin.reports.gathering.period import Period
from tocsin.reports.measures.base import FEWER_THAN_TEN, Better, Measure, Measured, share

_LEAST = 10  # of fewer, even a share would speak of single people


def months(period: Period) -> Iterator[date]:
    """The first day of every month that lies in a period as a whole."""
    day = period.first.replace(day=1)
    while day <= period.last:
        following = (day.replace(day=28) + (date(2001, 1, 5) - date(2001, 1, 1))).replace(day=1)
        if day >= period.first and following <= period.until.date():
            yield day
        day = following


def _enough(results: Iterable[str]) -> Measured | None:
    found = list(results)
    return share(found.count("met"), len(found)) if len(found) >= _LEAST else None


def _letters(clock: str, period: Period, exercise: bool) -> Measured | None:
    if exercise:
        return None
    rows = Ended.objects.filter(clock=clock, month__in=list(months(period)))
    return _enough(rows.values_list("how", flat=True))


def _acknowledged(period: Period, exercise: bool) -> Measured | None:
    return _letters(LETTER_ACKNOWLEDGED, period, exercise)


def _replied(period: Period, exercise: bool) -> Measured | None:
    return _letters(REPLY, period, exercise)


def _promises(period: Period, exercise: bool) -> Measured | None:
    if exercise:
        return None
    rows = Outcome.objects.filter(clock="promise", month__in=[f"{one:%Y-%m}" for one in months(period)])
    return _enough(rows.values_list("result", flat=True))


FIRST_REPLY = Measure(
    "first-reply",
    _("First replies in time"),
    _("Of the letters of people at risk, the share that a person acknowledged within 15 minutes. Whole months only, "
      "and never of fewer than ten."),
    "share",
    Better.MORE,
    Tlp.AMBER_STRICT,
    _acknowledged,
    silence=FEWER_THAN_TEN,
)  # fmt: skip
SUBSTANCE = Measure(
    "substance",
    _("Answers of substance in time"),
    _("Of the letters of people at risk, the share that were answered with substance within two hours. Whole months "
      "only, and never of fewer than ten."),
    "share",
    Better.MORE,
    Tlp.AMBER_STRICT,
    _replied,
    silence=FEWER_THAN_TEN,
)  # fmt: skip
PROMISES = Measure(
    "promises",
    _("Promises kept"),
    _("Of the promises made to people whose case we hold and whose day came, the share kept in time. Whole months "
      "only, and never of fewer than ten."),
    "share",
    Better.MORE,
    Tlp.AMBER_STRICT,
    _promises,
    silence=FEWER_THAN_TEN,
)  # fmt: skip
