"""What programs see of duty, and what they may hand over."""

from datetime import date, datetime, time
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import AfterValidator, Field

from tocsin.lib.inputs import Id, Line, Moment, refusal
from tocsin.lib.pages import Part
from tocsin.oncall.actions import Bounds, Turns
from tocsin.oncall.duty import Duty, Gap, Handover, Shift
from tocsin.oncall.models import EVERY_DAY, Absence, CalendarLink, Layer, Limits, Override, Rest, Rota, Swap
from tocsin.oncall.preview import Preview
from tocsin.oncall.toll import Share, Strain
from tocsin.people.models import Person

PublicId = Annotated[str, Field(pattern=r"^[0-9a-z]{1,12}$", examples=["h7k3mq2x"])]
Unit = Literal["hour", "day", "week"]
_EARLIEST, _LATEST = date(1990, 1, 1), date(2190, 1, 1)


def _in_reach(day: date) -> date:
    if not _EARLIEST <= day <= _LATEST:
        raise refusal("must lie between the years 1990 and 2190")
    return day


def _plain(at: time) -> time:
    if at.tzinfo is not None:
        raise refusal("must be a time without a zone, such as 09:00; the zone stands beside it")
    return at


Day = Annotated[date, AfterValidator(_in_reach)]
Clock = Annotated[time, AfterValidator(_plain)]


class PersonOut(Schema):
    """Somebody of the team."""

    id: int
    name: str


class RotaOut(Schema):
    """One duty that one person at a time holds."""

    id: str
    name: str
    time_zone: str
    ended_at: datetime | None


class DutyOut(Schema):
    """Who holds a rota now. `person` null: nobody. `until` null: for more than two months."""

    rota: RotaOut
    person: PersonOut | None
    since: datetime | None
    until: datetime | None
    next: PersonOut | None
    because: str


class ShiftOut(Schema):
    """A stretch of duty. `person` null: a gap, which nobody holds."""

    rota: str
    person: PersonOut | None
    since: datetime
    until: datetime
    because: str
    instead_of: PersonOut | None


class HandoverOut(Schema):
    """A moment at which a rota changes hands, and the same on the clocks of both."""

    at: datetime
    giver: PersonOut | None
    taker: PersonOut | None
    giver_local: datetime
    taker_local: datetime


class LayerOut(Schema):
    """People who take turns. Those of a higher position cover those below."""

    id: int
    position: int
    name: str
    people: list[int]
    starts_on: date
    handover_at: time
    time_zone: str
    unit: Unit
    length: int
    weekdays: list[int] = Field(description="0 is Monday.")
    from_time: time | None
    until_time: time | None
    closed_at: datetime | None


class LayerIn(Schema, extra="forbid"):
    """A whole layer. Hours divide the day: 1, 2, 3, 4, 6, 8 or 12."""

    name: Annotated[Line, Field(max_length=80)] = ""
    people: Annotated[list[Id], Field(min_length=1, max_length=100)]
    starts_on: Day
    handover_at: Clock
    time_zone: Annotated[Line, Field(max_length=64)] = "UTC"
    unit: Unit = "day"
    length: Annotated[int, Field(ge=1, le=60)] = 1
    weekdays: Annotated[list[Annotated[int, Field(ge=0, le=6)]], Field(max_length=7)] = list(range(7))
    from_time: Clock | None = None
    until_time: Clock | None = None

    def turns(self) -> Turns:
        """The same as the verbs take it."""
        given = self.model_dump(exclude={"people", "weekdays"})
        return Turns(people=tuple(self.people), weekdays=sum(1 << day for day in set(self.weekdays)), **given)


class RotaIn(Schema, extra="forbid"):
    """The name of a rota, and the zone that it is shown in where nobody's own counts."""

    name: Annotated[Line, Field(min_length=1, max_length=80)]
    time_zone: Annotated[Line, Field(max_length=64)] = "UTC"


class OverrideOut(Schema):
    """Somebody holds a rota between two moments, whatever the layers say."""

    id: int
    person: PersonOut
    since: datetime
    until: datetime
    by: PersonOut | None
    swap: str | None


class SpanIn(Schema, extra="forbid"):
    """From when until when."""

    since: Moment
    until: Moment


class OverrideIn(SpanIn):
    """Who is to hold a rota between two moments."""

    person: Id


class AbsenceIn(SpanIn):
    """When somebody is away; without a person, you."""

    person: Id | None = None


