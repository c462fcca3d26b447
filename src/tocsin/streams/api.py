"""Sources, items, requirements and coverage, for programs."""

import base64
import binascii
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Literal, TypeVar

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema

from tocsin.lib.inputs import Id
from tocsin.lib.pages import Listed, Part, after
from tocsin.people.api_auth import Bearer, by_token, caller
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.streams import access, actions, documents, imports, masking, occasions
from tocsin.streams.api_shapes import (
    CALENDAR_FILE,
    FILE,
    BlindSpotFilters,
    BlindSpotOut,
    BroughtOut,
    CoverageOut,
    CoverOut,
    DocumentIn,
    FetchOut,
    FileIn,
    ImportIn,
    ImportOut,
    ItemDetail,
    ItemFilters,
    ItemOut,
    OccasionFileIn,
    OccasionIn,
    OccasionOut,
    RequirementIn,
    RequirementOut,
    SourceFilters,
    SourceIn,
    SourceOut,
)
from tocsin.streams.coverage import Part as CoveredPart
from tocsin.streams.coverage import coverage as coverage_for
from tocsin.streams.drafts import RefusedError
from tocsin.streams.models import BlindSpot, Fetch, Import, Item, Occasion, Requirement, Source
from tocsin.streams.sources.documents.kind import LARGEST

router = Router(tags=["sources"])

Out = TypeVar("Out", bound=Schema)

_TEXT_SHOWN = 20_000


@router.get("/sources", response=Listed[SourceOut], auth=Bearer(Right.READ), summary="List sources")
def sources(request: HttpRequest, filters: Query[SourceFilters]) -> Listed[SourceOut]:
    """The sources that you may know of, those added last first."""
    rows = access.sources_for(caller(request)).select_related("owner").defer("memory")
    if filters.kind is not None:
        rows = rows.filter(kind=filters.kind)
    if filters.health is not None:
        rows = rows.filter(health=filters.health)
    if filters.country is not None:
        rows = rows.filter(countries__icontains=f'"{filters.country}"')
    part, following = after(rows, filters.cursor, filters.limit)
    return Listed[SourceOut](items=_sources_out(part), next=following)


@router.post("/sources", response={201: SourceOut}, auth=Bearer(Right.SOURCES), summary="Add a source")
def add_source(request: HttpRequest, given: SourceIn) -> SourceOut:
    """Add a source; collectors fetch it within seconds. You look after it."""
    person = caller(request)
    _no_new_way_inside(request, given.allow_private)
    return _source_out(actions.add_source(person, given.draft(person.pk)))


@router.get("/sources/{number}", response=SourceOut, auth=Bearer(Right.READ), summary="Read one source")
def source(request: HttpRequest, number: Id) -> SourceOut:
    """One source with its health."""
    return _source_out(access.access_source(caller(request), number))


@router.put("/sources/{number}", response=SourceOut, auth=Bearer(Right.SOURCES), summary="Change a source")
def edit_source(request: HttpRequest, number: Id, given: SourceIn) -> SourceOut:
    """Put these values in the place of those that were. The kind can't change."""
    person = caller(request)
    row = access.access_source(person, number)
    if (given.allow_private, given.url) != (row.allow_private, row.url):
        _no_new_way_inside(request, given.allow_private)
    actions.edit_source(person, row, given.draft(row.owner_id))
    # Who narrows the readers may be none of them any more; what was changed is theirs to see once.
    return _source_out(Source.objects.select_related("owner").get(pk=row.pk))


@router.delete("/sources/{number}", response={204: None}, auth=Bearer(Right.SOURCES), summary="Remove a source")
def remove_source(request: HttpRequest, number: Id) -> HttpResponse:
    """Hide a source and fetch it no more; what it delivered stays until it expires."""
    person = caller(request)
    actions.remove_source(person, access.access_source(person, number))
    return HttpResponse(status=204)


@router.get("/sources/{number}/fetches", response=Listed[FetchOut], auth=Bearer(Right.READ), summary="List fetches")
def fetches(request: HttpRequest, number: Id, part: Query[Part]) -> Listed[FetchOut]:
    """The last fetches of a source, the newest first."""
    rows = access.fetches_of(access.access_source(caller(request), number))
    found, following = after(rows, part.cursor, part.limit)
    return Listed[FetchOut](items=[_plain(FetchOut, row) for row in found], next=following)


