"""The past of each kind of measurement, judged anew, for programs: how far, what it changed; start, pause, go on."""

from datetime import datetime
from typing import Annotated, Literal

from django.http import Http404, HttpRequest
from ninja import Path, Router, Schema
from pydantic import Field

from tocsin.people.api_auth import Bearer, caller
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.signals import actions
from tocsin.signals.pasts import Past, pasts_for

router = Router(tags=["signals"])

Kind = Annotated[str, Path(max_length=40, description="A kind of measurement, such as `ooni.web_connectivity`.")]


class ReplayedCountry(Schema):
    """One country of a replay."""

    country: str = Field(description="Empty: the world as a whole.")
    rows: int
    state: Literal["done", "next", "open"]


class ReplayCounts(Schema):
    """What a replay changed so far, or did when it was finished."""

    countries: int
    rows: int
    opened: int = Field(description="Findings that were not there before.")
    closed: int = Field(description="Findings that stood open and are over.")
    retired: int = Field(description="Findings that no rule in force says.")


class FinishedReplay(ReplayCounts):
    """The replay that was finished last."""

    at: datetime


class ReplayProgress(ReplayCounts):
    """How far the replay under way has come."""

    countries_done: int
    rows_done: int
    begun_at: datetime
    went_on_at: datetime | None
    seconds_left: float | None = Field(description="What the rest takes at this pace; null where that can't be said.")
    by_country: list[ReplayedCountry]


class ReplayOut(Schema):
    """What becomes of the past of one kind of measurement."""

    kind: str
    rows: int = Field(description="Rows that are kept of this kind.")
    days: int
    state: Literal["unseen", "current", "waits", "goes_on", "stuck", "paused", "done"] = Field(
        description="`current`: judged as its days came; `stuck`: begun, and nobody works on it."
    )
    why: str
    progress: ReplayProgress | None = Field(description="Null while none is under way.")
    last: FinishedReplay | None


@router.get("/replays", response=list[ReplayOut], auth=Bearer(Right.READ), summary="List how the past is judged anew")
def replays(request: HttpRequest) -> list[ReplayOut]:
    """Every kind of measurement that is kept, and whether its past is judged by the rules in force."""
    return [_out(one) for one in pasts_for(caller(request))]


@router.get("/replays/{kind}", response=ReplayOut, auth=Bearer(Right.READ), summary="Read how far a replay is")
def replay(request: HttpRequest, kind: Kind) -> ReplayOut:
    """One kind of measurement, and what becomes of its past."""
    return _out(_one(caller(request), kind))


@router.post(
    "/replays/{kind}/{verb}",
    response=ReplayOut,
    auth=Bearer(Right.SOURCES),
    summary="Start, pause or go on with a replay",
)
def act(request: HttpRequest, kind: Kind, verb: Literal["start", "pause", "resume"]) -> ReplayOut:
    """``start``: judge it anew from its beginning; ``pause``: let it rest, what was done stays; ``resume``: go on.

    A verb that finds it standing so already changes nothing. A worker follows within seconds. Each is in the record.
    """
    person = caller(request)
    _one(person, kind)
    verbs = {"start": actions.judge_again, "pause": actions.pause_replay, "resume": actions.resume_replay}
    verbs[verb](person, kind)
    return _out(_one(person, kind))


def _one(person: Person, kind: str) -> Past:
    for past in pasts_for(person):
        if past.kind == kind:
            return past
    raise Http404


def _out(past: Past) -> ReplayOut:
    last = past.last
    return ReplayOut(
        kind=past.kind,
        rows=past.rows,
        days=past.days,
        state=past.state,  # type: ignore[arg-type]
        why=past.why,
        progress=_progress(past),
        last=None
        if last is None
        else FinishedReplay(
            at=last.at,
            countries=last.countries,
            rows=last.rows,
            opened=last.opened,
            closed=last.closed,
            retired=last.retired,
        ),
    )


def _progress(past: Past) -> ReplayProgress | None:
    row = past.row
    if row is None or row.begun_at is None or row.finished_at is not None:
        return None
    return ReplayProgress(
        countries=row.countries,
        countries_done=row.countries_done,
        rows=row.rows,
        rows_done=row.rows_done,
        opened=row.opened,
        closed=row.closed,
        retired=row.retired,
        begun_at=row.begun_at,
        went_on_at=row.went_on_at,
        seconds_left=past.left,
        by_country=[ReplayedCountry(country=one.code, rows=one.rows, state=one.state) for one in past.countries],  # type: ignore[arg-type]
    )
