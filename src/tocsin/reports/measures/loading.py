"""What the work takes from the team as a whole. Of so few people that it would speak of one, nothing is given."""

from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from tocsin.lib.tlp import Tlp
from tocsin.oncall.models import Load, Rest
from tocsin.reports.gathering.period import Period
from tocsin.reports.measures.base import FEWER_THAN_THREE, Better, Measure, Measured, share

_LEAST = 3
_WEEK = 7 * 86_400


def _per_person_and_week(kind: Load.Kind, period: Period) -> Measured | None:
    rows = Load.objects.filter(private=False, at__gte=period.since, at__lt=period.until)
    people = rows.values("person").distinct().count()
    if people < _LEAST:
        return None
    total = rows.filter(kind=kind).aggregate(total=Sum("amount"))["total"] or 0
    weeks = (period.until - period.since).total_seconds() / _WEEK
    return Measured(total / people / weeks, people)


def _nights(period: Period, exercise: bool) -> Measured | None:
    return None if exercise else _per_person_and_week(Load.Kind.NIGHT_PAGE, period)


def _pages(period: Period, exercise: bool) -> Measured | None:
    return None if exercise else _per_person_and_week(Load.Kind.PAGE, period)


def _exposure(period: Period, exercise: bool) -> Measured | None:
    return None if exercise else _per_person_and_week(Load.Kind.EXPOSURE, period)


def _rests(period: Period, exercise: bool) -> Measured | None:
    """Rests that a limit asked for and that somebody took over, of all of them."""
    rows = Rest.objects.filter(since__gte=period.since, since__lt=period.until)
    if exercise or rows.values("person").distinct().count() < _LEAST:
        return None
    return share(rows.filter(accepted_at__isnull=False).count(), rows.count())


PAGES = Measure(
    "pages",
    _("Pages a week"),
    _("Pages for each person who was on duty, in a week. The team as a whole, never a person; nothing at all of fewer "
      "than three people."),
    "each",
    Better.LESS,
    Tlp.AMBER_STRICT,
    _pages,
    silence=FEWER_THAN_THREE,
)  # fmt: skip
NIGHTS = Measure(
    "night-pages",
    _("Pages at night a week"),
    _("Pages between 22:00 and 08:00 where the person lives, for each person who was on duty, in a week. The team as a "
      "whole, never a person; nothing at all of fewer than three people."),
    "each",
    Better.LESS,
    Tlp.AMBER_STRICT,
    _nights,
    silence=FEWER_THAN_THREE,
)  # fmt: skip
EXPOSURE = Measure(
    "exposure",
    _("Time with distressing material"),
    _("Minutes for each person who was on duty, in a week. The team as a whole, never a person; nothing at all of "
      "fewer than three people."),
    "minutes",
    Better.LESS,
    Tlp.AMBER_STRICT,
    _exposure,
    silence=FEWER_THAN_THREE,
)  # fmt: skip
RESTS = Measure(
    "rests",
    _("Rests that somebody took over"),
    _("Of the rests that a limit asked for, the share for which a substitute accepted. Nothing at all of fewer than "
      "three people."),
    "share",
    Better.MORE,
    Tlp.AMBER_STRICT,
    _rests,
    silence=FEWER_THAN_THREE,
)  # fmt: skip