@router.post(
    "/sources/{number}/{verb}",
    response=SourceOut,
    auth=Bearer(Right.SOURCES),
    summary="Pause, resume or fetch one",
)
def act(request: HttpRequest, number: Id, verb: Literal["pause", "resume", "fetch"]) -> SourceOut:
    """``pause``: leave it alone; ``resume``: fetch it again; ``fetch``: fetch it before its time."""
    person = caller(request)
    verbs = {"pause": actions.pause_source, "resume": actions.resume_source, "fetch": actions.fetch_now}
    verbs[verb](person, access.access_source(person, number))
    return _source_out(access.access_source(person, number))


@router.get("/items", response=Listed[ItemOut], auth=Bearer(Right.READ), summary="List items")
def items(request: HttpRequest, filters: Query[ItemFilters]) -> Listed[ItemOut]:
    """The items that you may read, those that came last first."""
    rows: QuerySet[Item] = access.items_for(caller(request)).defer("original", "text")
    if filters.source is not None:
        rows = rows.filter(source=filters.source)
    if filters.language is not None:
        rows = rows.filter(language=filters.language.lower())
    if filters.since is not None:
        rows = rows.filter(fetched_at__gte=filters.since)
    part, following = after(rows, filters.cursor, filters.limit)
    return Listed[ItemOut](items=[_item_out(row) for row in part], next=following)


@router.get("/items/{number}", response=ItemDetail, auth=Bearer(Right.READ), summary="Read one item")
def item(request: HttpRequest, number: Id) -> ItemDetail:
    """One item with its text."""
    return _item_detail(access.access_item(caller(request), number))


@router.post("/items/{number}/names", response=ItemDetail, auth=Bearer(Right.READ), summary="Read one item with names")
def item_with_names(request: HttpRequest, number: Id) -> ItemDetail:
    """One item with the names of those whom it says were harmed. That you looked is kept on record."""
    person = caller(request)
    row = access.access_item(person, number)
    actions.uncover(person, row)
    return _item_detail(row, names=True)


@router.post("/documents", response={201: ItemDetail}, auth=Bearer(Right.SOURCES), summary="Bring a document")
def bring(request: HttpRequest, given: DocumentIn) -> ItemDetail:
    """Read a document in a closed process and keep it, for those who may read it."""
    try:
        body = base64.b64decode(given.content, validate=True)
    except binascii.Error:
        raise RefusedError("The content is not base64.") from None
    brought = documents.Brought(given.name, body, given.tlp, given.readers, given.language, given.country)
    return _item_detail(documents.upload(caller(request), brought))


@router.post(
    "/documents/file",
    response={201: ItemDetail},
    auth=Bearer(Right.SOURCES),
    summary="Bring a document as it is",
    openapi_extra={"requestBody": FILE},
)
def bring_file(request: HttpRequest, given: Query[FileIn]) -> ItemDetail:
    """The same for a document as it is, up to 25 MB: the body is the file, the address says what the file does not."""
    body = request.read(LARGEST + 1)
    if not body:
        raise RefusedError(_("The body is empty. Send the file itself as the body."), "documents")
    brought = documents.Brought(given.name, body, given.tlp, given.readers, given.language, given.country)
    return _item_detail(documents.upload(caller(request), brought))


@router.get(
    "/requirements", response=Listed[RequirementOut], auth=Bearer(Right.READ), summary="List what we need to know"
)
def requirements(request: HttpRequest, part: Query[Part]) -> Listed[RequirementOut]:
    """Every requirement, open and closed, the newest first."""
    found, following = after(access.requirements_for(caller(request)), part.cursor, part.limit)
    return Listed[RequirementOut](items=[_requirement_out(row) for row in found], next=following)


@router.post(
    "/requirements", response={201: RequirementOut}, auth=Bearer(Right.REQUIRE), summary="State what we need to know"
)
def add_requirement(request: HttpRequest, given: RequirementIn) -> RequirementOut:
    """State what we need to know; coverage then says who looks."""
    return _requirement_out(actions.add_requirement(caller(request), given.draft()))


