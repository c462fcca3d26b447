"""Signals, measured findings and how blind each measurement is, for programs."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from math import isfinite
from typing import Annotated, Any, Literal

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from tocsin.analysis.taxonomy import HARMS
from tocsin.lib.inputs import Country, Id, Line, Moment, refusal
from tocsin.lib.pages import Listed, Part, after
from tocsin.people.api_auth import Bearer, caller
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.signals import actions
from tocsin.signals.access import (
    access_cell,
    access_correction,
    access_finding,
    access_signal,
    cells_for,
    findings_for,
    signals_for,
)
from tocsin.signals.models import CellState, Correction, Finding, Signal
from tocsin.streams import masking
from tocsin.streams.access import items_for, sources_for
from tocsin.streams.models import Item

router = Router(tags=["signals"])

_TEXT_SHOWN = 20_000
_HARMS = [one.key for one in HARMS]


def _harm(key: str) -> str:
    if key not in _HARMS:
        raise refusal("must be a kind of harm: " + ", ".join(_HARMS))
    return key


HarmKey = Annotated[str, AfterValidator(_harm), WithJsonSchema({"type": "string", "enum": _HARMS})]
"""A kind of harm of the taxonomy."""

# JSON has no infinity; a detector's number that is none can't be told in it.
_Measure = Annotated[
    float | None, BeforeValidator(lambda value: value if value is not None and isfinite(value) else None)
]


class SignalOut(Schema):
    """A text or a measured finding in one common shape. An empty text means that none stands out."""

    id: int
    kind: Literal["text", "finding"]
    at: datetime = Field(description="When it was published, or when the measured change began.")
    title: str
    summary: str
    url: str = Field(description="The original.")
    origin: str = Field(description="The masthead, or the network that was measured.")
    language: str
    country: str
    countries: list[str]
    harm: str
    actor: str
    target: str
    our_link: bool = Field(description="Whether it concerns the movement's own people or projects.")
    state: str
    reliability: str = Field(description="Of the source, A to F (Admiralty scale).")
    credibility: int = Field(description="Of the content, 1 to 6 (Admiralty scale).")
    tlp: str
    rule: str = Field(description="The rule and version that read it.")
    exercise: bool
    finding: int | None
    copy_of: int | None = Field(description="The signal that this is a copy of; a copy is no second witness.")


class CorrectionOut(Schema):
    """A person's word against the machine's about one field."""

    id: int
    field: str
    before: str
    after: str
    by: str | None
    at: datetime
    undone_at: datetime | None


class SignalDetail(SignalOut):
    """One signal with its text and with what its verdict rests on."""

    text: str = Field(description="As it was delivered, up to 20,000 characters; empty once it has expired.")
    text_is_cut: bool
    source: int | None = Field(description="The source, if you may see it.")
    why: dict[str, Any] = Field(description="Spans, keys and weights that the rule went by; each rule has its own.")
    copies: int
    corrections: list[CorrectionOut]


class Rival(Schema):
    """Another explanation of a finding."""

    key: str
    speaks_for: str
    speaks_against: str


def _rival(kept: object) -> object:
    """Rows keep the three words of a rival as a list."""
    return dict(zip(Rival.model_fields, kept, strict=True)) if isinstance(kept, list) else kept


class _Measured(Schema):
    """Which rule looked at what, where."""

    id: int
    rule: str
    stream: str
    kind: str
    country: str
    subject: str
    network: str


class FindingOut(_Measured):
    """What a detector concluded over one measured cell."""

    opened_at: datetime
    closed_at: datetime | None
    seen_at: datetime
    direction: str
    score: _Measure
    before: _Measure
    now: _Measure
    points: int
    evidence: str
    delay_seconds: _Measure = Field(description="The delay that the detector could achieve at this rate of data.")
    rivals: list[Annotated[Rival, BeforeValidator(_rival)]]


class CellOut(_Measured):
    """How well one thing is measured in one place: its newest measurement, and the delay that could be achieved."""

    last_point_at: datetime | None = Field(description="Null: nothing usable was measured.")
    delay_seconds: _Measure = Field(description="Null: no delay can be promised.")


class PointOut(Schema):
    """One measured point. `evidence` tells missing, discarded and scored apart; a null is never a zero."""

    at: datetime
    n: _Measure
    k: _Measure
    value: _Measure
    evidence: str


class CellDetail(CellOut):
    """A cell with its newest points."""

    recent: list[PointOut]


class SignalFilters(Part):
    """Which signals are wanted."""

    country: Country | None = None
    harm: HarmKey | None = None
    since: Moment | None = Field(None, description="From this moment on.")
    until: Moment | None = Field(None, description="Before this moment.")
    our_link: bool | None = None
    state: Literal["read", "not_ours", "dead", "unreadable"] | None = None
    words: Annotated[Line, Field(min_length=2, max_length=100)] | None = Field(
        None, description="Words that stand together in the title. To search whole texts, use /api/search."
    )


class FindingFilters(Part):
    """Which findings are wanted."""

    country: Country | None = None
    open: bool | None = Field(None, description="True: only changes that last. False: only those that ended.")
    since: Moment | None = Field(None, description="Seen at this moment or later.")


class CellFilters(Part):
    """Which cells are wanted."""

    country: Country | None = None
    stream: Literal["blocking", "views", "events", "level"] | None = None


class CorrectionIn(Schema, extra="forbid"):
    """What is right, in one field."""

    field: Literal["country", "harm", "actor", "target", "our_link", "state"]
    value: Annotated[Line, Field(max_length=60)] = Field(
        description="A key of the taxonomy or a country code; empty for none; `yes` or `no` for `our_link`."
    )


@router.get("/signals", response=Listed[SignalOut], auth=Bearer(Right.READ), summary="List signals")
def listed(request: HttpRequest, filters: Query[SignalFilters]) -> Listed[SignalOut]:
    """Signals that you may read, those that came last first."""
    person = caller(request)
    rows = _filtered(signals_for(person), filters).defer("fingerprint", "terms", "why")
    part, following = after(rows, filters.cursor, filters.limit)
    return Listed[SignalOut](items=signals_out(person, part), next=following)


@router.get("/signals/{number}", response=SignalDetail, auth=Bearer(Right.READ), summary="Read one signal")
def one(request: HttpRequest, number: Id) -> SignalDetail:
    """One signal with its text, what the machine made of it, and what people corrected."""
    return _detail(caller(request), access_signal(caller(request), number))


@router.post(
    "/signals/{number}/corrections",
    response={201: CorrectionOut},
    auth=Bearer(Right.ASSESS),
    summary="Correct a signal",
)
def correct(request: HttpRequest, number: Id, given: CorrectionIn) -> CorrectionOut:
    """Put a person's word over the machine's in one field. Both are kept, and it can be undone."""
    person = caller(request)
    return _correction(actions.correct(person, access_signal(person, number), given.field, given.value))


@router.post(
    "/signals/{number}/corrections/{correction}/undo",
    response=CorrectionOut,
    auth=Bearer(Right.ASSESS),
    summary="Undo a correction",
)
def undo_correction(request: HttpRequest, number: Id, correction: Id) -> CorrectionOut:
    """Take a correction back: the value of before stands again."""
    person = caller(request)
    actions.undo(person, access_correction(person, number, correction))
    return _correction(access_correction(person, number, correction))


@router.get("/findings", response=Listed[FindingOut], auth=Bearer(Right.READ), summary="List measured findings")
def findings(request: HttpRequest, filters: Query[FindingFilters]) -> Listed[FindingOut]:
    """What detectors concluded, newest first."""
    rows = findings_for(caller(request))
    if filters.country is not None:
        rows = rows.filter(country=filters.country)
    if filters.open is not None:
        rows = rows.filter(closed_at__isnull=filters.open)
    if filters.since is not None:
        rows = rows.filter(seen_at__gte=filters.since)
    part, following = after(rows, filters.cursor, filters.limit)
    return Listed[FindingOut](items=[finding_out(row) for row in part], next=following)


@router.get("/findings/{number}", response=FindingOut, auth=Bearer(Right.READ), summary="Read one finding")
def finding(request: HttpRequest, number: Id) -> FindingOut:
    """One measured finding with its rival explanations."""
    return finding_out(access_finding(caller(request), number))


@router.get("/cells", response=Listed[CellOut], auth=Bearer(Right.READ), summary="List how well we see")
def cells(request: HttpRequest, filters: Query[CellFilters]) -> Listed[CellOut]:
    """Every measured cell with its own blindness. A country without a cell is not measured at all."""
    rows = cells_for(caller(request)).defer("state", "recent")
    if filters.country is not None:
        rows = rows.filter(country=filters.country)
    if filters.stream is not None:
        rows = rows.filter(stream=filters.stream)
    part, following = after(rows, filters.cursor, filters.limit)
    return Listed[CellOut](items=[cell_out(row) for row in part], next=following)


@router.get("/cells/{number}", response=CellDetail, auth=Bearer(Right.READ), summary="Read one cell's newest points")
def cell(request: HttpRequest, number: Id) -> CellDetail:
    """One measured cell with the points that its picture is drawn from."""
    row = access_cell(caller(request), number)
    points = [
        PointOut(at=datetime.fromtimestamp(epoch, tz=UTC), n=n, k=k, value=value, evidence=evidence)
        for epoch, n, k, value, evidence, *_usual in row.recent
    ]
    return CellDetail(**cell_out(row).model_dump(), recent=points)


def signals_out(person: Person, rows: Sequence[Signal]) -> list[SignalOut]:
    """Signals that this person obtained, as programs see them."""
    originals = _visible(person, (row.copy_of_id for row in rows))
    return [SignalOut(**_fields(row, originals)) for row in rows]


def finding_out(row: Finding) -> FindingOut:
    """A finding that somebody obtained, as programs see it."""
    return FindingOut.from_orm(row)


def cell_out(row: CellState) -> CellOut:
    """A cell as programs see it."""
    return CellOut.from_orm(row)


def _visible(person: Person, numbers: Iterable[int | None]) -> set[int]:
    wanted = {number for number in numbers if number is not None}
    return set(signals_for(person).filter(pk__in=wanted).values_list("pk", flat=True)) if wanted else set()


def _fields(row: Signal, originals: set[int]) -> dict[str, Any]:
    return {
        "id": row.pk,
        "kind": "finding" if row.finding_id is not None else "text",
        "at": row.at,
        "title": row.title,
        "summary": row.summary,
        "url": row.url,
        "origin": row.origin,
        "language": row.language,
        "country": row.country,
        "countries": row.countries,
        "harm": row.harm,
        "actor": row.actor,
        "target": row.target,
        "our_link": row.our_link,
        "state": row.state,
        "reliability": row.reliability,
        "credibility": row.credibility,
        "tlp": row.tlp,
        "rule": row.rule,
        "exercise": row.exercise,
        "finding": row.finding_id,
        "copy_of": row.copy_of_id if row.copy_of_id in originals else None,
    }


def _detail(person: Person, row: Signal) -> SignalDetail:
    item = items_for(person).filter(pk=row.item_id).first() if row.item_id is not None else None
    text = masking.body(item) if item is not None else ""
    corrections = Correction.objects.filter(signal=row).select_related("by").order_by("-pk")
    return SignalDetail(
        **_fields(row, _visible(person, [row.copy_of_id])),
        text=text[:_TEXT_SHOWN],
        text_is_cut=len(text) > _TEXT_SHOWN,
        source=_source(person, item),
        why=row.why,
        copies=signals_for(person).filter(copy_of=row).count(),
        corrections=[_correction(one) for one in corrections],
    )


def _source(person: Person, item: Item | None) -> int | None:
    known = item is not None and sources_for(person).filter(pk=item.source_id).exists()
    return item.source_id if item is not None and known else None


def _correction(row: Correction) -> CorrectionOut:
    return CorrectionOut(
        id=row.pk,
        field=row.field,
        before=row.before,
        after=row.after,
        by=row.by.name if row.by is not None else None,
        at=row.at,
        undone_at=row.undone_at,
    )


def _filtered(rows: QuerySet[Signal], filters: SignalFilters) -> QuerySet[Signal]:
    wanted = {
        "country": filters.country,
        "harm": filters.harm,
        "at__gte": filters.since,
        "at__lt": filters.until,
        "our_link": filters.our_link,
        "state": filters.state,
        "title__icontains": filters.words,
    }
    return rows.filter(**{name: value for name, value in wanted.items() if value is not None})
