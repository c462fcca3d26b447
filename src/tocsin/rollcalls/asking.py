"""Holding a roll-call: whom it would ask, asking them, and everything that its holders do until it is closed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from tocsin.alerts import clock
from tocsin.alerts.models import Policy
from tocsin.alerts.reach import zone_of
from tocsin.lib.names import random_name
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.rollcalls.answers import MOST_ASKS, ask_once_more, confirm, options_of, stop, take
from tocsin.rollcalls.models import Member, Participant, Question, Reader, RollCall
from tocsin.rollcalls.record import note
from tocsin.rollcalls.refusals import RefusedError
from tocsin.rollcalls.taking_part import contacts
from tocsin.situations.access import situations_for

MOST_MEMBERS = 500
MOST_AN_HOUR = 6
LONGEST = timedelta(days=3)
# By hand nobody is asked again sooner than this.
PAUSE = timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of whom, and how long silence may last. Empty filters let everybody through."""

    question: Question
    once: str
    languages: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    situation: str = ""
    policy: Policy | None = None
    minutes: int = 120
    again_minutes: int = 10
    silence_minutes: int = 30
    readers: tuple[int, ...] = ()


def find(by: Person, asked: Asked) -> list[Participant]:
    """Who would be asked at this moment: those who chose this question and fit every filter, in the order of names."""
    if not by.may(Right.ROLLCALLS):
        return []
    willing = {"safe_check": True} if asked.question == Question.SAFE else {"can_help": True}
    rows = Participant.objects.filter(person__is_active=True, **willing).exclude(person=by).select_related("person")
    return [row for row in rows.order_by("person__name", "pk") if _fits(row, asked)]


def hold(by: Person, asked: Asked) -> RollCall:
    """Store a roll-call with its members; the worker asks them at once. The same ``once`` gives the one that stands.

    Raises:
        RefusedError: with what to change.
    """
    if not by.may(Right.ROLLCALLS):
        raise RefusedError(_("Only leads and responders hold roll-calls. Ask one."))
    with transaction.atomic():
        standing = RollCall.objects.filter(once=asked.once, asked_by=by).first()
        if standing is not None:
            return standing
        at = clock.now()
        found = find(by, asked)
        _check(by, asked, found, at)
        made = RollCall.objects.create(
            public_id=random_name(10),
            once=asked.once,
            question=asked.question,
            asked_by=by,
            languages=list(asked.languages),
            skills=list(asked.skills),
            zones=list(asked.zones),
            countries=list(asked.countries),
            situation=asked.situation,
            policy=asked.policy,
            again_minutes=asked.again_minutes,
            silence_minutes=asked.silence_minutes,
            asked_at=at,
            until=at + timedelta(minutes=asked.minutes),
        )
        Member.objects.bulk_create([Member(rollcall=made, person=one.person, due_at=at) for one in found])
        for person in contacts(by).filter(pk__in=asked.readers):
            Reader.objects.create(rollcall=made, person=person, by=by, at=at)
        note(by.pk, "held", made.public_id)
        return made


def let_in(by: Person, rollcall: RollCall, person: Person) -> None:
    """Let somebody hold it too: they see the answers, and are called when somebody needs help or is silent.

    Raises:
        RefusedError: when they may not hold roll-calls.
    """

    def do(row: RollCall, at: datetime) -> None:
        if not person.may(Right.ROLLCALLS):
            raise RefusedError(_("Choose somebody who may hold roll-calls: a lead or a responder."))
        Reader.objects.get_or_create(rollcall=row, person=person, defaults={"by": by, "at": at})

    _change(by, rollcall, f"let_in:{person.pk}", do, closed=True)


def extend(by: Person, rollcall: RollCall, minutes: int) -> None:
    """Let it last longer; those who are silent are asked once more.

    Raises:
        RefusedError: when it is closed, or would last for more than three days.
    """

    def do(row: RollCall, at: datetime) -> None:
        until = max(row.until, at) + timedelta(minutes=minutes)
        if minutes <= 0 or until > row.asked_at + LONGEST:
            raise RefusedError(_("A roll-call lasts three days at most. Hold a new one."))
        row.until = until
        row.members.filter(answer="").update(again_at=at)

    _change(by, rollcall, "extended", do)


def ask_again(by: Person, rollcall: RollCall) -> int:
    """Ask everybody who said nothing once more, by their next way; gives how many were asked.

    Raises:
        RefusedError: when it is closed, or they were asked a moment ago.
    """
    asked = 0

    def do(row: RollCall, at: datetime) -> None:
        nonlocal asked
        if row.members.filter(times__at__gt=at - PAUSE, answer="").exists():
            raise RefusedError(_("They were asked a moment ago. Give them three minutes."))
        for member in (
            row.members.select_for_update(of=("self",))
            .select_related("person", "rollcall")
            .filter(answer="", asks__lt=MOST_ASKS)
        ):
            asked += ask_once_more(member, at)
            member.again_at = None
            member.save()

    _change(by, rollcall, "asked_again", do)
    return asked