@router.get("/requirements/{number}", response=RequirementOut, auth=Bearer(Right.READ), summary="Read a requirement")
def requirement(request: HttpRequest, number: Id) -> RequirementOut:
    """One requirement."""
    return _requirement_out(access.access_requirement(caller(request), number))


@router.put(
    "/requirements/{number}", response=RequirementOut, auth=Bearer(Right.REQUIRE), summary="Change a requirement"
)
def edit_requirement(request: HttpRequest, number: Id, given: RequirementIn) -> RequirementOut:
    """Put these values in the place of those that were."""
    person = caller(request)
    row = actions.edit_requirement(person, access.access_requirement(person, number), given.draft())
    return _requirement_out(row)


@router.post(
    "/requirements/{number}/{verb}",
    response=RequirementOut,
    auth=Bearer(Right.REQUIRE),
    summary="Close or reopen a requirement",
)
def settle(request: HttpRequest, number: Id, verb: Literal["close", "reopen"]) -> RequirementOut:
    """``close``: we need it no more; ``reopen``: we do."""
    person = caller(request)
    verbs = {"close": actions.close_requirement, "reopen": actions.reopen_requirement}
    verbs[verb](person, access.access_requirement(person, number))
    return _requirement_out(access.access_requirement(person, number))


@router.get("/occasions", response=Listed[OccasionOut], auth=Bearer(Right.READ), summary="List occasions")
def list_occasions(request: HttpRequest, part: Query[Part]) -> Listed[OccasionOut]:
    """Elections, exams, holidays and anniversaries, the newest entries first."""
    found, following = after(occasions.occasions_for(caller(request)), part.cursor, part.limit)
    return Listed[OccasionOut](items=[_plain(OccasionOut, row) for row in found], next=following)


@router.post("/occasions", response={201: OccasionOut}, auth=Bearer(Right.REQUIRE), summary="Enter an occasion")
def add_occasion(request: HttpRequest, given: OccasionIn) -> OccasionOut:
    """Enter an occasion; a loss on these days is weighed with it."""
    return _plain(OccasionOut, occasions.add(caller(request), given.draft()))


@router.post(
    "/occasions/file",
    response={201: BroughtOut},
    auth=Bearer(Right.REQUIRE),
    summary="Bring a calendar",
    openapi_extra={"requestBody": CALENDAR_FILE},
)
def bring_calendar(request: HttpRequest, given: Query[OccasionFileIn]) -> BroughtOut:
    """Take the days of a calendar for one country and sort; the body is the file. The same again changes nothing."""
    body = request.read(occasions.LARGEST + 1)
    if not body:
        raise RefusedError(_("The body is empty. Send the file itself as the body."), "file")
    found = occasions.bring(caller(request), body, given.country, given.sort)
    return BroughtOut(new=found.new, known=found.known, lost=found.lost, first_only=found.first_only)


@router.put("/occasions/{number}", response=OccasionOut, auth=Bearer(Right.REQUIRE), summary="Change an occasion")
def edit_occasion(request: HttpRequest, number: Id, given: OccasionIn) -> OccasionOut:
    """Put these values in the place of those that were."""
    person = caller(request)
    return _plain(OccasionOut, occasions.edit(person, occasions.access_occasion(person, number), given.draft()))


@router.delete("/occasions/{number}", response={204: None}, auth=Bearer(Right.REQUIRE), summary="Take an occasion out")
def remove_occasion(request: HttpRequest, number: Id) -> tuple[int, None]:
    """It is weighed no more."""
    person = caller(request)
    occasions.remove(person, occasions.access_occasion(person, number))
    return 204, None


@router.get("/coverage", response=list[CoverageOut], auth=Bearer(Right.READ), summary="See who looks where")
def coverage(request: HttpRequest) -> list[CoverageOut]:
    """For each open requirement, which sources cover it, and where nobody looks."""
    return [
        CoverageOut(
            requirement=row.requirement.pk,
            question=row.requirement.question,
            worst=row.worst.value,
            countries=[_cover(part) for part in row.countries],
            languages=[_cover(part) for part in row.languages],
            kinds=[_cover(part) for part in row.kinds],
        )
        for row in coverage_for(caller(request))
    ]


