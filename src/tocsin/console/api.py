"""Search, the map and a country in a window, for programs."""

from datetime import date, datetime
from typing import Annotated

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema
from ninja.errors import HttpError
from pydantic import Field

from tocsin.console import looking, world
from tocsin.console.map import MapCell
from tocsin.console.search import Hit, Wanted, find
from tocsin.lib.inputs import Country, Line, Moment
from tocsin.people.api_auth import Bearer, caller
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.signals.api import CellOut, FindingOut, HarmKey, SignalOut, cell_out, finding_out, signals_out
from tocsin.situations.api_shapes import (
    LevelOut,
    PublicId,
    RivalOut,
    SituationOut,
    TurnOut,
    level_out,
    rivals_out,
    situation_out,
    turns_out,
)

router = Router(tags=["console"])

_READ = Bearer(Right.READ)
_SHOWN = 50
_MOST = 200


class SearchFilters(Schema):
    """What is looked for."""

    words: Annotated[Line, Field(min_length=2, max_length=200)] = Field(
        description="Each word must occur in the text, in any script; a word has two letters or more."
    )
    country: Country | None = None
    harm: HarmKey | None = None
    since: Moment | None = Field(None, description="From the day of this moment on.")
    situation: PublicId | None = None


class HitOut(Schema):
    """A signal that was found, with the words around the first match."""

    signal: SignalOut
    before: str
    match: str
    after: str
    situation: str | None = Field(description="The situation that it is in.")


class FoundOut(Schema):
    """What was found, newest first."""

    items: list[HitOut]
    more: bool = Field(description="There is more than is shown; narrow the search.")


class MapCellOut(Schema):
    """What the map says of one country."""

    country: str
    level: int | None = Field(description="0: looked, none seen; 4: severe; null: nobody looks, which is not calm.")
    blind: bool = Field(description="Our own sites are not measured there.")
    words: str


class LookFilters(Schema):
    """The window, and the site whose measurements are wanted."""

    since: date | None = Field(None, description="First day; 60 days back without it.")
    until: date | None = Field(None, description="Last day, included; today without it.")
    domain: Annotated[Line, Field(max_length=200)] | None = Field(
        None, description="Only measurements of this site and the sites below it, such as wikipedia.org."
    )


class LookOut(Schema):
    """Everything measured and read about one country, over some days."""

    country: str
    since: datetime
    until: datetime
    domain: str
    blind: bool = Field(description="Our own sites have not been measured there lately.")
    measured_at: datetime | None = Field(description="The newest usable measurement.")
    delay_seconds: float | None = Field(description="The best delay that a detector could achieve there.")
    rivals: list[RivalOut] = Field(description="What could explain losses of access then; empty: nothing to explain.")
    turns: list[TurnOut] = Field(description="What would change our mind of that, the strongest first, 3 at most.")
    levels: list[LevelOut] = Field(description="Threat levels now, the highest first.")
    moves: list[LevelOut] = Field(description="Levels of the window, newest first, 200 at most.")
    situations: list[SituationOut] = Field(description="Those of the window, the worst first, 10 at most.")
    findings: list[FindingOut] = Field(description="Measured changes of the window, newest first, 200 at most.")
    cells: list[CellOut] = Field(description="What is measured there, 200 at most.")
    texts: dict[str, dict[date, int]] = Field(
        description="Texts by kind of harm and day; days without one are left out."
    )
    read_from: date | None = Field(description="Before this day nobody read, so no text is no zero.")


@router.get("/search", response=FoundOut, auth=_READ, summary="Search open texts")
def search(request: HttpRequest, filters: Query[SearchFilters]) -> FoundOut:
    """Texts that hold the words, in any script, newest first, 50 at most."""
    person = caller(request)
    wanted = Wanted(
        words=filters.words.strip(),
        country=filters.country or "",
        harm=filters.harm or "",
        since=timezone.localdate(filters.since) if filters.since is not None else None,
        situation=filters.situation or "",
    )
    hits = find(person, wanted) if wanted.words else []
    return FoundOut(items=_hits(person, hits[:_SHOWN]), more=len(hits) > _SHOWN)


@router.get("/map", response=list[MapCellOut], auth=_READ, summary="The world map")
def world_map(request: HttpRequest) -> list[MapCellOut]:
    """Every country with its level of threat, and whether we are blind there."""
    cells = world.cells(caller(request), settings.EXERCISE)
    return [_cell(code, cell) for code, cell in sorted(cells.items())]


@router.get("/look/{country}", response=LookOut, auth=_READ, summary="Look at one country")
def look(request: HttpRequest, country: Country, filters: Query[LookFilters]) -> LookOut:
    """Everything measured and read about one country, over some days."""
    try:
        window = looking.span(filters.since, filters.until)
    except looking.SpanError as error:
        raise HttpError(422, error.args[0]) from error
    domain = looking.subject(filters.domain or "")
    return look_out(looking.look_at(caller(request), country, window, domain=domain, most=_MOST))


def look_out(seen: looking.Looked) -> LookOut:
    """What is known of a country, as programs get it."""
    sight = seen.sight
    return LookOut(
        country=seen.country,
        since=seen.span.since,
        until=seen.span.until,
        domain=seen.domain,
        blind=seen.blind,
        measured_at=sight.measured_at if sight is not None else None,
        delay_seconds=sight.delay.total_seconds() if sight is not None and sight.delay is not None else None,
        rivals=rivals_out(seen.rivals),
        turns=turns_out(seen.turns),
        levels=[level_out(row) for row in seen.levels],
        moves=[level_out(row) for row in seen.moves],
        situations=[situation_out(row) for row in seen.situations],
        findings=[finding_out(row) for row in seen.findings],
        cells=[cell_out(row) for row in seen.cells],
        texts={harm: dict(sorted(days.items())) for harm, days in seen.texts.items()},
        read_from=seen.read_from,
    )


def _hits(person: Person, hits: list[Hit]) -> list[HitOut]:
    signals = signals_out(person, [hit.signal for hit in hits])
    return [
        HitOut(
            signal=signal,
            before=hit.before,
            match=hit.match,
            after=hit.after,
            situation=hit.situation or None,
        )
        for hit, signal in zip(hits, signals, strict=True)
    ]


def _cell(code: str, cell: MapCell) -> MapCellOut:
    return MapCellOut(country=code, level=cell.level, blind=cell.blind, words=cell.words)
