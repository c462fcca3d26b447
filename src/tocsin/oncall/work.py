"""What the worker does for this room: ends what is over, and sees to it that nobody gives more than duty may ask.

Past a limit the rota goes round the person and somebody is asked to stand in. The lead is told by whoever follows the
rows of rest that nobody was told of (``lead_told_at``). Each part may be killed anywhere and done again.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from tocsin.lib.claims import advance, database_now, hold, position
from tocsin.oncall import resting, schedule, swapping, toll
from tocsin.oncall.duty import Roster, zone_of
from tocsin.oncall.models import Absence, Limits, Load, Rest, Swap
from tocsin.oncall.walltime import night

COMPARED = "oncall.compared"
_EVERY_SECONDS = 60
_KEPT = timedelta(days=400)
# What was noted by a machine whose clock is a little ahead counts too.
_CLOCKS_DIFFER = timedelta(minutes=5)


def step() -> bool:
    """End swaps that nobody agreed to in time and rests that are over; once a minute compare loads with limits."""
    if not hold("oncall.work"):
        return False
    now = database_now()
    worked = bool(swapping.lapse(now)) | bool(resting.close_past(now))
    minute = int(now.timestamp()) // _EVERY_SECONDS
    if position(COMPARED) >= minute:
        return worked
    begun = compare(now)
    _forget(now - _KEPT)
    advance(COMPARED, minute)
    return worked or bool(begun)


def _forget(before: datetime) -> None:
    """What duty cost, who was away and who rested is nobody's business after a year and a bit."""
    Load.objects.filter(at__lt=before).delete()
    Absence.objects.filter(until__lt=before).delete()
    Rest.objects.filter(ended_at__lt=before).delete()
    Swap.objects.filter(ended_at__lt=before).exclude(state=Swap.State.AGREED).delete()


def compare(now: datetime) -> list[Rest]:
    """Begin a rest for everybody who reached a limit and is on duty, or would be before a rest were over."""
    roster = Roster.load(since=now - toll.WEEK, now=now)
    limits = toll.limits_of(set(roster.people))
    reached = _reached(roster, limits, now)
    resting_now = set(Rest.objects.filter(ended_at=None).values_list("person_id", flat=True))
    begun = []
    for pk, why in reached.items():
        until = now + timedelta(hours=limits[pk].rest_hours)
        if pk in resting_now or not _due(roster, pk, now, until):
            continue
        with transaction.atomic():
            rest = resting.open_rest(roster, roster.people[pk], why, now, until, tired=set(reached))
        if rest is not None:
            begun.append(rest)
    return begun


def _reached(roster: Roster, limits: Mapping[int, Limits], now: datetime) -> dict[int, Rest.Why]:
    """Who reached which limit. After a rest, counting begins anew."""
    since = now - toll.WEEK
    spans = toll.on_duty_spans(roster, since, now)
    loads = toll.loads(set(roster.people), since, now + _CLOCKS_DIFFER, private=True)
    rested = {one.person_id: one.ended_at for one in Rest.objects.filter(ended_at__gt=since).order_by("ended_at")}
    found: dict[int, Rest.Why] = {}
    for pk, person in roster.people.items():
        begin = rested.get(pk) or since
        zone = zone_of(person)
        figures = toll.toll_of(spans.get(pk, ()), loads[pk], zone, begin)
        # A night counts here once it is over: whoever holds the last one that they may is not sent off in the middle.
        mine = toll.cut(spans.get(pk, ()), begin)
        nights = sum(1 for evening in toll.nights(mine, zone) if not _is_tonight(evening, now, zone))
        why = _limit(replace(figures, nights=nights), limits[pk])
        if why is not None and person.is_active:
            found[pk] = why
    return found


def _is_tonight(evening: date, now: datetime, zone: ZoneInfo) -> bool:
    begin, end = night(evening, zone)
    return begin <= now < end


def _limit(figures: toll.Toll, limits: Limits) -> Rest.Why | None:
    if figures.exposure_minutes >= limits.exposure_minutes:
        return Rest.Why.EXPOSURE
    if figures.night_pages >= limits.night_pages:
        return Rest.Why.PAGES
    if figures.hours >= limits.hours:
        return Rest.Why.HOURS
    return Rest.Why.NIGHTS if figures.nights >= limits.nights else None


def _due(roster: Roster, person: int, since: datetime, until: datetime) -> bool:
    """Whether somebody holds any rota between two moments."""
    return any(
        slot.person == person for rota in roster.rotas for slot in schedule.slots(roster.plan(rota), since, until)
    )
