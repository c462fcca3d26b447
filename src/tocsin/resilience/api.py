"""Communities and context, for programs: everything that their pages can do."""

from django.http import HttpRequest
from ninja import Query, Router

from tocsin.alerts import clock
from tocsin.alliances.access import access_contact
from tocsin.lib.inputs import Id
from tocsin.lib.pages import Listed, Part, after
from tocsin.people.api_auth import Bearer, caller
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.resilience import access, actions, contexts, shown
from tocsin.resilience import api_shapes as shapes
from tocsin.resilience.api_shapes import PublicId
from tocsin.resilience.models import Batch
from tocsin.resilience.narrowing import narrowed

router = Router(tags=["resilience"])

_TEAM = Bearer(Right.RESILIENCE)
_STEWARD = Bearer(Right.STEWARD)
_MOST = 500


@router.get("/communities", response=Listed[shapes.CommunityOut], auth=_TEAM, summary="List communities")
def communities(request: HttpRequest, filters: Query[shapes.CommunityFilters]) -> Listed[shapes.CommunityOut]:
    """Communities, those added last first."""
    names = ("kind", "country", "language", "consent", "state")
    chosen = {name: getattr(filters, name) or "" for name in names}
    rows = narrowed(access.communities_for(caller(request)), chosen)
    found, following = after(rows, filters.cursor, filters.limit)
    lines = shown.lines(found, clock.now().date())
    items = [shapes.CommunityOut(**shapes.community_fields(one.community, one.promises, one.late)) for one in lines]
    return Listed[shapes.CommunityOut](items=items, next=following)


@router.post("/communities", response={201: shapes.CommunityDetail}, auth=_TEAM, summary="Add a community")
def add(request: HttpRequest, given: shapes.NewCommunityIn) -> tuple[int, shapes.CommunityDetail]:
    """Add a community."""
    person = caller(request)
    made = actions.add(person, given.community.draft(), given.once)
    return 201, _detail(person, made.public_id)


@router.get("/communities/{public_id}", response=shapes.CommunityDetail, auth=_TEAM, summary="Read one community")
def community(request: HttpRequest, public_id: PublicId) -> shapes.CommunityDetail:
    """A community with what is said of where it lives, and the newest 500 things that passed."""
    return _detail(caller(request), public_id)


@router.put("/communities/{public_id}", response=shapes.CommunityDetail, auth=_TEAM, summary="Change a community")
def change(request: HttpRequest, public_id: PublicId, given: shapes.CommunityIn) -> shapes.CommunityDetail:
    """Change who they are."""
    person = caller(request)
    actions.change(person, access.access_community(person, public_id), given.draft())
    return _detail(person, public_id)


@router.put(
    "/communities/{public_id}/consent", response=shapes.CommunityDetail, auth=_TEAM, summary="Whether they may be named"
)
def set_consent(request: HttpRequest, public_id: PublicId, given: shapes.NamingIn) -> shapes.CommunityDetail:
    """Write down whether they want to be named outside."""
    person = caller(request)
    actions.set_consent(person, access.access_community(person, public_id), given.draft())
    return _detail(person, public_id)


@router.post(
    "/communities/{public_id}/statements", response=shapes.CommunityDetail, auth=_TEAM, summary="Add a statement"
)
def say(request: HttpRequest, public_id: PublicId, given: shapes.StatementIn) -> shapes.CommunityDetail:
    """Add a dated statement about where they live, with its source."""
    person = caller(request)
    actions.say(person, access.access_community(person, public_id), given.draft())
    return _detail(person, public_id)


@router.post(
    "/communities/{public_id}/statements/{number}/withdraw",
    response=shapes.CommunityDetail,
    auth=_TEAM,
    summary="Take a statement back",
)
def withdraw(request: HttpRequest, public_id: PublicId, number: Id, given: shapes.WhyIn) -> shapes.CommunityDetail:
    """Take a statement back; it stays readable, with the reason."""
    person = caller(request)
    actions.withdraw(person, access.access_community(person, public_id), number, given.reason)
    return _detail(person, public_id)


@router.post(
    "/communities/{public_id}/dealings", response=shapes.CommunityDetail, auth=_TEAM, summary="Write down what passed"
)
def hear(request: HttpRequest, public_id: PublicId, given: shapes.DealingIn) -> shapes.CommunityDetail:
    """Add what they told us, asked for, were promised or got."""
    person = caller(request)
    actions.hear(person, access.access_community(person, public_id), given.draft())
    return _detail(person, public_id)


@router.post(
    "/communities/{public_id}/dealings/{number}/end",
    response=shapes.CommunityDetail,
    auth=_TEAM,
    summary="End a promise",
)
def end(request: HttpRequest, public_id: PublicId, number: Id, given: shapes.EndIn) -> shapes.CommunityDetail:
    """Say how a promise ended."""
    person = caller(request)
    row = access.access_community(person, public_id)
    actions.end_promise(person, row, number, given.kept, given.on, given.reason)
    return _detail(person, public_id)


@router.post(
    "/communities/{public_id}/dealings/{number}/reopen",
    response=shapes.CommunityDetail,
    auth=_TEAM,
    summary="Undo the end of a promise",
)
def reopen(request: HttpRequest, public_id: PublicId, number: Id) -> shapes.CommunityDetail:
    """The promise is open again."""
    person = caller(request)
    actions.reopen_promise(person, access.access_community(person, public_id), number)
    return _detail(person, public_id)


