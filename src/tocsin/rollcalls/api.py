"""Roll-calls, journeys and one's own part, for programs: everything that their pages can do."""

from collections.abc import Callable
from typing import Literal

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router

from tocsin.alerts.models import Policy
from tocsin.lib.inputs import Id
from tocsin.lib.pages import Listed, Part, after
from tocsin.people.api_auth import Bearer, caller
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.rollcalls import access, asking, shown, silences, taking_part, travelling
from tocsin.rollcalls import api_shapes as shapes
from tocsin.rollcalls.api_shapes import PublicId
from tocsin.rollcalls.models import Journey, RollCall

router = Router(tags=["rollcalls"])

# One's own part too: a token that may only read must give nobody's answer away, and withdraw nobody.
_ROLLCALLS = Bearer(Right.ROLLCALLS)
_ACTS: dict[str, Callable[[Person, RollCall], object]] = {
    "again": asking.ask_again,
    "close": asking.close,
    "open": asking.open_again,
}
_STEPS: dict[str, Callable[[Journey], None]] = {
    "agree": travelling.agree,
    "well": travelling.well,
    "help": travelling.need_help,
}


@router.get("/rollcalls/me", response=shapes.PartOut | None, auth=_ROLLCALLS, summary="Read how you take part")
def my_part(request: HttpRequest) -> shapes.PartOut | None:
    """How you take part, or null: not at all."""
    row = access.part_of(caller(request))
    return shapes.part_out(row) if row is not None else None


@router.put("/rollcalls/me", response=shapes.PartOut, auth=_ROLLCALLS, summary="Take part")
def take_part(request: HttpRequest, given: shapes.PartIn) -> shapes.PartOut:
    """Agree to be asked, or change how. This is your consent, with its date."""
    return shapes.part_out(taking_part.take_part(caller(request), given.part()))


@router.delete("/rollcalls/me", response={204: None}, auth=_ROLLCALLS, summary="Withdraw")
def withdraw(request: HttpRequest) -> tuple[int, None]:
    """Take no part any more: what you entered, your answers and your journeys are erased."""
    taking_part.withdraw(caller(request))
    return 204, None


@router.put("/rollcalls/me/digit", response={204: None}, auth=_ROLLCALLS, summary="Choose a quiet digit")
def set_digit(request: HttpRequest, given: shapes.DigitIn) -> tuple[int, None]:
    """Choose the digit that looks like an answer and means help. It can't be read again."""
    taking_part.set_quiet_digit(caller(request), given.digit)
    return 204, None


@router.get("/rollcalls/questions", response=list[shapes.QuestionOut], auth=_ROLLCALLS, summary="List questions to you")
def questions(request: HttpRequest) -> list[shapes.QuestionOut]:
    """What you are asked at this moment."""
    rows = access.questions_for(caller(request))[:50]
    return [
        shapes.QuestionOut(
            number=row.pk, question=row.rollcall.question, asked_at=row.asked_at, answer=shapes.own_answer(row)
        )
        for row in rows
    ]


@router.post("/rollcalls/questions/{number}/answer", response={204: None}, auth=_ROLLCALLS, summary="Answer a question")
def answer(request: HttpRequest, number: Id, given: shapes.AnswerIn) -> tuple[int, None]:
    """Answer a question to you."""
    asking.answer(access.access_question(caller(request), number), given.answer)
    return 204, None


@router.post(
    "/rollcalls/preview", response=shapes.RollCallPreviewOut, auth=_ROLLCALLS, summary="See whom a roll-call would ask"
)
def preview(request: HttpRequest, given: shapes.AskIn) -> shapes.RollCallPreviewOut:
    """Who would be asked at this moment. Nothing is stored, nothing goes out."""
    found = asking.find(caller(request), given.asked(None))
    return shapes.RollCallPreviewOut(count=len(found), names=[one.person.name for one in found])


@router.get("/rollcalls", response=Listed[shapes.RollCallOut], auth=_ROLLCALLS, summary="List roll-calls")
def listed(request: HttpRequest, part: Query[Part]) -> Listed[shapes.RollCallOut]:
    """Roll-calls that you hold or were called about, the newest first."""
    person = caller(request)
    rows, following = after(access.rollcalls_for(person).select_related("asked_by"), part.cursor, part.limit)
    items = [shapes.RollCallOut(**shapes.rollcall_fields(row, _situation(person, row))) for row in rows]
    return Listed[shapes.RollCallOut](items=items, next=following)