@router.get("/blind-spots", response=Listed[BlindSpotOut], auth=Bearer(Right.READ), summary="List blind spots")
def blind_spots(request: HttpRequest, filters: Query[BlindSpotFilters]) -> Listed[BlindSpotOut]:
    """Where a source should look and does not, or did not."""
    rows: QuerySet[BlindSpot] = access.blind_spots_for(caller(request))
    if filters.open is not None:
        rows = rows.filter(until__isnull=filters.open)
    found, following = after(rows, filters.cursor, filters.limit)
    return Listed[BlindSpotOut](items=[_blind_spot_out(row) for row in found], next=following)


@router.post("/imports", response={201: ImportOut}, auth=Bearer(Right.SOURCES), summary="Look through a list of feeds")
def propose_import(request: HttpRequest, given: ImportIn) -> ImportOut:
    """Say what would be added and what is refused, and why. Nothing is added yet."""
    _no_new_way_inside(request, given.allow_private)
    common = imports.Common(
        reliability=given.reliability,
        tlp=given.tlp,
        readers=given.readers,
        countries=tuple(given.countries),
        languages=tuple(given.languages),
        expected_every=timedelta(seconds=given.interval_seconds),
        allow_private=given.allow_private,
    )
    return _import_out(imports.propose(caller(request), given.opml.encode("utf-8", "replace"), common))


@router.post(
    "/imports/{number}/{verb}", response=ImportOut, auth=Bearer(Right.SOURCES), summary="Take a list in, or back"
)
def settle_import(request: HttpRequest, number: Id, verb: Literal["take", "undo"]) -> ImportOut:
    """``take``: add its feeds; ``undo``: take them back."""
    person = caller(request)
    row = access.access_import(person, number)
    if verb == "take":
        imports.take(person, row)
    else:
        imports.undo(person, row)
    return _import_out(access.access_import(person, number))


def _no_new_way_inside(request: HttpRequest, wanted: str) -> None:
    # A token that leaks must not become a way to read what only machines inside can reach.
    if wanted and by_token(request):
        words = _("No token may let a source reach a server inside. The lead does that on the source's page.")
        raise RefusedError(words, "allow_private")


def _sources_out(rows: list[Source]) -> list[SourceOut]:
    spots = BlindSpot.objects.filter(source__in=[row.pk for row in rows], until=None)
    blind = set(spots.values_list("source_id", flat=True))
    return [
        _plain(
            SourceOut,
            row,
            interval_seconds=row.expected_every.total_seconds(),
            owner=row.owner.name if row.owner else None,
            blind=row.pk in blind,
        )
        for row in rows
    ]


def _source_out(row: Source) -> SourceOut:
    return _sources_out([row])[0]


def _item_out(row: Item) -> ItemOut:
    shown = {"title": masking.title(row) if row.title else "", "url": masking.address(row)}
    return _plain(ItemOut, row, source=row.source_id, **shown)


def _item_detail(row: Item, *, names: bool = False) -> ItemDetail:
    text = row.text if names else masking.body(row)
    shown: dict[str, Any] = {"text": text[:_TEXT_SHOWN], "text_is_cut": len(text) > _TEXT_SHOWN}
    if not names:
        shown |= {"title": masking.title(row) if row.title else "", "url": masking.address(row)}
        shown |= {"facts": masking.facts(row)}
    return _plain(
        ItemDetail, row, source=row.source_id, names_masked=bool(masking.spans_of(row)) and not names, **shown
    )


def _requirement_out(row: Requirement) -> RequirementOut:
    return _plain(RequirementOut, row, owner=_name(row.owner))


def _blind_spot_out(row: BlindSpot) -> BlindSpotOut:
    return _plain(BlindSpotOut, row, source=row.source_id)


def _import_out(row: Import) -> ImportOut:
    return _plain(ImportOut, row)


def _cover(part: CoveredPart) -> CoverOut:
    return CoverOut(code=part.code, cover=part.cover.value, sources=[one.source.pk for one in part.watchers])


def _name(person: Person | None) -> str | None:
    return person.name if person else None


def _plain(
    shape: type[Out], row: Source | Fetch | Item | Requirement | Occasion | BlindSpot | Import, **more: Any
) -> Out:
    """A row in its shape: the fields of the same name, and those given."""
    named: Mapping[str, Any] = {name: getattr(row, name) for name in shape.model_fields if name not in more}
    return shape(**{**named, **more})
