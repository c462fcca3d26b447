"""How many cases of people at risk: what was decided, month by month. Nothing here opens a case; ``counting`` does."""

from collections.abc import Iterable, Iterator, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tocsin.lib.tlp import Tlp
from tocsin.reports import counting
from tocsin.reports.disclosure import Block, Cell, Row, breakdown
from tocsin.reports.facts import Fact, Nature, Source, Topic, Value
from tocsin.reports.gathering import words
from tocsin.reports.gathering.period import Gatherer, Period
from tocsin.reports.models import CountedMonth

MOST = 120


def facts(period: Period, reader: Gatherer) -> Iterable[Fact]:
    """What may be told of the whole months that lie in the period: sums of whole blocks, and what is withheld.

    A report about one situation, one kind of harm or an exercise gets none: no block is about one of those alone.
    """
    months = counting.months_in(period.first, period.last)
    if reader.exercise or reader.situation or reader.harms or not months:
        return
    rows = {row.month: row for row in CountedMonth.objects.filter(month__in=months)}
    for month in months:
        if month not in rows and counting.is_over(month, period.until):
            yield _silent(month, _("The cases of %(month)s have not been counted yet."), None)
    for month, row in rows.items():
        if not row.blocks:
            says = _("Of the cases of %(month)s nothing is shown, so that nobody can be recognised: they are too few.")
            yield _silent(month, says, row)
    shown = [row for row in rows.values() if row.blocks]
    if shown:
        yield from _told(shown, reader)


def _told(rows: Sequence[CountedMonth], reader: Gatherer) -> Iterator[Fact]:
    blocks = counting.blocks_of(rows)
    last = max(rows, key=lambda row: row.month)
    by_place = breakdown(blocks, lambda cell: cell.place)
    if not reader.places:
        yield _number("all", by_place.total, _all_says(by_place.total, rows), last, rows, rank=100)
    found = [*_lines(blocks, by_place.rows, rows, last, "place"), *_kinds(blocks, rows, last), *_supports(rows)]
    yield from [one for one in found if not reader.places or reader.places & set(one.places)][:MOST]
    if by_place.elsewhere and not reader.places:
        says = ngettext(
            "Of %(n)d of them the country is not told, so that nobody can be recognised.",
            "Of %(n)d of them the country is not told, so that nobody can be recognised.",
            by_place.elsewhere,
        )
        yield _number("elsewhere", by_place.elsewhere, says % {"n": by_place.elsewhere}, last, rows, rank=1)


def _all_says(total: int, rows: Sequence[CountedMonth]) -> str:
    months = _months(rows)
    says = ngettext(
        "%(n)d person or group at risk turned to us in %(months)s.",
        "%(n)d people or groups at risk turned to us in %(months)s.",
        total,
    )
    return says % {"n": total, "months": months}


def _lines(
    blocks: Sequence[Block], lines: Iterable[Row], rows: Sequence[CountedMonth], last: CountedMonth, what: str
) -> Iterator[Fact]:
    for line in lines:
        if line.least:
            values = {"n": line.least, "place": counting.place_name(line.key), "months": _months(rows)}
            whole = _("%(place)s: %(n)d cases in %(months)s.")
            part = _("%(place)s: at least %(n)d cases in %(months)s.")
            says = (whole if line.whole else part) % values
            places = (line.key,) if len(line.key) == 2 else ()
            key = f"{what}:{line.key or 'unknown'}"
            yield _number(key, line.least, says, last, rows, rank=line.least / 10, places=places, whole=line.whole)


def _kinds(blocks: Sequence[Block], rows: Sequence[CountedMonth], last: CountedMonth) -> Iterator[Fact]:
    """Kinds in a place, where a block is about one place and one kind alone."""
    for line in breakdown(blocks, _where).rows:
        if not line.least:
            continue
        place, _slash, kind = line.key.partition("/")
        values = {"n": line.least, "place": counting.place_name(place), "kind": counting.kind_name(kind)}
        values["months"] = _months(rows)
        whole = _("%(place)s, %(kind)s: %(n)d cases in %(months)s.")
        part = _("%(place)s, %(kind)s: at least %(n)d cases in %(months)s.")
        says = (whole if line.whole else part) % values
        places = (place,) if len(place) == 2 else ()
        key, rank = f"kind:{line.key}", line.least / 100
        yield _number(key, line.least, says, last, rows, rank=rank, places=places, whole=line.whole)


def _supports(rows: Sequence[CountedMonth]) -> Iterator[Fact]:
    """Help by place, where a block is about one place and one kind of help alone. It is cut with the kinds of threat,
    so that neither table tells more of the other than the sums that both show."""
    known = [row for row in rows if row.supports]
    for line in breakdown(counting.supports_of(known), _where).rows:
        if not line.least:
            continue
        place, _slash, support = line.key.partition("/")
        values = {"n": line.least, "place": counting.place_name(place), "help": counting.support_name(support)}
        values["months"] = _months(known)
        whole = _("%(place)s: %(n)d cases in which the first help was: %(help)s, in %(months)s.")
        part = _("%(place)s: at least %(n)d cases in which the first help was: %(help)s, in %(months)s.")
        if not support:
            whole = _("%(place)s: %(n)d cases in which no help was taken yet, in %(months)s.")
            part = _("%(place)s: at least %(n)d cases in which no help was taken yet, in %(months)s.")
        says = (whole if line.whole else part) % values
        places = (place,) if len(place) == 2 else ()
        key, rank, last = f"support:{line.key}", line.least / 100, max(known, key=lambda row: row.month)
        yield _number(key, line.least, says, last, known, rank=rank, places=places, whole=line.whole)


def _where(cell: Cell) -> str:
    return f"{cell.place}/{cell.kind}"


def _months(rows: Iterable[CountedMonth]) -> str:
    return ", ".join(words.month(counting.first_day(month)) for month in sorted(row.month for row in rows))


def _number(
    key: str,
    count: int,
    says: str,
    last: CountedMonth,
    rows: Sequence[CountedMonth],
    *,
    rank: float,
    places: tuple[str, ...] = (),
    whole: bool = True,
) -> Fact:
    names = ",".join(sorted(row.month for row in rows))
    return Fact(
        key=f"people:{names}:{key}",
        topic=Topic.PEOPLE,
        nature=Nature.COUNTED,
        says=says,
        sources=tuple(_source(row) for row in sorted(rows, key=lambda row: row.month)),
        as_of=last.decided_at,
        tlp=Tlp.CLEAR,
        value=Value(count, "cases", low=count, high=count if whole else None),
        places=places,
        rank=rank,
    )


def _silent(month: str, says: str, row: CountedMonth | None) -> Fact:
    at = row.decided_at if row is not None else counting.end_of(month)
    named = words.month(counting.first_day(month))
    source = Source("counts", month, _("The count of %(month)s") % {"month": named}, reverse("reports:counting"), at)
    return Fact(
        key=f"people:{month}:silent",
        topic=Topic.PEOPLE,
        nature=Nature.RECORDED,
        says=says % {"month": named},
        sources=(source,),
        as_of=at,
        tlp=Tlp.CLEAR,
    )


def _source(row: CountedMonth) -> Source:
    title = _("The count of %(month)s") % {"month": words.month(counting.first_day(row.month))}
    return Source("counts", row.month, title, reverse("reports:counting"), row.decided_at)