@router.post("/rollcalls", response={201: shapes.RollCallDetail}, auth=_ROLLCALLS, summary="Hold a roll-call")
def hold(request: HttpRequest, given: shapes.AskIn) -> tuple[int, shapes.RollCallDetail]:
    """Ask a group. Look first at whom it asks: `POST /rollcalls/preview`."""
    person = caller(request)
    policy = None
    if given.policy is not None:
        policy = get_object_or_404(Policy, public_id=given.policy, ended_at=None)
    return 201, _detail(person, asking.hold(person, given.asked(policy)).public_id)


@router.get("/rollcalls/{public_id}", response=shapes.RollCallDetail, auth=_ROLLCALLS, summary="Read one roll-call")
def one(request: HttpRequest, public_id: PublicId) -> shapes.RollCallDetail:
    """Who answered what, and who is silent."""
    return _detail(caller(request), public_id)


@router.post(
    "/rollcalls/{public_id}/acts/{verb}",
    response=shapes.RollCallDetail,
    auth=_ROLLCALLS,
    summary="Ask again, close, reopen",
)
def act(request: HttpRequest, public_id: PublicId, verb: Literal["again", "close", "open"]) -> shapes.RollCallDetail:
    """Ask the silent ones again, close it, or undo a close."""
    person = caller(request)
    _ACTS[verb](person, access.access_rollcall(person, public_id))
    return _detail(person, public_id)


@router.post(
    "/rollcalls/{public_id}/extend", response=shapes.RollCallDetail, auth=_ROLLCALLS, summary="Extend a roll-call"
)
def extend(request: HttpRequest, public_id: PublicId, given: shapes.MinutesIn) -> shapes.RollCallDetail:
    """Let it last longer; those who are silent are asked once more."""
    person = caller(request)
    asking.extend(person, access.access_rollcall(person, public_id), given.minutes)
    return _detail(person, public_id)


@router.post(
    "/rollcalls/{public_id}/let-in", response=shapes.RollCallDetail, auth=_ROLLCALLS, summary="Let somebody hold it"
)
def let_in(request: HttpRequest, public_id: PublicId, given: shapes.PersonIn) -> shapes.RollCallDetail:
    """Let somebody see the answers, and be called about them."""
    person = caller(request)
    row = access.access_rollcall(person, public_id)
    asking.let_in(person, row, get_object_or_404(taking_part.contacts(person), pk=given.person))
    return _detail(person, public_id)


@router.post(
    "/rollcalls/{public_id}/members/{number}/{verb}",
    response=shapes.RollCallDetail,
    auth=_ROLLCALLS,
    summary="Say that a call for help was looked after, or that you heard from somebody",
)
def noted(
    request: HttpRequest,
    public_id: PublicId,
    number: Id,
    verb: Literal["helped", "not-helped", "heard", "not-heard"],
) -> shapes.RollCallDetail:
    """Note it, or take it back. Who answered from the phone number alone counts as heard from once a person says so."""
    person = caller(request)
    member = access.access_member(person, access.access_rollcall(person, public_id), number)
    if verb in {"heard", "not-heard"}:
        asking.heard(person, member, done=verb == "heard")
    else:
        (asking.helped if verb == "helped" else asking.not_helped)(person, member)
    return _detail(person, public_id)


@router.get("/journeys", response=list[shapes.JourneyOut], auth=_ROLLCALLS, summary="List journeys")
def journeys(request: HttpRequest) -> list[shapes.JourneyOut]:
    """Your own journeys, then those that you watch."""
    person = caller(request)
    own = [shapes.journey_out(row, own=True) for row in access.own_journeys(person).select_related("person")[:50]]
    return own + [shapes.journey_out(row, own=False) for row in access.watched_journeys(person)[:50]]


@router.post("/journeys", response={201: shapes.JourneyOut}, auth=_ROLLCALLS, summary="Plan a journey")
def plan(request: HttpRequest, given: shapes.JourneyIn) -> tuple[int, shapes.JourneyOut]:
    """Plan your own, or one for somebody who takes part, which begins once they agree."""
    person = caller(request)
    traveller = person
    if given.person != person.pk:
        traveller = get_object_or_404(Person, pk=given.person, is_active=True)
    return 201, _journey(person, travelling.plan(person, traveller, given.plan()).public_id)


