"""Asking one person once more, and taking what they say, whichever way it comes."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import F

from tocsin.alerts import actions as alerts
from tocsin.alerts import telling
from tocsin.alerts.models import Lane
from tocsin.alerts.wording import QUESTIONS
from tocsin.people.models import Person
from tocsin.rollcalls import raising
from tocsin.rollcalls.models import Ask, CheckIn, Journey, Member, Participant, Question, RollCall, Silence
from tocsin.rollcalls.taking_part import ways

QUIET = "quiet"
# Nobody is asked more often than this about one thing.
MOST_ASKS = 6


def ask_once_more(row: Member | CheckIn, at: datetime) -> bool:
    """Ask, the first time or again by the next way; False when nobody can be asked. In the caller's transaction, with
    the row locked; the caller saves it.
    """
    part = Participant.objects.select_related("address", "second_address").filter(person=person_of(row)).first()
    row.asked_at = row.asked_at or at
    row.asks += 1
    if part is None:
        return False
    agreed = part.manner == Participant.Manner.AGREED
    chosen = ways(part) if agreed else []
    words = _own_words(part, row) if agreed else ""
    if agreed and (not chosen or not words):
        # Better not asked than asked openly on a phone that must show no tie to us.
        return False
    stop(row, at)
    notice = alerts.ask(
        person_of(row),
        f"{_reference(row)}:{row.pk}:{row.asks}",
        words_of(row),
        options_of(row, part),
        _until(row, at),
        lane=Lane.WAKE if words_of(row) == Question.HELP else Lane.LIFE,
        own_words=words,
        address=chosen[(row.asks - 1) % len(chosen)] if chosen else None,
    )
    member, checkin = (row, None) if isinstance(row, Member) else (None, row)
    Ask.objects.get_or_create(member=member, checkin=checkin, number=row.asks, defaults={"notice": notice, "at": at})
    return True


def take(row: Member | CheckIn, answer: str, via: str, at: datetime, *, by_sender: bool = False) -> None:
    """Take an answer, in the caller's transaction with the row locked. A later one counts as well, but help that was
    asked for stays until somebody looked after it.

    ``by_sender``: nothing but its sender says whose answer it is. A call for help counts all the same; anything else
    takes no proved answer's place.
    """
    if by_sender and row.is_proved and answer not in {"help", QUIET}:
        stop(row, at)
        return
    row.answer = "help" if answer == QUIET else answer
    row.answered_at, row.answered_via, row.again_at = at, via[:12], None
    row.by_sender, row.confirmed_at = by_sender, None
    if row.answer == "help":
        row.help_at, row.helped_at, row.quiet = at, None, answer == QUIET
    row.save()
    stop(row, at)
    touch(row)
    if row.answer == "help":
        raising.help_wanted(row)


def confirm(row: Member | CheckIn, *, done: bool, at: datetime) -> None:
    """A person heard from them, or takes that back: only of an answer that nothing but its sender stands for."""
    type(row).objects.filter(pk=row.pk, by_sender=True).exclude(answer="").update(confirmed_at=at if done else None)


def stop(row: Member | CheckIn, at: datetime) -> None:
    """Let no further message of this question go out."""
    telling.stop(list(row.times.values_list("notice", flat=True)), at)


def touch(row: Member | CheckIn) -> None:
    """Whoever looks at it sees it anew."""
    if isinstance(row, Member):
        RollCall.objects.filter(pk=row.rollcall_id).update(changes=F("changes") + 1)
        Silence.objects.filter(silent__member=row).update(changes=F("changes") + 1)
    else:
        Journey.objects.filter(pk=row.journey_id).update(changes=F("changes") + 1)
        Silence.objects.filter(silent__checkin=row).update(changes=F("changes") + 1)


def forget(rows: Collection[Member | CheckIn]) -> None:
    """Erase what went out to them and came back."""
    members = [row.pk for row in rows if isinstance(row, Member)]
    checkins = [row.pk for row in rows if isinstance(row, CheckIn)]
    alerts.forget(Ask.objects.filter(member__in=members).values_list("notice", flat=True))
    alerts.forget(Ask.objects.filter(checkin__in=checkins).values_list("notice", flat=True))


def person_of(row: Member | CheckIn) -> Person:
    """Whom it is about."""
    return row.person if isinstance(row, Member) else row.journey.person


def words_of(row: Member | CheckIn) -> str:
    """The key of the question."""
    return row.rollcall.question if isinstance(row, Member) else "checkin"


def options_of(row: Member | CheckIn, part: Participant | None = None) -> list[str]:
    """The answers that count, in the order of their digits; a place without an answer is empty."""
    options = list(QUESTIONS[words_of(row)].answers)
    digit = part.quiet_digit if part is not None and words_of(row) != Question.HELP else None
    if digit is None:
        return options
    return options + [""] * (digit - 1 - len(options)) + [QUIET]


def _own_words(part: Participant, row: Member | CheckIn) -> str:
    return part.help_words if words_of(row) == Question.HELP else part.own_words


def _reference(row: Member | CheckIn) -> str:
    return f"rollcall:{row.rollcall.public_id}" if isinstance(row, Member) else f"journey:{row.journey.public_id}"


def _until(row: Member | CheckIn, at: datetime) -> datetime:
    if isinstance(row, Member):
        return row.rollcall.until
    return at + timedelta(minutes=2 * row.journey.grace_minutes)