class AbsenceOut(Schema):
    """Somebody is away. Why is nobody's business here."""

    id: int
    person: PersonOut
    since: datetime
    until: datetime


class SwapOut(Schema):
    """Hours offered to somebody, maybe for hours back. It holds once both have said yes."""

    id: str
    rota: str
    giver: PersonOut
    taker: PersonOut
    since: datetime
    until: datetime
    back_since: datetime | None
    back_until: datetime | None
    state: Literal["asked", "agreed", "declined", "withdrawn", "lapsed"]
    asked_at: datetime
    giver_agreed_at: datetime | None
    taker_agreed_at: datetime | None


class SwapIn(SpanIn):
    """A swap to ask for. Without a giver it is your hours that are given; a lead may propose one between others."""

    rota: PublicId
    giver: Id | None = None
    taker: Id
    back_since: Moment | None = None
    back_until: Moment | None = None


class SwapFilters(Part):
    """Which swaps are wanted."""

    state: Literal["asked", "agreed", "declined", "withdrawn", "lapsed", "all"] = "asked"


class RestOut(Schema):
    """Somebody rests, and somebody else is asked to stand in. Why is told to that person alone."""

    id: str
    person: PersonOut
    since: datetime
    until: datetime
    why: str
    substitute: PersonOut | None
    accepted_at: datetime | None


class RestIn(Schema, extra="forbid"):
    """For how many hours; null: as long as your limits say."""

    hours: Annotated[int, Field(ge=1, le=168)] | None = None


class WhoIn(Schema, extra="forbid"):
    """Somebody."""

    person: Id


class LimitsShape(Schema, extra="forbid"):
    """What duty may ask within seven days, and how long a rest lasts."""

    hours: Annotated[int, Field(ge=1, le=168)]
    nights: Annotated[int, Field(ge=1, le=7)]
    night_pages: Annotated[int, Field(ge=1, le=200)]
    exposure_minutes: Annotated[int, Field(ge=1, le=10_080)]
    rest_hours: Annotated[int, Field(ge=8, le=168)]

    def bounds(self) -> Bounds:
        """The same as the verbs take it."""
        return Bounds(**self.model_dump())


class MeasureOut(Schema):
    """One of your counts within seven days beside its limit, with what only you may know."""

    what: str
    amount: float
    limit: int


class AfterShiftIn(Schema, extra="forbid"):
    """What a shift that ended took beside its hours."""

    at: Moment = Field(description="When it ended, within the last seven days.")
    exposure_minutes: Annotated[int, Field(ge=0, le=1_440)] = 0
    extra_minutes: Annotated[int, Field(ge=0, le=1_440)] = 0


class LoadsOut(Schema):
    """The numbers under which it was noted, to take it back."""

    ids: list[int]


class ShareOut(Schema):
    """One person's part of a rota, beside an equal share. No count that only that person may know is in it."""

    person: PersonOut
    hours: float
    nights: int
    pages: int
    hours_share: float | None
    nights_share: float | None
    pages_share: float | None
    equal_share: float


class StrainOut(Schema):
    """A moment to come at which the plan alone takes somebody past a limit."""

    person: PersonOut
    at: datetime
    why: str
    amount: float
    limit: int


class ChangeOut(Schema):
    """A stretch that would change hands; null stands for nobody."""

    since: datetime
    until: datetime
    before: PersonOut | None
    after: PersonOut | None


class PreviewOut(Schema):
    """What a change would bring over four weeks. Nothing of it is saved."""

    changes: list[ChangeOut]
    gaps: list[ShiftOut]
    strains: list[StrainOut]


class CalendarIn(Schema, extra="forbid"):
    """A rota, or null for your own shifts."""

    rota: PublicId | None = None


class CalendarOut(Schema):
    """One of your calendar links; its address can't be had again."""

    id: int
    rota: str | None
    made_at: datetime
    last_used_at: datetime | None


class CalendarMade(CalendarOut):
    """A new calendar link. Whoever has its address can read the calendar; it is given this one time."""

    address: str


class AheadFilters(Schema):
    """How far ahead, in weeks from now."""

    weeks: Annotated[int, Field(ge=1, le=26)] = 4


class BackFilters(Schema):
    """How far back, in weeks."""

    weeks: Annotated[int, Field(ge=1, le=26)] = 8


def person_out(person: Person) -> PersonOut:
    """A person as programs see them."""
    return PersonOut(id=person.pk, name=person.name)