@router.get("/journeys/{public_id}", response=shapes.JourneyOut, auth=_ROLLCALLS, summary="Read one journey")
def one_journey(request: HttpRequest, public_id: PublicId) -> shapes.JourneyOut:
    """One journey with its check-ins."""
    return _journey(caller(request), public_id)


@router.post(
    "/journeys/{public_id}/acts/{verb}", response=shapes.JourneyOut, auth=_ROLLCALLS, summary="Answer as traveller"
)
def step(request: HttpRequest, public_id: PublicId, verb: Literal["agree", "well", "help"]) -> shapes.JourneyOut:
    """Agree to it, say that you are well, or call for help. Only the traveller can."""
    person = caller(request)
    _STEPS[verb](access.access_own_journey(person, public_id))
    return _journey(person, public_id)


@router.delete("/journeys/{public_id}", response={204: None}, auth=_ROLLCALLS, summary="Decline a journey")
def decline(request: HttpRequest, public_id: PublicId) -> tuple[int, None]:
    """Say no to a journey that another planned for you: nothing of it is kept."""
    travelling.decline(access.access_own_journey(caller(request), public_id))
    return 204, None


@router.post("/journeys/{public_id}/end/{how}", response=shapes.JourneyOut, auth=_ROLLCALLS, summary="End a journey")
def end(request: HttpRequest, public_id: PublicId, how: Literal["arrived", "off", "heard"]) -> shapes.JourneyOut:
    """You arrived or call it off; or, as a watcher, you heard from the traveller."""
    person = caller(request)
    own = access.own_journeys(person).filter(public_id=public_id).exists()
    row = access.access_journey(person, public_id)
    travelling.end(person, row, how if own and how != "heard" else "arrived" if own else "heard")
    return _journey(person, public_id)


@router.get("/silences", response=list[shapes.SilenceOut], auth=_ROLLCALLS, summary="List silences inside shutdowns")
def events(request: HttpRequest) -> list[shapes.SilenceOut]:
    """Events in which you may know of a silence, the newest first."""
    person = caller(request)
    return [_silence(person, row.public_id) for row in access.silences_for(person)[:50]]


@router.post(
    "/silences/{public_id}/parts/{number}/{verb}",
    response=shapes.SilenceOut,
    auth=_ROLLCALLS,
    summary="Take a silence out of its event",
)
def part(
    request: HttpRequest, public_id: PublicId, number: Id, verb: Literal["take-out", "put-back"]
) -> shapes.SilenceOut:
    """Let it stand for itself, which calls those who watch at once; or put it back."""
    person = caller(request)
    row, _parts = access.access_silence(person, public_id)
    found = access.access_part(person, row, number)
    (silences.take_out if verb == "take-out" else silences.put_back)(person, found)
    return _silence(person, public_id)


def _detail(person: Person, public_id: str) -> shapes.RollCallDetail:
    row = access.access_rollcall(person, public_id)
    members = [shapes.member_out(line) for line in shown.lines(row)]
    return shapes.RollCallDetail(**shapes.rollcall_fields(row, _situation(person, row)), members=members)


def _situation(person: Person, row: RollCall) -> str:
    return access.situation_for(person, row.situation)


def _journey(person: Person, public_id: str) -> shapes.JourneyOut:
    row = access.access_journey(person, public_id)
    return shapes.journey_out(row, own=row.person_id == person.pk)


def _silence(person: Person, public_id: str) -> shapes.SilenceOut:
    row, parts = access.access_silence(person, public_id)
    silent = [
        shapes.MissingOut(
            number=one.part.pk,
            name=one.name,
            state=one.state.name,
            asked_at=one.since,
            first=one.first,
            contact=one.contact,
            taken_out=one.part.apart_at is not None,
        )
        for one in shown.missing(parts)
    ]
    return shapes.SilenceOut(
        id=row.public_id,
        country=row.country,
        situation=access.situation_for(person, row.situation),
        since=row.since,
        began_at=row.began_at,
        ended_at=row.ended_at,
        silent=silent,
    )
