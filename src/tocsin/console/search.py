"""The search page."""

from dataclasses import dataclass, replace
from datetime import date
from itertools import islice

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tocsin.analysis.taxonomy import HARMS
from tocsin.analysis.text.persecution.masking import MASK
from tocsin.console.index import fold, terms
from tocsin.console.work import search_index, searched, text_of
from tocsin.lib import territories
from tocsin.people.access import needs, person_of, reader_sets
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.signals.access import signals_for
from tocsin.signals.models import Signal
from tocsin.situations.models import Member
from tocsin.streams import masking
from tocsin.streams.models import Item

_ITEM = ("item__text", "item__title", "item__language", "item__named")

_LOOKED_AT = 5_000
_AT_ONCE = 60
_NUMBERS = 500
_SHOWN = 50
_AROUND = 90
_LONG_WORD = 20


@dataclass(frozen=True, slots=True)
class Hit:
    """A signal that was found, with the words around the first match, and the situation that it is in."""

    signal: Signal
    before: str
    match: str
    after: str
    situation: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for. Each word must occur, and each phrase in quotation marks as it stands."""

    words: str
    country: str = ""
    harm: str = ""
    since: date | None = None
    situation: str = ""


@require_safe
@needs(Right.READ)
def search(request: HttpRequest) -> HttpResponse:
    """Texts that hold the words, in any script, newest first."""
    wanted = _wanted(request)
    hits = find(person_of(request), wanted) if wanted.words or wanted.situation else []
    context = {
        "wanted": wanted,
        "hits": hits[:_SHOWN],
        "more": len(hits) > _SHOWN,
        "asked": bool(wanted.words or wanted.situation),
        "short": bool(wanted.words) and all(len(term) < 2 for term in terms(wanted.words)),
        "harms": HARMS,
        "countries": territories.choices(get_language() or "en"),
        "placeholder": _("wikipedia, 维基百科, ويكيبيديا"),
    }
    return render(request, "console/search.html", context)


def find(person: Person, wanted: Wanted) -> list[Hit]:
    """What this person may read of what was found; the cache proposes, the rows decide."""
    rows = _narrowed(person, wanted)
    if not wanted.words:
        return _placed([_hit(row, text_of(row), "") for row in rows.order_by("-at", "-pk")[: _SHOWN + 1]])
    proposed = search_index().ids(wanted.words, [0, *reader_sets(person.roles)], _LOOKED_AT)
    if wanted != Wanted(wanted.words):
        # All at once and without their texts; from here on they are found by number alone.
        proposed = list(rows.filter(pk__in=proposed).order_by("-pk").values_list("pk", flat=True))
        rows = _narrowed(person, Wanted(wanted.words))
    texts = _holding(proposed, rows, wanted.words)
    found = rows.filter(pk__in=list(texts)).order_by("-pk")
    return _placed([_hit(row, texts[row.pk], wanted.words) for row in found])


def _holding(proposed: list[int], rows: QuerySet[Signal], words: str) -> dict[int, str]:
    """The first of the proposed signals that hold every word, with their texts; one more than are shown.

    The cache knows pairs and triples of letters, so it also proposes texts that hold all of these and not the words.
    Texts are long: they are fetched as far as they are needed, few at first, since most proposals are right.
    """
    wanted, found, start, size = terms(words), dict[int, str](), 0, _AT_ONCE
    # Masking takes most of the time, and only takes away: what lacks a word unmasked lacks it masked, but for the mask.
    plain = [term for term in wanted if not set(term) & set(MASK)]
    while start < len(proposed) and len(found) <= _SHOWN:
        part = rows.filter(pk__in=proposed[start : start + size]).order_by("-pk")
        for number, title, summary, *item in part.values_list("pk", "title", "summary", *_ITEM):
            if not _holds(searched(title, summary, item[0]), plain):
                continue
            if _holds(text := searched(title, summary, _masked(*item)), wanted):
                found[number] = text
        start, size = start + size, min(2 * size, _NUMBERS)
    return dict(islice(found.items(), _SHOWN + 1))


def _masked(body: str | None, headline: str | None, language: str | None, named: list[list[int]] | None) -> str | None:
    if body is None:
        return None
    return masking.body(Item(title=headline or "", text=body, language=language or "", named=named))


def _holds(text: str, wanted: list[str]) -> bool:
    # Spaces matter to phrases alone, and joining those of long texts takes most of the time.
    folded = fold(text) if any(" " in term for term in wanted) else text.lower()
    return all(term in folded for term in wanted)


def _placed(hits: list[Hit]) -> list[Hit]:
    """The hits, each with the situation that it is in."""
    members = Member.objects.filter(signal__in=[hit.signal.pk for hit in hits], situation__isnull=False)
    places = dict(members.values_list("signal_id", "situation__public_id"))
    return [replace(hit, situation=places.get(hit.signal.pk, "")) for hit in hits]


def _narrowed(person: Person, wanted: Wanted) -> QuerySet[Signal]:
    rows = signals_for(person).select_related("item", "finding").defer("fingerprint", "terms", "why", "item__original")
    if wanted.country:
        rows = rows.filter(country=wanted.country)
    if wanted.harm:
        rows = rows.filter(harm=wanted.harm)
    if wanted.since is not None:
        rows = rows.filter(at__date__gte=wanted.since)
    if wanted.situation:
        rows = rows.filter(pk__in=Member.objects.filter(situation__public_id=wanted.situation).values("signal"))
    return rows


def _hit(row: Signal, text: str, words: str) -> Hit:
    """A signal whose text holds the words, with those around the first of them."""
    text = " ".join(text.split())
    folded = text.lower()
    wanted = terms(words)
    # The title stands above the excerpt, so a match in the words that follow it tells more.
    title = " ".join(row.title.split())
    body = len(title) + 1 if text.startswith(f"{title} ") else 0
    first, length = body, 0
    if wanted and len(folded) == len(text):
        below = folded.find(wanted[0], body)
        first, length = below if below >= 0 else folded.find(wanted[0]), len(wanted[0])
    start, end = max(0, first - _AROUND), first + length + _AROUND
    return Hit(
        signal=row,
        before=_from_a_word(text, max(start, body) if body <= first else start, first, body),
        match=text[first : first + length],
        after=_to_a_word(text, first + length, end),
    )


def _from_a_word(text: str, start: int, end: int, body: int) -> str:
    """The text from the next beginning of a word on, with … where words were left out."""
    if start in {0, body}:
        return text[start:end]
    space = text.find(" ", start, end)
    return "… " + text[space + 1 if 0 <= space < start + _LONG_WORD else start : end]


def _to_a_word(text: str, start: int, end: int) -> str:
    """The text up to the last end of a word, with … where words were left out; not all scripts have spaces."""
    if end >= len(text):
        return text[start:]
    space = text.rfind(" ", start, end)
    return text[start : space if space > end - _LONG_WORD else end] + " …"


def _wanted(request: HttpRequest) -> Wanted:
    given = request.GET
    country, harm, situation = given.get("country", ""), given.get("harm", ""), given.get("situation", "")
    try:
        since = date.fromisoformat(given.get("since", ""))
    except ValueError:
        since = None
    return Wanted(
        words=given.get("words", "").replace("\0", " ").strip()[:200],
        country=country if country in territories.TERRITORIES else "",
        harm=harm if harm in {one.key for one in HARMS} else "",
        since=since,
        situation=situation if situation.isascii() and situation.isalnum() else "",
    )
