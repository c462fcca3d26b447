"""When a report is due: ends of days, weeks, months and quarters in its own zone, whatever clocks do there."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tocsin.reports.gathering.period import Period
from tocsin.reports.models import Cadence

_DAY = timedelta(days=1)
REGULAR = (Cadence.DAILY, Cadence.WEEKLY, Cadence.MONTHLY, Cadence.QUARTERLY)


def begin_of(cadence: Cadence, day: date) -> date:
    """The first day of the period in which a day lies; a week begins on Monday."""
    match cadence:
        case Cadence.WEEKLY:
            return day - day.weekday() * _DAY
        case Cadence.MONTHLY:
            return day.replace(day=1)
        case Cadence.QUARTERLY:
            return day.replace(month=3 * ((day.month - 1) // 3) + 1, day=1)
    return day


def next_begin(cadence: Cadence, day: date) -> date:
    """The first day of the period after the one that begins on this day."""
    length = {Cadence.DAILY: 1, Cadence.WEEKLY: 7, Cadence.MONTHLY: 31, Cadence.QUARTERLY: 92}[cadence]
    return begin_of(cadence, day + length * _DAY)


def moment(day: date, zone: ZoneInfo, hour: int = 0) -> datetime:
    """The beginning of a day, or an hour of it, in that zone."""
    return datetime.combine(day, time(hour), zone)


def last_end(cadence: Cadence, now: datetime, zone: ZoneInfo) -> datetime:
    """The last moment before now at which a period of this cadence ended, in that zone."""
    return moment(begin_of(cadence, now.astimezone(zone).date()), zone)


def next_due(cadence: Cadence, covered_until: datetime, zone: ZoneInfo, hour: int) -> datetime:
    """When the next draft is due, if they reach up to this moment: in the hour after its period ended."""
    day = begin_of(cadence, covered_until.astimezone(zone).date())
    end = next_begin(cadence, day)
    return moment(end, zone, hour)


def due_period(cadence: Cadence, covered_until: datetime, now: datetime, zone: ZoneInfo) -> tuple[Period, int] | None:
    """What a draft covers now, and how many periods of it were missed; None while the next one has not ended.

    However long nothing ran, it is one draft from where the last one ended to the last end of a period.
    """
    until = last_end(cadence, now, zone)
    if until <= covered_until:
        return None
    count, day = 0, begin_of(cadence, covered_until.astimezone(zone).date())
    while moment(day, zone) < until:
        day = next_begin(cadence, day)
        count += 1
    return Period(covered_until.astimezone(zone), until), max(0, count - 1)
