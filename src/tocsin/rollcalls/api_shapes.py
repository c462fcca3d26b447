"""What programs see of roll-calls and journeys, and what they may hand over."""

from datetime import datetime, time
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from ninja import Schema
from pydantic import AfterValidator, Field

from tocsin.alerts.models import Policy
from tocsin.lib.inputs import Country, Id, Line, Moment, refusal
from tocsin.rollcalls import shown
from tocsin.rollcalls.asking import Asked
from tocsin.rollcalls.models import CheckIn, Fallback, Journey, Member, Participant, Question, RollCall
from tocsin.rollcalls.taking_part import LONGEST_WORDS, Part
from tocsin.rollcalls.travelling import Plan

PublicId = Annotated[str, Field(pattern=r"^[0-9a-z]{1,12}$", examples=["h7k3mq2xab"])]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$", max_length=16, examples=["ar"])]
Skill = Literal["legal", "medical", "shelter", "digital", "transport", "translation", "press", "care"]
FallbackName = Literal["contact", "call", "write", "wait"]
Words = Annotated[Line, Field(max_length=LONGEST_WORDS)]
_ZONES = available_timezones()


def _zone(name: str) -> str:
    if name not in _ZONES:
        raise refusal("must be the name of a time zone, such as Africa/Lagos")
    return name


Zone = Annotated[str, Field(max_length=64, examples=["Africa/Lagos"]), AfterValidator(_zone)]


class PartIn(Schema):
    """How you take part. Addresses are numbers of your own contacts; 0 is none."""

    safe_check: bool = False
    can_help: bool = False
    manner: Literal["agreed", "open"]
    languages: list[Language] = Field(default_factory=list, max_length=20)
    skills: list[Skill] = Field(default_factory=list, max_length=20)
    country: Country | None = None
    own_words: Words = ""
    help_words: Words = ""
    address: Id | None = None
    second_address: Id | None = None
    fallback: FallbackName = "contact"
    fallback_hours: Annotated[int, Field(ge=0, le=72)] = 0
    contact: Id | None = None

    def part(self) -> Part:
        """What was chosen."""
        return Part(
            safe_check=self.safe_check,
            can_help=self.can_help,
            manner=Participant.Manner(self.manner),
            languages=tuple(self.languages),
            skills=tuple(self.skills),
            country=self.country or "",
            own_words=self.own_words,
            help_words=self.help_words,
            address=self.address or 0,
            second_address=self.second_address or 0,
            fallback=Fallback(self.fallback),
            fallback_hours=self.fallback_hours,
            contact=self.contact or 0,
        )


class PartOut(Schema):
    """How you take part. Whether you chose a quiet digit is never told."""

    opted_in_at: datetime
    safe_check: bool
    can_help: bool
    manner: str
    languages: list[str]
    skills: list[str]
    country: str
    own_words: str
    help_words: str
    address: int | None
    second_address: int | None
    fallback: str
    fallback_hours: int
    contact: int | None


class DigitIn(Schema):
    """A digit that means help, unseen; null: none."""

    digit: Annotated[int, Field(ge=3, le=9)] | None


class AnswerIn(Schema):
    """An answer to a question."""

    answer: Literal["safe", "help", "yes", "later", "no"]


class QuestionOut(Schema):
    """A question to you, with what you answered."""

    number: int
    question: str
    asked_at: datetime | None
    answer: str


class AskIn(Schema):
    """What is asked of whom. `once` is made up by you: sent again, it makes no second roll-call."""

    question: Literal["safe", "help"]
    once: Annotated[str, Field(pattern=r"^[0-9a-z]{8,32}$")]
    languages: list[Language] = Field(default_factory=list, max_length=20)
    skills: list[Skill] = Field(default_factory=list, max_length=20)
    zones: list[Zone] = Field(default_factory=list, max_length=50)
    countries: list[Country] = Field(default_factory=list, max_length=50)
    situation: PublicId | None = None
    policy: PublicId | None = None
    minutes: Annotated[int, Field(ge=5, le=4320)] = 120
    again_minutes: Annotated[int, Field(ge=1, le=4320)] = 10
    silence_minutes: Annotated[int, Field(ge=2, le=4320)] = 30
    readers: list[Id] = Field(default_factory=list, max_length=50)

    def asked(self, policy: Policy | None) -> Asked:
        """What was chosen."""
        return Asked(
            question=Question(self.question),
            once=self.once,
            languages=tuple(self.languages),
            skills=tuple(self.skills),
            zones=tuple(self.zones),
            countries=tuple(self.countries),
            situation=self.situation or "",
            policy=policy,
            minutes=self.minutes,
            again_minutes=self.again_minutes,
            silence_minutes=self.silence_minutes,
            readers=tuple(self.readers),
        )


class RollCallPreviewOut(Schema):
    """Who would be asked at this moment, by name."""

    count: int
    names: list[str]


class MemberOut(Schema):
    """One of those who are asked."""

    number: int
    name: str
    state: str = Field(
        description="help, quiet, helped, silent, claimed, unreachable, unproved, again, asked, waiting or an answer."
    )
    asks: int
    asked_at: datetime | None
    answer: str
    answered_at: datetime | None
    proved: bool = Field(description="False: nothing but the phone number, which can be forged, stands for the answer.")
    needs_help: bool
    unseen: bool = Field(description="Somebody may be watching the phone: don't call it, don't write to it.")
    first: str = Field(description="What the person wants done first in silence.")
    contact: str


