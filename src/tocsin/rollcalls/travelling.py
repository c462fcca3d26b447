"""Journeys: planned by the traveller, or by another and agreed to by the traveller, until somebody arrives."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from tocsin.alerts import clock
from tocsin.alerts.actions import remote_resolved
from tocsin.alerts.models import Alert
from tocsin.lib.names import random_name
from tocsin.lib.territories import TERRITORIES
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.rollcalls import answers
from tocsin.rollcalls.checkins import Times
from tocsin.rollcalls.models import SILENT, CheckIn, Fallback, Journey, Participant, Watcher
from tocsin.rollcalls.record import note
from tocsin.rollcalls.refusals import RefusedError
from tocsin.rollcalls.taking_part import LONGEST_WAIT_HOURS, contacts

LONGEST = timedelta(days=60)
MOST_OPEN = 5
MOST_WATCHERS = 10
SHORTEST_PAUSE = timedelta(hours=1)
GRACE = (10, 360)


@dataclass(frozen=True, slots=True)
class Plan:
    """A journey as it is planned. ``watchers`` and ``contact`` are ids of people; 0 is no contact."""

    starts_at: datetime
    ends_at: datetime
    zone: ZoneInfo
    watchers: tuple[int, ...]
    every_hours: int = 0
    times: tuple[time, ...] = ()
    grace_minutes: int = 30
    country: str = ""
    fallback: Fallback = Fallback.CONTACT
    fallback_hours: int = 0
    contact: int = 0

    @property
    def moments(self) -> Times:
        """Its check-ins."""
        return Times(self.starts_at, self.ends_at, self.zone, self.every_hours, self.times)


def times_of(journey: Journey) -> Times:
    """The check-ins of a journey."""
    listed = tuple(time.fromisoformat(one) for one in journey.times)
    return Times(journey.starts_at, journey.ends_at, ZoneInfo(journey.time_zone), journey.every_hours, listed)


def plan(by: Person, person: Person, wanted: Plan) -> Journey:
    """Plan a journey of one's own, or propose one to somebody who takes part: it begins once they agree.

    Raises:
        RefusedError: with what to change.
    """
    with transaction.atomic():
        at = clock.now()
        _check(by, person, wanted, at)
        own = by.pk == person.pk
        journey = Journey.objects.create(
            public_id=random_name(10),
            person=person,
            made_by=by,
            agreed_at=at if own else None,
            starts_at=wanted.starts_at,
            ends_at=wanted.ends_at,
            time_zone=str(wanted.zone),
            every_hours=wanted.every_hours,
            times=[f"{one:%H:%M}" for one in sorted(set(wanted.times))],
            grace_minutes=wanted.grace_minutes,
            country=wanted.country,
            fallback=wanted.fallback,
            fallback_hours=wanted.fallback_hours,
            contact=contacts(person).filter(pk=wanted.contact).first(),
            next_at=wanted.moments.next(at) if own else None,
        )
        for watcher in contacts(person).filter(pk__in=wanted.watchers):
            Watcher.objects.create(journey=journey, person=watcher)
        note(by.pk, "planned", journey.public_id)
        return journey


def agree(journey: Journey) -> None:
    """The traveller says yes to what another planned.

    Raises:
        RefusedError: when it is over.
    """

    def do(row: Journey, at: datetime) -> None:
        row.agreed_at = row.agreed_at or at
        row.next_at = times_of(row).next(at)
        if row.next_at is None:
            raise RefusedError(_("Its end has passed. Plan a new one."))

    _change(journey.person, journey, "agreed", do)


def decline(journey: Journey) -> None:
    """The traveller says no: nothing of the plan is kept."""
    with transaction.atomic():
        Journey.objects.filter(pk=journey.pk, agreed_at=None).delete()
        note(journey.person_id, "declined", journey.public_id)


def well(journey: Journey, via: str = "console") -> None:
    """The traveller says, asked or not, that they are well: that answers whatever is open, and a check-in that is due
    within the time of grace.

    Raises:
        RefusedError: when the journey is over, or was not agreed to.
    """

    def do(row: Journey, at: datetime) -> None:
        for checkin in open_checkins(row):
            answers.take(checkin, "safe", via, at)
        if row.next_at is not None and row.next_at <= at + timedelta(minutes=row.grace_minutes):
            early, _new = CheckIn.objects.get_or_create(journey=row, due_at=row.next_at)
            answers.take(early, "safe", via, at)
            row.next_at = times_of(row).next(row.next_at)
        if row.next_at is None and not row.checkins.filter(help_at__isnull=False, helped_at=None).exists():
            finish(row, "over", at)

    _change(journey.person, journey, "well", do)


def need_help(journey: Journey, via: str = "console") -> None:
    """The traveller asks for help: the watchers are called at once.

    Raises:
        RefusedError: when the journey is over, or was not agreed to.
    """

    def do(row: Journey, at: datetime) -> None:
        standing = row.checkins.select_for_update(of=("self",)).order_by("-due_at").first()
        checkin = standing or CheckIn.objects.create(journey=row, due_at=at)
        checkin.journey = row
        answers.take(checkin, "help", via, at)

    _change(journey.person, journey, "help", do)


def end(by: Person, journey: Journey, how: str) -> None:
    """It is over: the traveller arrived ("arrived") or called it off ("off"), or a watcher heard from them ("heard").

    An alert about it goes on until a person resolves it: what ended it may have been forced.

    Raises:
        RefusedError: when it is over already.
    """

    def do(row: Journey, at: datetime) -> None:
        finish(row, how, at)
        for alert in Alert.objects.filter(pk__in=row.raised.values("alert")):
            remote_resolved(alert)

    _change(by, journey, f"ended:{how}", do)


def helped(by: Person, checkin: CheckIn, *, done: bool = True) -> None:
    """A watcher says that the call for help was looked after, or takes that back."""
    with transaction.atomic():
        rows = CheckIn.objects.filter(pk=checkin.pk, help_at__isnull=False)
        rows.update(helped_at=clock.now() if done else None)
        answers.touch(checkin)
        note(by.pk, "helped" if done else "not_helped", checkin.journey.public_id)


def heard(by: Person, checkin: CheckIn, *, done: bool = True) -> None:
    """A watcher heard from the traveller, whose answer came from the phone number alone; or takes that back."""
    with transaction.atomic():
        Journey.objects.select_for_update(of=("self",)).get(pk=checkin.journey_id)
        answers.confirm(checkin, done=done, at=clock.now())
        answers.touch(checkin)
        note(by.pk, "heard" if done else "not_heard", checkin.journey.public_id)


def finish(row: Journey, how: str, at: datetime) -> None:
    """No further check-in comes, and no message goes out; the caller saves it."""
    row.ended_at, row.ended_how, row.next_at = at, how, None
    for checkin in row.checkins.all():
        answers.stop(checkin, at)
    row.checkins.update(again_at=None)


def open_checkins(journey: Journey) -> list[CheckIn]:
    """What was asked and not answered yet, or only by the phone number once silence was called; locked."""
    rows = CheckIn.objects.select_for_update(of=("self",)).select_related("journey__person")
    return list(rows.filter(Q(answer="") | SILENT, journey=journey).order_by("due_at"))


def _change(by: Person, journey: Journey, verb: str, do: Callable[[Journey, datetime], None]) -> None:
    with transaction.atomic():
        row = Journey.objects.select_for_update(of=("self",)).select_related("person").get(pk=journey.pk)
        if row.ended_at is not None:
            raise RefusedError(_("This journey is over."))
        if row.agreed_at is None and verb != "agreed":
            raise RefusedError(_("Agree to this journey first."))
        before = row.changes
        do(row, clock.now())
        row.changes = before + 1
        row.save()
        note(by.pk, verb, row.public_id)


def _check(by: Person, person: Person, wanted: Plan, at: datetime) -> None:
    if by.pk != person.pk and not by.may(Right.ROLLCALLS):
        raise RefusedError(_("Only leads and responders plan for others."))
    if not Participant.objects.filter(person=person, person__is_active=True, safe_check=True).exists():
        raise RefusedError(_("The traveller must have chosen to be asked “Are you safe?” before."))
    if Journey.objects.filter(person=person, ended_at=None).count() >= MOST_OPEN:
        raise RefusedError(_("There are five journeys already that are not over. End one."))
    if not at < wanted.ends_at <= wanted.starts_at + LONGEST or wanted.starts_at >= wanted.ends_at:
        raise RefusedError(_("It must end later than it begins and later than now, within 60 days."))
    if not wanted.watchers or len(wanted.watchers) > MOST_WATCHERS:
        raise RefusedError(_("Choose between one and ten people who are called when a check-in is missed."))
    if contacts(person).filter(pk__in=wanted.watchers).count() != len(set(wanted.watchers)):
        raise RefusedError(_("Choose watchers from the list."))
    if wanted.contact and not contacts(person).filter(pk=wanted.contact).exists():
        raise RefusedError(_("Choose a contact from the list."))
    if wanted.country and wanted.country not in TERRITORIES:
        raise RefusedError(_("Choose a country from the list."))
    _check_times(wanted)


def _check_times(wanted: Plan) -> None:
    if bool(wanted.every_hours) == bool(wanted.times) or not 0 <= wanted.every_hours <= 48 or len(wanted.times) > 24:
        raise RefusedError(_("Choose check-ins either every so many hours, or at times of the day."))
    if not GRACE[0] <= wanted.grace_minutes <= GRACE[1]:
        raise RefusedError(_("Choose a grace between ten minutes and six hours."))
    if not 0 <= wanted.fallback_hours <= LONGEST_WAIT_HOURS:
        raise RefusedError(_("Choose a wait of at most 72 hours."))
    if wanted.moments.shortest() < max(SHORTEST_PAUSE, timedelta(minutes=wanted.grace_minutes)):
        raise RefusedError(_("Leave at least an hour between check-ins, and no less than the grace."))
