"""What pages and programs are shown of communities: places in words, what passed, context with what it was before."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tocsin.alerts.words import language_name
from tocsin.lib import territories
from tocsin.resilience import words
from tocsin.resilience.access import contexts
from tocsin.resilience.models import Community, Context, Dealing, Index

# A language that half the world speaks: its page shows the first of its countries and leads to the others.
MOST_COUNTRIES = 12
_YEARS = 5


@dataclass(frozen=True, slots=True)
class Line:
    """One community in a list; ``promises`` and ``late`` count its open promises."""

    community: Community
    places: str
    languages: str
    promises: int
    late: int


@dataclass(frozen=True, slots=True)
class Said:
    """What one index says of one country: now, and what it said years before, where it says so."""

    country: str
    place: str
    index: str
    source: str
    url: str
    words: str
    on: date
    before: str
    before_on: date | None


def lines(rows: Iterable[Community], today: date) -> list[Line]:
    """Communities as a list shows them, with two queries however many there are."""
    found = list(rows)
    due: dict[int, list[bool]] = defaultdict(list)
    open_ones = Dealing.objects.filter(community__in=found, kind=Dealing.Kind.PROMISED, ended_on=None)
    for number, day in open_ones.values_list("community_id", "due"):
        due[number].append(day is not None and day < today)
    return [
        Line(one, places(one.countries), tongues(one.languages), len(due[one.pk]), sum(due[one.pk])) for one in found
    ]


def places(codes: Iterable[str]) -> str:
    """Names of countries in the reader's language."""
    return ", ".join(territories.name(code, get_language() or "en") for code in codes)


def tongues(codes: Iterable[str]) -> str:
    """Names of languages in the reader's language."""
    return ", ".join(language_name(code) for code in codes)


def said_of(codes: Collection[str]) -> list[Said]:
    """What every index says of these countries, the newest of each, and what it said about five years before."""
    series: dict[tuple[str, str], dict[date, Context]] = defaultdict(dict)
    for row in contexts().filter(country__in=codes).order_by("on", "pk"):
        series[row.country, row.index][row.on] = row  # of two for one day, what was taken in last
    order = list(Index)
    found = [_said(rows) for rows in series.values()]
    return sorted(found, key=lambda one: (one.place, order.index(Index(one.index))))


def history_of(code: str) -> list[Context]:
    """Everything that stands about one country, the newest first."""
    by_day: dict[tuple[str, date], Context] = {}
    for row in contexts().filter(country=code).order_by("pk"):
        by_day[row.index, row.on] = row
    return sorted(by_day.values(), key=lambda row: (row.on, row.index), reverse=True)


def _said(rows: dict[date, Context]) -> Said:
    newest = rows[max(rows)]
    earlier = [day for day in rows if day.year <= newest.on.year - _YEARS]
    before = rows[max(earlier)] if earlier else None
    source, url = words.SOURCES[newest.index]
    return Said(
        country=newest.country,
        place=territories.name(newest.country, get_language() or "en"),
        index=newest.index,
        source=source,
        url=url,
        words=words.of(newest),
        on=newest.on,
        before=words.of(before) if before is not None else "",
        before_on=before.on if before is not None else None,
    )


def ended(row: Dealing) -> str:
    """How a promise ended, in words; empty while it is open, and for what is no promise."""
    return {"kept": _("kept"), "broken": _("not kept")}.get(row.ended_as, "")