class RollCallOut(Schema):
    """A roll-call that you hold or were called about."""

    id: str
    question: str
    asked_by: str | None
    asked_at: datetime
    until: datetime
    closed_at: datetime | None
    again_minutes: int
    silence_minutes: int
    situation: str


class RollCallDetail(RollCallOut):
    """The same, with everybody whom it asks: those who need something first."""

    members: list[MemberOut]


class MinutesIn(Schema):
    """By how many minutes it lasts longer."""

    minutes: Annotated[int, Field(ge=1, le=4320)]


class PersonIn(Schema):
    """Somebody, by number."""

    person: Id


class JourneyIn(Schema):
    """A journey. Check-ins are every so many hours, or at times of the day; never both."""

    person: Id
    starts_at: Moment
    ends_at: Moment
    time_zone: Zone
    watchers: list[Id] = Field(min_length=1, max_length=10)
    every_hours: Annotated[int, Field(ge=0, le=48)] = 0
    times: list[Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]] = Field(
        default_factory=list, max_length=24
    )
    grace_minutes: Annotated[int, Field(ge=10, le=360)] = 30
    country: Country | None = None
    fallback: FallbackName = "contact"
    fallback_hours: Annotated[int, Field(ge=0, le=72)] = 0
    contact: Id | None = None

    def plan(self) -> Plan:
        """What was chosen."""
        return Plan(
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            zone=ZoneInfo(self.time_zone),
            watchers=tuple(self.watchers),
            every_hours=self.every_hours,
            times=tuple(time.fromisoformat(one) for one in self.times),
            grace_minutes=self.grace_minutes,
            country=self.country or "",
            fallback=Fallback(self.fallback),
            fallback_hours=self.fallback_hours,
            contact=self.contact or 0,
        )


class CheckInOut(Schema):
    """One check-in that came."""

    number: int
    due_at: datetime
    state: str
    answer: str
    answered_at: datetime | None
    proved: bool
    needs_help: bool
    unseen: bool


class JourneyOut(Schema):
    """A journey of yours, or one that you watch."""

    id: str
    person: str
    own: bool
    agreed: bool
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    every_hours: int
    times: list[str]
    grace_minutes: int
    next_at: datetime | None
    ended_at: datetime | None
    ended_how: str
    first: str
    checkins: list[CheckInOut]


class MissingOut(Schema):
    """One silence of an event."""

    number: int
    name: str
    state: str
    asked_at: datetime | None
    first: str
    contact: str
    taken_out: bool


class SilenceOut(Schema):
    """Silences inside a measured shutdown, as far as you may know of them."""

    id: str
    country: str
    situation: str
    since: datetime
    began_at: datetime
    ended_at: datetime | None
    silent: list[MissingOut]


def part_out(row: Participant) -> PartOut:
    """How somebody takes part."""
    names = ["opted_in_at", "safe_check", "can_help", "manner", "languages", "skills", "country", "own_words"]
    names += ["help_words", "fallback", "fallback_hours"]
    plain = {name: getattr(row, name) for name in names}
    return PartOut(**plain, address=row.address_id, second_address=row.second_address_id, contact=row.contact_id)


def rollcall_fields(row: RollCall, situation: str) -> dict[str, Any]:
    """A roll-call without its members; ``situation`` is empty for who may not read it."""
    return {
        "id": row.public_id,
        "question": row.question,
        "asked_by": row.asked_by.name if row.asked_by is not None else None,
        "asked_at": row.asked_at,
        "until": row.until,
        "closed_at": row.closed_at,
        "again_minutes": row.again_minutes,
        "silence_minutes": row.silence_minutes,
        "situation": situation,
    }


def member_out(line: shown.Line) -> MemberOut:
    """One line of a roll-call."""
    row = line.member
    return MemberOut(
        number=row.pk,
        name=line.name,
        state=line.state.name,
        asks=row.asks,
        asked_at=row.asked_at,
        answer=row.answer,
        answered_at=row.answered_at,
        proved=row.is_proved,
        needs_help=row.needs_help,
        unseen=row.quiet and row.needs_help,
        first=line.first,
        contact=line.contact,
    )


def journey_out(row: Journey, *, own: bool) -> JourneyOut:
    """A journey; to its traveller a call for help that was unseen is told as "safe"."""
    return JourneyOut(
        id=row.public_id,
        person=row.person.name,
        own=own,
        agreed=row.agreed_at is not None,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        time_zone=row.time_zone,
        every_hours=row.every_hours,
        times=row.times,
        grace_minutes=row.grace_minutes,
        next_at=row.next_at,
        ended_at=row.ended_at,
        ended_how=row.ended_how,
        first=shown.first_of(row),
        checkins=[_checkin(one.checkin, one.state.name, own=own) for one in shown.stops(row)],
    )


def _checkin(row: CheckIn, state: str, *, own: bool) -> CheckInOut:
    hidden = own and row.quiet
    return CheckInOut(
        number=row.pk,
        due_at=row.due_at,
        state="safe" if hidden else state,
        answer=own_answer(row) if own else row.answer,
        answered_at=row.answered_at,
        proved=row.is_proved,
        needs_help=row.needs_help and not hidden,
        unseen=row.quiet and row.needs_help and not own,
    )


def own_answer(row: Member | CheckIn) -> str:
    """What is told to the person: of a call for help that was unseen, what whoever looks on believes."""
    return "safe" if row.quiet and row.answer == "help" else row.answer
