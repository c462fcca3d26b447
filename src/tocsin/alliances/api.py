"""Allies, for programs: everything that their pages can do. Slices belong to sealed cases and have no part here."""

from collections.abc import Callable
from typing import Literal

from django.http import HttpRequest
from ninja import Query, Router

from tocsin.alerts import clock
from tocsin.alliances import access, actions, importing
from tocsin.alliances import api_shapes as shapes
from tocsin.alliances.api_shapes import PublicId
from tocsin.alliances.models import Contact
from tocsin.alliances.narrowing import narrowed
from tocsin.lib.pages import Listed, after
from tocsin.people.api_auth import Bearer, caller
from tocsin.people.models import Person
from tocsin.people.roles import Right

router = Router(tags=["alliances"])

_ALLIES = Bearer(Right.ALLIES)
_VET = Bearer(Right.VET)
_STEPS: dict[str, Callable[[Person, Contact, str], Contact]] = {
    "suspend": actions.suspend,
    "let-go": actions.let_go,
    "lift": actions.lift,
    "take-back": actions.take_back,
}


@router.get("/alliances", response=Listed[shapes.ContactOut], auth=_ALLIES, summary="List allies")
def listed(request: HttpRequest, filters: Query[shapes.Filters]) -> Listed[shapes.ContactOut]:
    """Allies, those added last first. Never how to reach them."""
    at = clock.now()
    chosen = {name: getattr(filters, name) or "" for name in ("kind", "help", "country", "language", "state")}
    rows = narrowed(access.contacts_for(caller(request)), chosen, at)
    found, following = after(rows, filters.cursor, filters.limit)
    items = [shapes.ContactOut(**shapes.contact_fields(row, at)) for row in found]
    return Listed[shapes.ContactOut](items=items, next=following)


@router.get("/alliances/due", response=list[shapes.ContactOut], auth=_ALLIES, summary="Whom to verify again")
def due(request: HttpRequest) -> list[shapes.ContactOut]:
    """All for who vets, one's own for others."""
    at = clock.now()
    rows = access.to_verify(caller(request), at)[:200]
    return [shapes.ContactOut(**shapes.contact_fields(row, at)) for row in rows]


@router.get("/alliances/suggest", response=list[shapes.SuggestionOut], auth=_ALLIES, summary="Who can help")
def suggest(request: HttpRequest, need: Query[shapes.Need]) -> list[shapes.SuggestionOut]:
    """Who fits a need, best first, with reasons and cautions. Nothing of it is stored."""
    found = actions.suggest(need.country or "", need.language or "", need.help or "", need.tlp or "")
    return [shapes.suggestion_out(one, clock.now()) for one in found[:40]]


@router.post("/alliances", response={201: shapes.ContactDetail}, auth=_ALLIES, summary="Propose an ally")
def propose(request: HttpRequest, given: shapes.NewIn) -> tuple[int, shapes.ContactDetail]:
    """Add an ally, who is proposed until somebody vets them."""
    person = caller(request)
    made = actions.propose(person, given.contact.draft(), given.reach.draft(), given.once)
    return 201, _detail(person, made.public_id)


@router.post("/alliances/import", response=shapes.TakenOut, auth=_VET, summary="Import a list of allies")
def bring(request: HttpRequest, given: shapes.ListIn) -> shapes.TakenOut:
    """Take in all of a list, or none of it with what is wrong by line."""
    taken = importing.take(caller(request), given.csv.encode(), given.owner)
    wrong = [shapes.WrongOut(line=one.line, column=one.column, why=one.why) for one in taken.wrong]
    return shapes.TakenOut(count=taken.count, wrong=wrong)


@router.get("/alliances/{public_id}", response=shapes.ContactDetail, auth=_ALLIES, summary="Read one ally")
def one(request: HttpRequest, public_id: PublicId) -> shapes.ContactDetail:
    """An ally with every verification. Never how to reach them."""
    return _detail(caller(request), public_id)


@router.put("/alliances/{public_id}", response=shapes.ContactDetail, auth=_VET, summary="Change an ally")
def change(request: HttpRequest, public_id: PublicId, given: shapes.ContactIn) -> shapes.ContactDetail:
    """Change what stands about an ally. Another name or organisation asks for a new verification."""
    person = caller(request)
    actions.change(person, access.access_contact(person, public_id), given.draft())
    return _detail(person, public_id)


@router.delete("/alliances/{public_id}", response={204: None}, auth=_VET, summary="Erase an ally")
def forget(request: HttpRequest, public_id: PublicId) -> tuple[int, None]:
    """Erase an ally who was let go."""
    person = caller(request)
    actions.forget(person, access.access_contact(person, public_id))
    return 204, None


@router.post(
    "/alliances/{public_id}/reach/open", response=shapes.ReachOut, auth=_ALLIES, summary="Read how to reach an ally"
)
def open_reach(request: HttpRequest, public_id: PublicId, given: shapes.PurposeIn) -> shapes.ReachOut:
    """How an ally is reached. Of a protected one each look is recorded with its purpose."""
    person = caller(request)
    row = access.access_contact(person, public_id)
    return shapes.reach_out(actions.open_reach(person, row, given.purpose))


@router.put(
    "/alliances/{public_id}/reach", response=shapes.ContactDetail, auth=_VET, summary="Change how to reach an ally"
)
def set_reach(request: HttpRequest, public_id: PublicId, given: shapes.ReachIn) -> shapes.ContactDetail:
    """Replace how an ally is reached, which asks for a new verification."""
    person = caller(request)
    actions.set_reach(person, access.access_contact(person, public_id), given.draft())
    return _detail(person, public_id)


@router.post("/alliances/{public_id}/verifications", response=shapes.ContactDetail, auth=_VET, summary="Verify an ally")
def verify(request: HttpRequest, public_id: PublicId, given: shapes.VerificationIn) -> shapes.ContactDetail:
    """Write down that you made sure of an ally."""
    person = caller(request)
    actions.verify(person, access.access_contact(person, public_id), given.draft())
    return _detail(person, public_id)


@router.post(
    "/alliances/{public_id}/steps/{verb}",
    response=shapes.ContactDetail,
    auth=_VET,
    summary="Suspend, let go, end a suspension, take back",
)
def step(
    request: HttpRequest,
    public_id: PublicId,
    verb: Literal["suspend", "let-go", "lift", "take-back"],
    given: shapes.ReasonIn,
) -> shapes.ContactDetail:
    """Change where an ally stands. Suspending and letting go recall whatever was shared with them by link."""
    person = caller(request)
    _STEPS[verb](person, access.access_contact(person, public_id), given.reason)
    return _detail(person, public_id)


@router.post("/alliances/{public_id}/undo", response=shapes.ContactDetail, auth=_VET, summary="Undo the newest step")
def undo(request: HttpRequest, public_id: PublicId) -> shapes.ContactDetail:
    """Take the newest verification, suspension or letting go back. What was recalled stays recalled."""
    person = caller(request)
    actions.undo(person, access.access_contact(person, public_id))
    return _detail(person, public_id)


def _detail(person: Person, public_id: str) -> shapes.ContactDetail:
    row = access.access_contact(person, public_id)
    rows = row.verifications.order_by("-at", "-pk")[:100]
    return shapes.ContactDetail(
        **shapes.contact_fields(row, clock.now()), verifications=[shapes.verification_out(one) for one in rows]
    )
