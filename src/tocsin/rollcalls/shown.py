"""Roll-calls, journeys and events as their pages and programs show them."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from tocsin.alerts.models import Page
from tocsin.alerts.wording import QUESTIONS
from tocsin.people.models import Person
from tocsin.rollcalls import words
from tocsin.rollcalls.models import Ask, CheckIn, Fallback, Journey, Member, Participant, RollCall, Silent
from tocsin.rollcalls.silences import subject
from tocsin.rollcalls.taking_part import Part, telling


@dataclass(frozen=True, slots=True)
class Line:
    """One person of a roll-call; ``first`` is what the person wants done first when they are silent."""

    member: Member
    name: str
    state: words.State
    first: str
    contact: str


@dataclass(frozen=True, slots=True)
class Stop:
    """One check-in of a journey."""

    checkin: CheckIn
    state: words.State


@dataclass(frozen=True, slots=True)
class Missing:
    """One silence of an event."""

    part: Silent
    name: str
    state: words.State
    since: datetime | None
    first: str
    contact: str
    rollcall: RollCall | None
    journey: Journey | None


def lines(rollcall: RollCall) -> list[Line]:
    """Everybody whom a roll-call asks: calls for help first, then silence, then the rest."""
    members = list(rollcall.members.select_related("person"))
    parts = _parts(one.person_id for one in members)
    lost = _unreachable(members, "member")
    found = [_line(one, parts.get(one.person_id), lost) for one in members]
    return sorted(found, key=lambda one: (one.state.order, one.name.casefold(), one.member.pk))


def _line(member: Member, part: Participant | None, lost: Collection[int]) -> Line:
    contact = part.contact.name if part is not None and part.contact is not None else ""
    return Line(member, member.person.name, state_of(member, lost), _first(part), contact)


def counts(found: Iterable[Line]) -> list[tuple[words.State, int]]:
    """How many stand how, in the order of the page; only for who sees the lines themselves."""
    tally: dict[words.State, int] = {}
    for one in found:
        tally[one.state] = tally.get(one.state, 0) + 1
    return list(tally.items())


def stops(journey: Journey) -> list[Stop]:
    """The check-ins of a journey that came, the newest first."""
    rows = list(journey.checkins.order_by("-due_at"))
    lost = _unreachable(rows, "checkin")
    return [Stop(one, state_of(one, lost)) for one in rows]


def missing(parts: Iterable[Silent]) -> list[Missing]:
    """The silences of an event, those that last first."""
    rows = list(parts)
    people = _parts(_person(subject(one)).pk for one in rows)
    found = [_missing(one, people) for one in rows]
    return sorted(found, key=lambda one: (one.state.order, one.name.casefold(), one.part.pk))


def _missing(part: Silent, people: Mapping[int, Participant]) -> Missing:
    row = subject(part)
    person = _person(row)
    journey = row.journey if isinstance(row, CheckIn) else None
    chosen: Participant | Journey | None = journey or people.get(person.pk)
    contact = chosen.contact.name if chosen is not None and chosen.contact is not None else ""
    rollcall = row.rollcall if isinstance(row, Member) else None
    return Missing(part, person.name, state_of(row, ()), row.asked_at, _first(chosen), contact, rollcall, journey)


def state_of(row: Member | CheckIn, lost: Collection[int] = ()) -> words.State:
    """How somebody stands. Help that nobody looked after comes before whatever was said later."""
    if row.needs_help:
        return words.state("quiet" if row.quiet else "help")
    if row.answer == "help":
        return words.state("helped")
    if row.is_silent and row.answer == "safe":
        return words.state("claimed")
    if row.answer == "safe" and not row.is_proved:
        return words.state("unproved")
    if row.answer:
        return words.state(row.answer)
    if row.silent_at is not None:
        return words.state("silent")
    if row.asks == 0:
        return words.state("waiting")
    if row.pk in lost:
        return words.state("unreachable")
    return words.state("again" if row.asks > 1 else "asked")


def own_state(row: Member | CheckIn) -> str:
    """What the person's own page says that they answered: nobody beside them sees a call for help that was unseen."""
    if row.quiet and row.answer == "help":
        return str(words.ANSWERS["safe"])
    return str(words.ANSWERS.get(row.answer, ""))


def first_of(chosen: Participant | Journey) -> str:
    """What is wanted first in silence."""
    return _first(chosen)


def previews(person: Person, part: Part) -> list[tuple[str, str]]:
    """Each question as the person's phone would show it."""
    asked = [("safe", part.own_words)] if part.safe_check else []
    asked += [("help", part.help_words)] if part.can_help else []
    with translation.override(person.language or settings.LANGUAGE_CODE):
        questions = [(str(QUESTIONS[key].words), key, own) for key, own in asked]
        if part.manner == Participant.Manner.AGREED:
            return [(question, own.strip()) for question, _key, own in questions]
        return [(question, _openly(question, key)) for question, key, _own in questions]


def is_telling(person: Person, part: Part) -> bool:
    """Whether the words could tie a phone to us."""
    return any(telling(person, one) for one in (part.own_words, part.help_words))


def _openly(question: str, key: str) -> str:
    number = "0000"
    replies = " / ".join(f"{number} {one.upper()}" for one in QUESTIONS[key].answers)
    link = f"{settings.PUBLIC_URL.rstrip('/')}/a/…"
    return f"{settings.PAGING.pager_name} 7F3K: {question} {link} " + _("Or reply: %(replies)s") % {"replies": replies}


def zone_name(journey: Journey) -> ZoneInfo:
    """The zone of a journey."""
    return ZoneInfo(journey.time_zone)


def _first(chosen: Participant | Journey | None) -> str:
    if chosen is None:
        return ""
    said = str(Fallback(chosen.fallback).label)
    if chosen.fallback == Fallback.WAIT and chosen.fallback_hours:
        return _("wait %(hours)d hours, and only then ask the contact") % {"hours": chosen.fallback_hours}
    return said


def _parts(people: Iterable[int]) -> dict[int, Participant]:
    rows = Participant.objects.filter(person__in=list(people)).select_related("contact")
    return {row.person_id: row for row in rows}


def _person(row: Member | CheckIn) -> Person:
    return row.person if isinstance(row, Member) else row.journey.person


def _unreachable(rows: Iterable[Member | CheckIn], field: str) -> set[int]:
    """Those whose newest message failed by every way, or could not be sent at all."""
    waiting = {row.pk: row.asks for row in rows if row.asks and not row.answer}
    newest: dict[int, int] = {}
    for number, notice in (
        Ask.objects.filter(**{f"{field}__in": list(waiting)}).order_by("number").values_list(field, "notice")
    ):
        newest[number] = notice
    alive = Page.objects.filter(notice__in=newest.values()).exclude(state=Page.State.FAILED)
    reached = set(alive.values_list("notice", flat=True))
    return {number for number in waiting if newest.get(number) not in reached}