def maybe(person: Person | None) -> PersonOut | None:
    """The same where there may be nobody."""
    return person_out(person) if person is not None else None


def rota_out(rota: Rota) -> RotaOut:
    """A rota."""
    return RotaOut(id=rota.public_id, name=rota.name, time_zone=rota.time_zone, ended_at=rota.ended_at)


def duty_out(rota: Rota, duty: Duty) -> DutyOut:
    """Who holds it now."""
    return DutyOut(
        rota=rota_out(rota),
        person=maybe(duty.person),
        since=duty.since,
        until=duty.until,
        next=maybe(duty.next),
        because=duty.because.value,
    )


def shift_out(one: Shift | Gap) -> ShiftOut:
    """A stretch of duty, or a gap."""
    shift = one if isinstance(one, Shift) else None
    return ShiftOut(
        rota=one.rota.public_id,
        person=person_out(shift.person) if shift is not None else None,
        since=one.since,
        until=one.until,
        because=one.because.value,
        instead_of=maybe(shift.instead_of) if shift is not None else None,
    )


def handover_out(one: Handover) -> HandoverOut:
    """A hand-over."""
    return HandoverOut(
        at=one.at,
        giver=maybe(one.giver),
        taker=maybe(one.taker),
        giver_local=one.giver_local,
        taker_local=one.taker_local,
    )


def layer_out(layer: Layer) -> LayerOut:
    """A layer with its people in order."""
    places = sorted(layer.people.all(), key=lambda one: one.position)
    names = ("name", "starts_on", "handover_at", "time_zone", "unit", "length", "from_time", "until_time", "closed_at")
    return LayerOut(
        id=layer.pk,
        position=layer.position,
        people=[one.person_id for one in places],
        weekdays=[day for day in range(7) if (layer.weekdays & EVERY_DAY) >> day & 1],
        **{name: getattr(layer, name) for name in names},
    )


def override_out(row: Override) -> OverrideOut:
    """An override."""
    swap = row.swap.public_id if row.swap is not None else None
    return OverrideOut(
        id=row.pk, person=person_out(row.person), since=row.since, until=row.until, by=maybe(row.by), swap=swap
    )


def absence_out(row: Absence) -> AbsenceOut:
    """An absence."""
    return AbsenceOut(id=row.pk, person=person_out(row.person), since=row.since, until=row.until)


def swap_out(row: Swap) -> SwapOut:
    """A swap."""
    names = ("since", "until", "back_since", "back_until", "state", "asked_at", "giver_agreed_at", "taker_agreed_at")
    return SwapOut(
        id=row.public_id,
        rota=row.rota.public_id,
        giver=person_out(row.giver),
        taker=person_out(row.taker),
        **{name: getattr(row, name) for name in names},
    )


def rest_out(row: Rest, why: str) -> RestOut:
    """A rest, with why in the words that this reader may have."""
    return RestOut(
        id=row.public_id,
        person=person_out(row.person),
        since=row.since,
        until=row.until,
        why=why,
        substitute=maybe(row.substitute),
        accepted_at=row.accepted_at,
    )


def limits_out(row: Limits) -> LimitsShape:
    """Limits."""
    return LimitsShape(**{name: getattr(row, name) for name in LimitsShape.model_fields})


def share_out(one: Share) -> ShareOut:
    """One person's share."""
    return ShareOut(
        person=person_out(one.person),
        hours=one.toll.hours,
        nights=one.toll.nights,
        pages=one.toll.pages,
        hours_share=one.hours,
        nights_share=one.nights,
        pages_share=one.pages,
        equal_share=one.equal,
    )


def strain_out(one: Strain) -> StrainOut:
    """Where the plan goes past a limit."""
    return StrainOut(
        person=person_out(one.person), at=one.at, why=one.why.value, amount=float(one.amount), limit=one.limit
    )


def preview_out(found: Preview) -> PreviewOut:
    """What a change would bring."""
    changes = [
        ChangeOut(since=one.since, until=one.until, before=maybe(one.before), after=maybe(one.after))
        for one in found.changes
    ]
    return PreviewOut(
        changes=changes,
        gaps=[shift_out(one) for one in found.gaps],
        strains=[strain_out(one) for one in found.strains],
    )


def calendar_fields(row: CalendarLink) -> dict[str, Any]:
    """A calendar link without its secret."""
    rota = row.rota.public_id if row.rota is not None else None
    return {"id": row.pk, "rota": rota, "made_at": row.made_at, "last_used_at": row.last_used_at}
