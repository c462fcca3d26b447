"""Local wall-clock time as moments, over every jump that a zone makes."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_SECOND = timedelta(seconds=1)


def moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The moment, in UTC, at which a clock in the zone first shows this time on this day.

    A time that the clock skips is the first moment after the skip; of a time that it shows twice, the first counts.
    """
    local = datetime.combine(day, at.replace(tzinfo=None, fold=0), zone)
    later = local.astimezone(UTC)
    if later.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return later
    return _jump(local.replace(fold=1).astimezone(UTC), later, zone)


def _jump(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The moment between the two at which the zone's clock jumps; zones jump at whole seconds."""
    offset = after.astimezone(zone).utcoffset()
    while after - before > _SECOND:
        middle = before + (after - before) // 2
        middle = middle.replace(microsecond=0) if middle.replace(microsecond=0) > before else middle
        if middle.astimezone(zone).utcoffset() == offset:
            after = middle
        else:
            before = middle
    return after.replace(microsecond=0)


def local_date(at: datetime, zone: ZoneInfo) -> date:
    """The day that a calendar in the zone shows at this moment."""
    return at.astimezone(zone).date()


def night(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The night that begins on this evening: from 22:00 to 08:00 in the zone, as moments."""
    return moment(day, NIGHT_FROM, zone), moment(day + timedelta(days=1), NIGHT_UNTIL, zone)


def at_night(at: datetime, zone: ZoneInfo) -> bool:
    """Whether a clock in the zone shows a time of the night."""
    shown = at.astimezone(zone).time()
    return shown >= NIGHT_FROM or shown < NIGHT_UNTIL


NIGHT_FROM, NIGHT_UNTIL = time(22), time(8)
