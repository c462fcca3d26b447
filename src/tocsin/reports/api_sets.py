"""Reports for several audiences at once, for programs: set up, drafted together, shown side by side."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from tocsin.lib.inputs import Line
from tocsin.lib.pages import Listed, Part, after
from tocsin.people.api_auth import Bearer, caller
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.reports import access, together
from tocsin.reports import api_shapes as shapes
from tocsin.reports.abreast import Beside, State, abreast
from tocsin.reports.api_shapes import AudienceKey, PublicId
from tocsin.reports.models import ReportSet, Round

router = Router(tags=["reports"])
_DRAFT = Bearer(Right.REPORTS)


class SetIn(shapes.ScopeIn):
    """Reports for several audiences about the same."""

    audiences: list[AudienceKey] = Field(min_length=1, max_length=6)


class SetOut(Schema):
    """A set: its members are reports, each with readers of its own."""

    id: str
    title: str
    cadence: str
    language: str
    audiences: dict[str, str] = Field(description="The id of the report for each audience.")
    due_at: datetime | None
    ended_at: datetime | None
    exercise: bool


class RoundIn(Schema):
    """Draft them now: for whole days, or from where the last round ended until now; for all audiences, or for some."""

    once: Annotated[Line, Field(min_length=8, max_length=32)] = Field(
        description="A name of your own for this call; sent again, it makes no second round."
    )
    first: date | None = Field(None, description="With `last`: the days that it covers, both whole, in the set's zone.")
    last: date | None = None
    audiences: list[AudienceKey] = Field(default_factory=list, max_length=6)


class RoundOut(Schema):
    """One drafting of a set, in a list."""

    id: str
    set: str
    since: datetime
    until: datetime
    missed: int
    gathered: str


class LossOut(Schema):
    """Why so many of the gathered facts stand nowhere for an audience."""

    why: str
    count: int


class BesideOut(Schema):
    """One audience of a round: where it stands, how many facts it tells, and what it loses."""

    audience: str
    report: str
    draft: str | None
    issue: str | None
    state: State
    to_mend: int
    told: int
    of: int
    losses: list[LossOut]


class RoundDetail(RoundOut):
    """One drafting of a set with its drafts side by side; `gathered` is what all of them rest on."""

    beside: list[BesideOut]


@router.get("/reports/sets", response=Listed[SetOut], auth=_DRAFT, summary="List sets of reports")
def sets(request: HttpRequest, part: Query[Part]) -> Listed[SetOut]:
    """Reports for several audiences that are drafted together, the newest first."""
    rows, following = after(access.sets_for(caller(request)), part.cursor, part.limit)
    return Listed[SetOut](items=[set_out(one) for one in rows], next=following)


@router.post("/reports/sets", response={201: SetOut}, auth=_DRAFT, summary="Set up reports for several audiences")
def arrange_set(request: HttpRequest, given: SetIn) -> tuple[int, SetOut]:
    """Set them up. They are drafted together when they are due; nothing leaves before a person has released it."""
    wanted = given.wanted(exercise=settings.EXERCISE)
    return 201, set_out(together.arrange(caller(request), wanted, given.audiences))


@router.post("/reports/sets/{public_id}/draft", response=RoundDetail, auth=_DRAFT, summary="Draft a set now")
def draft_set(request: HttpRequest, public_id: PublicId, given: RoundIn) -> RoundDetail:
    """Make a draft for each audience, all from the same facts."""
    person = caller(request)
    row = access.access_set(person, public_id)
    period = None
    if given.first is not None or given.last is not None:
        first, last = given.first or given.last, given.last or given.first
        assert first is not None
        assert last is not None
        period = together.days(first, last, ZoneInfo(row.time_zone))
    return round_out(person, together.draft_now(person, row, given.once, period, given.audiences))


@router.post(
    "/reports/sets/{public_id}/acts/{verb}", response=SetOut, auth=_DRAFT, summary="End a set or take it up again"
)
def act_on_set(request: HttpRequest, public_id: PublicId, verb: Literal["end", "reopen"]) -> SetOut:
    """Draft no further round, or go on."""
    person = caller(request)
    row = access.access_set(person, public_id)
    (together.end if verb == "end" else together.reopen)(person, row)
    return set_out(access.access_set(person, public_id))


@router.get("/reports/sets/{public_id}/rounds", response=Listed[RoundOut], auth=_DRAFT, summary="List rounds of a set")
def rounds(request: HttpRequest, public_id: PublicId, part: Query[Part]) -> Listed[RoundOut]:
    """When it was drafted, the newest first."""
    person = caller(request)
    found = access.rounds_for(person).filter(together=access.access_set(person, public_id))
    rows, following = after(found, part.cursor, part.limit)
    return Listed[RoundOut](items=[RoundOut(**_fields(one)) for one in rows], next=following)


@router.get("/reports/rounds/{public_id}", response=RoundDetail, auth=_DRAFT, summary="Read one round of a set")
def one_round(request: HttpRequest, public_id: PublicId) -> RoundDetail:
    """Its drafts side by side: where each stands, and what it loses of the same facts."""
    person = caller(request)
    return round_out(person, access.access_round(person, public_id))


def set_out(row: ReportSet) -> SetOut:
    """A set with its members."""
    return SetOut(
        id=row.public_id,
        title=row.title,
        cadence=row.cadence,
        language=row.language,
        audiences=dict(row.members.order_by("pk").values_list("audience", "public_id")),
        due_at=row.due_at,
        ended_at=row.ended_at,
        exercise=row.exercise,
    )


def _fields(row: Round) -> dict[str, Any]:
    return {
        "id": row.public_id,
        "set": row.together.public_id,
        "since": row.since,
        "until": row.until,
        "missed": row.missed,
        "gathered": row.gathered.public_id,
    }


def round_out(person: Person, row: Round) -> RoundDetail:
    """A round as far as this person may see it."""
    return RoundDetail(**_fields(row), beside=[_beside(one) for one in abreast(person, row)])


def _beside(one: Beside) -> BesideOut:
    return BesideOut(
        audience=one.audience.key,
        report=one.report.public_id,
        draft=one.draft.public_id if one.draft is not None else None,
        issue=one.issue.public_id if one.issue is not None else None,
        state=one.state,
        to_mend=one.mend,
        told=one.told,
        of=one.of,
        losses=[LossOut(why=loss.why, count=loss.count) for loss in one.losses],
    )
