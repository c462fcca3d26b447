"""What the worker does for this room: asks, listens, asks again, notices silence, and erases what is over.

Each part may be killed anywhere and done again: a row is locked, asked and marked in one transaction, and what it makes
has natural keys. What is overdue is done once.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TypeVar

from django.db import transaction
from django.db.models import F, Model, Q, QuerySet

from tocsin.alerts import clock
from tocsin.lib.claims import hold
from tocsin.rollcalls import answers, asking, silences, taking_part
from tocsin.rollcalls.models import SILENT, Ask, CheckIn, Journey, Member, Participant, Question, RollCall, Silence
from tocsin.rollcalls.travelling import finish, open_checkins, times_of

BATCH = 50
KEPT = timedelta(days=30)
Row = TypeVar("Row", bound=Model)


def step() -> bool:
    """Do what is due; False when nothing was."""
    if not hold("rollcalls.work"):
        return False
    # Whoever answered is not asked again, and not taken for silent.
    return any([hear(), ask(), check_in(), again(), fall_silent(), weigh(), tidy()])


def hear(limit: int = BATCH) -> bool:
    """Take the answers that came in, by whichever way."""
    unheard = Q(heard_at=None) | Q(heard_at__lt=F("notice__answered_at"))
    found = Ask.objects.filter(unheard, notice__answered_at__isnull=False).order_by("notice__answered_at")
    numbers = list(found.values_list("pk", flat=True)[:limit])
    for number in numbers:
        with transaction.atomic():
            _hear(Ask.objects.select_related("notice", "member", "checkin").get(pk=number))
    return bool(numbers)


def _hear(one: Ask) -> None:
    notice = one.notice
    if notice.answered_at is None:
        return
    _lock_parents([one.member or one.checkin])
    unheard = Q(heard_at=None) | Q(heard_at__lt=notice.answered_at)
    if not Ask.objects.filter(unheard, pk=one.pk).update(heard_at=notice.answered_at):
        return
    said = (notice.answer, notice.answered_via, notice.answered_at)
    for member in _members(Member.objects.filter(pk=one.member_id or 0)):
        answers.take(member, *said, by_sender=notice.by_sender)
    for checkin in _checkins(CheckIn.objects.filter(pk=one.checkin_id or 0)):
        answers.take(checkin, *said, by_sender=notice.by_sender)
        _close_others(checkin, notice.answered_at)


def _close_others(checkin: CheckIn, at: datetime) -> None:
    """What is said at one check-in answers those that stood open beside it; a good last one ends the journey, unless
    silence was called and only the phone number spoke since.
    """
    journey = Journey.objects.get(pk=checkin.journey_id)
    if checkin.answer == "help":
        return
    for other in open_checkins(journey):
        answers.take(other, checkin.answer, checkin.answered_via, at, by_sender=checkin.by_sender)
    wanted = journey.checkins.filter(Q(help_at__isnull=False, helped_at=None) | SILENT).exists()
    if journey.ended_at is None and journey.next_at is None and not wanted:
        finish(journey, "over" if checkin.is_proved else "unproved", at)
        journey.save()


def ask(limit: int = BATCH) -> bool:
    """Ask those who were not asked yet."""
    at = clock.now()
    waiting = Member.objects.filter(asks=0, rollcall__closed_at=None, rollcall__until__gt=at)
    return _each_member(waiting, limit, _ask_first)


def _ask_first(member: Member, at: datetime) -> None:
    if not answers.ask_once_more(member, at):
        member.again_at = None
    else:
        member.again_at = at + timedelta(minutes=member.rollcall.again_minutes)
    member.silent_after = at + timedelta(minutes=member.rollcall.silence_minutes)


def again(limit: int = BATCH) -> bool:
    """Ask those once more who said nothing, by their next way."""
    at = clock.now()
    members = Member.objects.filter(
        again_at__lte=at, answer="", asks__gt=0, rollcall__closed_at=None, rollcall__until__gt=at
    )
    checkins = CheckIn.objects.filter(again_at__lte=at, answer="", journey__ended_at=None)
    did = _each_member(members, limit, _ask_again)
    for number in list(checkins.values_list("pk", flat=True)[:limit]):
        with transaction.atomic():
            _lock_parents(CheckIn.objects.filter(pk=number))
            for row in _checkins(checkins.filter(pk=number)):
                _ask_again(row, clock.now())
                row.save()
                answers.touch(row)
                did = True
    return did


def _ask_again(row: Member | CheckIn, at: datetime) -> None:
    row.again_at = None
    if row.asks < answers.MOST_ASKS:
        answers.ask_once_more(row, at)


def check_in(limit: int = BATCH) -> bool:
    """Ask travellers whose moment has come; of several that were slept through, for the last one."""
    at = clock.now()
    due = Journey.objects.filter(next_at__lte=at, ended_at=None, agreed_at__isnull=False)
    numbers = list(due.values_list("pk", flat=True)[:limit])
    for number in numbers:
        with transaction.atomic():
            for journey in _locked(due.filter(pk=number)).select_related("person"):
                _check_in(journey, at)
    return bool(numbers)


def _check_in(journey: Journey, at: datetime) -> None:
    times = times_of(journey)
    moment = times.latest(at)
    if moment is not None:
        checkin, fresh = CheckIn.objects.get_or_create(journey=journey, due_at=moment)
        if fresh:
            grace = timedelta(minutes=journey.grace_minutes)
            asked = answers.ask_once_more(checkin, at)
            checkin.again_at = at + grace / 2 if asked else None
            checkin.silent_after = at + grace
            checkin.save()
    journey.next_at = times.next(at)
    journey.changes += 1
    journey.save(update_fields=["next_at", "changes"])


def fall_silent(limit: int = BATCH) -> bool:
    """Call it silence when the time for an answer is over, and let those know who watch over the person."""
    at = clock.now()
    quiet = Q(silent_after__lte=at, silent_at=None, answer="")
    members = list(Member.objects.filter(quiet, rollcall__closed_at=None).values_list("pk", flat=True)[:limit])
    checkins = list(CheckIn.objects.filter(quiet, journey__ended_at=None).values_list("pk", flat=True)[:limit])
    if not members and not checkins:
        return False
    cuts = silences.measured()
    with transaction.atomic():
        _lock_parents([*Member.objects.filter(pk__in=members), *CheckIn.objects.filter(pk__in=checkins)])
        rows: list[Member | CheckIn] = [
            *_members(Member.objects.filter(quiet, pk__in=members)),
            *_checkins(CheckIn.objects.filter(quiet, pk__in=checkins)),
        ]
        for row in rows:
            row.silent_at = at
            row.save(update_fields=["silent_at"])
            answers.touch(row)
        silences.place([row for row in rows if _matters(row)], cuts, at)
    return True


def _matters(row: Member | CheckIn) -> bool:
    """Whether silence is an emergency: of somebody who was asked to help it is not."""
    return isinstance(row, CheckIn) or row.rollcall.question == Question.SAFE


def weigh() -> bool:
    """Let events begin and end with what is measured."""
    events = Silence.objects.filter(ended_at=None).exists()
    alone = SILENT & Q(part=None)
    members = Member.objects.filter(alone, rollcall__closed_at=None, rollcall__question=Question.SAFE).exists()
    if not events and not members and not CheckIn.objects.filter(alone, journey__ended_at=None).exists():
        return False
    cuts, at = silences.measured(), clock.now()
    gathered = silences.gather(cuts, at)
    return silences.follow(cuts, at) or gathered


def tidy(limit: int = BATCH) -> bool:
    """Close roll-calls whose time is over; erase what ended a month ago, and the part of accounts that were closed."""
    at = clock.now()
    did = False
    for number in RollCall.objects.filter(closed_at=None, until__lte=at).values_list("pk", flat=True)[:limit]:
        with transaction.atomic():
            for row in _locked(RollCall.objects.filter(pk=number, closed_at=None, until__lte=at)):
                asking.end(row, at)
                row.changes += 1
                row.save()
                did = True
    for part in Participant.objects.filter(person__is_active=False).select_related("person")[:limit]:
        taking_part.withdraw(part.person)
        did = True
    return _erase(at - KEPT, limit) or did


def _erase(before: datetime, limit: int) -> bool:
    rollcalls = list(RollCall.objects.filter(closed_at__lt=before)[:limit])
    journeys = list(Journey.objects.filter(Q(ended_at__lt=before) | Q(agreed_at=None, ends_at__lt=before))[:limit])
    for rollcall in rollcalls:
        with transaction.atomic():
            answers.forget(list(rollcall.members.all()))
            rollcall.delete()
    for journey in journeys:
        with transaction.atomic():
            answers.forget(list(journey.checkins.all()))
            journey.delete()
    empty = Silence.objects.filter(ended_at__lt=before, silent=None).delete()[0]
    return bool(rollcalls or journeys or empty)


def _each_member(wanted: QuerySet[Member], limit: int, do: Callable[[Member, datetime], None]) -> bool:
    did = False
    for number in list(wanted.order_by("pk").values_list("pk", flat=True)[:limit]):
        with transaction.atomic():
            _lock_parents(Member.objects.filter(pk=number))
            # Read again under the lock: another worker may have asked, or the person answered.
            for member in _members(wanted.filter(pk=number)):
                do(member, clock.now())
                member.save()
                answers.touch(member)
                did = True
    return did


def _members(rows: QuerySet[Member]) -> QuerySet[Member]:
    return _locked(rows).select_related("rollcall", "person")


def _checkins(rows: QuerySet[CheckIn]) -> QuerySet[CheckIn]:
    return _locked(rows).select_related("journey__person")


def _lock_parents(rows: Iterable[Member | CheckIn | None]) -> None:
    """Lock roll-calls and journeys before what belongs to them, as their pages do: so nobody waits in a circle."""
    found = list(rows)
    rollcalls = {row.rollcall_id for row in found if isinstance(row, Member)}
    journeys = {row.journey_id for row in found if isinstance(row, CheckIn)}
    list(RollCall.objects.select_for_update(of=("self",)).filter(pk__in=rollcalls).order_by("pk"))
    list(Journey.objects.select_for_update(of=("self",)).filter(pk__in=journeys).order_by("pk"))


def _locked(rows: QuerySet[Row]) -> QuerySet[Row]:
    return rows.select_for_update(of=("self",))