def answer(member: Member, said: str) -> None:
    """The person's own answer on their page, instead of by message.

    Raises:
        RefusedError: when it is no answer to this question.
    """
    with transaction.atomic():
        rollcall = RollCall.objects.select_for_update(of=("self",)).get(pk=member.rollcall_id)
        row = Member.objects.select_for_update(of=("self",)).select_related("rollcall", "person").get(pk=member.pk)
        if said not in options_of(row):
            raise RefusedError(_("Choose one of the answers."))
        take(row, said, "console", clock.now())
        note(row.person_id, "answered", rollcall.public_id)


def helped(by: Person, member: Member) -> None:
    """Somebody says that this person's call for help was looked after."""

    def do(row: RollCall, at: datetime) -> None:
        Member.objects.filter(pk=member.pk, rollcall=row, help_at__isnull=False).update(helped_at=at)

    _change(by, member.rollcall, f"helped:{member.pk}", do, closed=True)


def not_helped(by: Person, member: Member) -> None:
    """Undo ``helped``."""

    def do(row: RollCall, at: datetime) -> None:
        Member.objects.filter(pk=member.pk, rollcall=row).update(helped_at=None)

    _change(by, member.rollcall, f"not_helped:{member.pk}", do, closed=True)


def heard(by: Person, member: Member, *, done: bool = True) -> None:
    """Somebody heard from this person, whose answer came from the phone number alone; or takes that back."""

    def do(row: RollCall, at: datetime) -> None:
        confirm(Member.objects.get(pk=member.pk, rollcall=row), done=done, at=at)

    _change(by, member.rollcall, f"{'heard' if done else 'not_heard'}:{member.pk}", do, closed=True)


def close(by: Person, rollcall: RollCall) -> None:
    """Ask nobody any more, and raise no alert about who is silent still. Late answers count for a day.

    Raises:
        RefusedError: when it is closed already.
    """

    def do(row: RollCall, at: datetime) -> None:
        end(row, at)

    _change(by, rollcall, "closed", do)


def open_again(by: Person, rollcall: RollCall) -> None:
    """Undo ``close`` while its time is not over.

    Raises:
        RefusedError: when its time is over.
    """

    def do(row: RollCall, at: datetime) -> None:
        if row.until <= at:
            raise RefusedError(_("Its time is over. Hold a new one."))
        row.closed_at = None

    _change(by, rollcall, "opened_again", do, closed=True)


def end(row: RollCall, at: datetime) -> None:
    """It is over: no further message goes out. In the caller's transaction; the caller saves it."""
    row.closed_at = row.closed_at or at
    for member in row.members.filter(answer=""):
        stop(member, at)


def _change(
    by: Person, rollcall: RollCall, verb: str, do: Callable[[RollCall, datetime], None], *, closed: bool = False
) -> None:
    with transaction.atomic():
        row = RollCall.objects.select_for_update(of=("self",)).get(pk=rollcall.pk)
        if row.closed_at is not None and not closed:
            raise RefusedError(_("It is closed."))
        do(row, clock.now())
        row.changes += 1
        row.save()
        note(by.pk, verb, row.public_id)


def _fits(row: Participant, asked: Asked) -> bool:
    return (
        (not asked.languages or bool(set(asked.languages) & set(row.languages)))
        and (not asked.skills or bool(set(asked.skills) & set(row.skills)))
        and (not asked.countries or row.country in asked.countries)
        and (not asked.zones or str(zone_of(row.person)) in asked.zones)
    )


def _check(by: Person, asked: Asked, found: list[Participant], at: datetime) -> None:
    if not found:
        if asked.languages or asked.skills or asked.countries or asked.zones:
            raise RefusedError(_("Nobody who takes part fits. Take a filter away."))
        raise RefusedError(
            _("Nobody chose to be asked this: each does so under Roll-calls, My part. Until then call who is on duty.")
        )
    if len(found) > MOST_MEMBERS:
        raise RefusedError(_("That is too many people at once. Choose a smaller group."))
    if not timedelta(minutes=5) <= timedelta(minutes=asked.minutes) <= LONGEST:
        raise RefusedError(_("Let it last between five minutes and three days."))
    if not 1 <= asked.again_minutes < asked.silence_minutes < asked.minutes:
        raise RefusedError(_("First ask again, then call it silence, and both before the roll-call ends."))
    if asked.situation and not situations_for(by).filter(public_id=asked.situation).exists():
        raise RefusedError(_("There is no such situation. Leave it out, or copy its code from its page."))
    if RollCall.objects.filter(asked_by=by, asked_at__gt=at - timedelta(hours=1)).count() >= MOST_AN_HOUR:
        raise RefusedError(_("You held several within an hour. Ask the same people again from one of their pages."))