@router.post(
    "/communities/{public_id}/contacts", response=shapes.CommunityDetail, auth=_TEAM, summary="Name whom they trust"
)
def tie(request: HttpRequest, public_id: PublicId, given: shapes.TieIn) -> shapes.CommunityDetail:
    """Name an ally whom they trust. Needs the right `allies` as well."""
    person = caller(request)
    row = access.access_community(person, public_id)
    actions.tie(person, row, access_contact(person, given.ally), given.words)
    return _detail(person, public_id)


@router.delete(
    "/communities/{public_id}/contacts/{ally}", response=shapes.CommunityDetail, auth=_TEAM, summary="Take one off"
)
def untie(request: HttpRequest, public_id: PublicId, ally: PublicId) -> shapes.CommunityDetail:
    """An ally is no trusted contact of theirs any more. Needs the right `allies` as well."""
    person = caller(request)
    actions.untie(person, access.access_community(person, public_id), ally)
    return _detail(person, public_id)


@router.post(
    "/communities/{public_id}/put-away", response=shapes.CommunityDetail, auth=_STEWARD, summary="Put a community away"
)
def put_away(request: HttpRequest, public_id: PublicId, given: shapes.WhyIn) -> shapes.CommunityDetail:
    """Put a community away, with a reason."""
    person = caller(request)
    actions.put_away(person, access.access_community(person, public_id), given.reason)
    return _detail(person, public_id)


@router.post(
    "/communities/{public_id}/take-back",
    response=shapes.CommunityDetail,
    auth=_STEWARD,
    summary="Take a community back",
)
def take_back(request: HttpRequest, public_id: PublicId) -> shapes.CommunityDetail:
    """Undo putting away."""
    person = caller(request)
    actions.take_back(person, access.access_community(person, public_id))
    return _detail(person, public_id)


@router.delete("/communities/{public_id}", response={204: None}, auth=_STEWARD, summary="Erase a community")
def forget(request: HttpRequest, public_id: PublicId) -> tuple[int, None]:
    """Erase a community that was put away."""
    person = caller(request)
    actions.forget(person, access.access_community(person, public_id))
    return 204, None


@router.get("/contexts", response=list[shapes.ContextOut], auth=_TEAM, summary="What is said of a country")
def said(request: HttpRequest, filters: Query[shapes.ContextFilters]) -> list[shapes.ContextOut]:
    """What indexes said of one country, the newest first."""
    return [shapes.context_out(row) for row in shown.history_of(filters.country)]


@router.get("/contexts/files", response=Listed[shapes.BatchOut], auth=_TEAM, summary="List files of context")
def batches(request: HttpRequest, part: Query[Part]) -> Listed[shapes.BatchOut]:
    """Files that were looked at, taken in or taken back."""
    found, following = after(access.batches_for(caller(request)), part.cursor, part.limit)
    items = [shapes.BatchOut(**shapes.batch_fields(row)) for row in found]
    return Listed[shapes.BatchOut](items=items, next=following)


@router.post("/contexts/files", response={201: shapes.LookedOut}, auth=_STEWARD, summary="Look at a file of context")
def look(request: HttpRequest, given: shapes.ContextFileIn) -> tuple[int, shapes.LookedOut]:
    """Look at a table without taking anything in."""
    row = actions.look_at(caller(request), given.index, given.table.encode("utf-8", "replace"), given.file, given.on)
    return 201, _looked(row)


@router.get("/contexts/files/{public_id}", response=shapes.LookedOut, auth=_TEAM, summary="Read one file of context")
def batch(request: HttpRequest, public_id: PublicId) -> shapes.LookedOut:
    """What a file would do, or what it did."""
    return _looked(access.access_batch(caller(request), public_id))


@router.post(
    "/contexts/files/{public_id}/take", response=shapes.LookedOut, auth=_STEWARD, summary="Take a file of context in"
)
def take(request: HttpRequest, public_id: PublicId) -> shapes.LookedOut:
    """Take a file in as it was shown."""
    person = caller(request)
    return _looked(actions.take(person, access.access_batch(person, public_id)))


@router.post(
    "/contexts/files/{public_id}/undo", response=shapes.LookedOut, auth=_STEWARD, summary="Take a file back, or aside"
)
def undo(request: HttpRequest, public_id: PublicId) -> shapes.LookedOut:
    """Take a file back as a whole."""
    person = caller(request)
    return _looked(actions.undo_batch(person, access.access_batch(person, public_id)))


def _looked(row: Batch) -> shapes.LookedOut:
    waits = row.state in {Batch.State.SEEN, Batch.State.TAKING}
    return shapes.looked_out(row, contexts.seen(row, clock.now().date()) if waits else None)


def _detail(person: Person, public_id: str) -> shapes.CommunityDetail:
    row, today = access.access_community(person, public_id), clock.now().date()
    line = shown.lines([row], today)[0]
    dealings = row.dealings.select_related("keeper").order_by("-on", "-pk")[:_MOST]
    ties = row.ties.select_related("contact").order_by("pk") if person.may(Right.ALLIES) else None
    return shapes.CommunityDetail(
        **shapes.community_fields(row, line.promises, line.late),
        about=row.about,
        consent_words=row.consent_words,
        statements=[shapes.statement_out(one) for one in row.statements.order_by("-on", "-pk")[:_MOST]],
        dealings=[shapes.dealing_out(one, today) for one in dealings],
        trusted=[shapes.tie_out(one) for one in ties] if ties is not None else None,
    )
