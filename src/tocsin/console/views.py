"""Home, and a country in a window."""

from collections.abc import Mapping
from datetime import date, timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tocsin.analysis import taxonomy
from tocsin.console import looking, needs_you, world
from tocsin.console.daily import midnight
from tocsin.console.map import MapCell, render_map
from tocsin.lib import charts, territories
from tocsin.people.access import needs, person_of, to_sign_in
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.signals.drawing import chart, stream_words, words
from tocsin.situations import actions
from tocsin.situations.access import situations_for
from tocsin.situations.changes import changed_since, has_looked, last_look, trend
from tocsin.situations.freshness import polled
from tocsin.situations.making import differing, made
from tocsin.situations.models import Situation

_CHANGES = 6
_RANKED = 9
_SPOTS = 4
_WINDOWS = (14, 60, 180)


@require_safe
@polled
def home(request: HttpRequest) -> HttpResponseBase:
    """What changed, what needs me, what is worst, and what we are blind to."""
    if not request.user.is_authenticated:
        return to_sign_in(request)
    person = person_of(request)
    if not person.may(Right.READ):
        return render(request, "console/nothing.html", {"may_audit": person.may(Right.AUDIT)})
    now = timezone.now()
    since = last_look(person)
    changes = changed_since(person, since, _CHANGES + 1)
    ranked = situations_for(person).filter(state=Situation.State.OPEN).exclude(harm="", our_link=False)
    seen = world.sights()
    gone = world.unmeasured(seen, now)
    spots = list(world.blind_spots(person)[:100])
    cells = world.cells(person, settings.EXERCISE)
    context = {
        "since": since,
        "first_look": not has_looked(person),
        "changes": changes[:_CHANGES],
        "changes_more": len(changes) > _CHANGES,
        "needs": needs_you.of(person),
        "map": _map(cells),
        "rows": [(row, trend(row)) for row in ranked.order_by("-rank", "-pk")[:_RANKED]],
        "count": ranked.count(),
        "spots": spots[:_SPOTS],
        "spots_more": max(0, len(spots) - _SPOTS),
        "all_answer": not world.unanswering(person).exists(),
        "unmeasured": [territories.name(code, get_language() or "en") for code in gone[:12]],
        "unmeasured_count": len(gone),
        "measured_any": bool(seen),
        "unwatched": sum(one.level is None for one in cells.values()),
        "by_texts_alone": sum(one.level is not None and one.blind for one in cells.values()),
        "live": True,
    }
    return render(request, "console/home.html", context)


@require_POST
@needs(Right.READ)
def looked(request: HttpRequest) -> HttpResponse:
    """Everything that the page showed was seen; what came while it was open was not."""
    try:
        until = parse_datetime(request.POST.get("until", ""))
    except ValueError:
        until = None
    actions.looked(person_of(request), until if until is not None and timezone.is_aware(until) else None)
    return redirect("console:home")


def _map(cells: Mapping[str, MapCell]) -> str:
    address = reverse("console:look")
    return render_map(
        cells,
        link=lambda code: f"{address}?country={code}",
        title=_("Threat level by country"),
        desc=_("Darker: more probable harm. Hatched: our sites are not measured there."),
    )


@require_safe
@needs(Right.READ)
@polled
def look(request: HttpRequest) -> HttpResponse:
    """Everything measured and read about one country, over one window of days."""
    code = request.GET.get("country", "")
    if code and code not in territories.TERRITORIES:
        raise Http404
    window, wrong = _window(request)
    domain = looking.subject(request.GET.get("domain", ""))
    today = timezone.localdate()
    context: dict[str, object] = {
        "code": code,
        "domain": domain,
        "since": timezone.localtime(window.since).date().isoformat(),
        "until": timezone.localtime(window.until - timedelta(seconds=1)).date().isoformat(),
        "example": "wikipedia.org",
        "wrong": wrong,
        "windows": [(days, (today - timedelta(days=days)).isoformat()) for days in _WINDOWS],
        "countries": territories.choices(get_language() or "en"),
        "live": bool(code),
    }
    if code:
        context |= _country(person_of(request), looking.look_at(person_of(request), code, window, domain=domain))
    return render(request, "console/look.html", context)


def _window(request: HttpRequest) -> tuple[looking.Span, str]:
    """The window that was asked for, or the usual one and what was wrong."""
    try:
        since, until = (_day(request.GET.get(name, "")) for name in ("since", "until"))
        return looking.span(since, until), ""
    except looking.SpanError as error:
        return looking.span(None, None), error.args[0]


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise looking.SpanError(_("A day is written as 2026-01-31.")) from error


def _country(person: Person, seen: looking.Looked) -> dict[str, object]:
    drawn = chart(
        f"look-{seen.country}", seen.cells, seen.findings, window=(seen.span.since, seen.span.until), place=False
    )
    levels = made(person, seen.levels)
    return {
        "rows": [(row, trend(row)) for row in seen.situations],
        "levels": levels,
        "differs": differing(person, seen.rivals, levels),
        "weighed_until": timezone.localtime(min(timezone.now(), seen.span.until - timedelta(seconds=1))),
        # Chart text is escaped where the drawing is made.
        "picture": mark_safe(charts.draw(drawn)) if drawn is not None else "",  # noqa: S308
        "table": charts.table_rows(drawn) if drawn is not None else [],
        "texts": _texts(seen),
        "cells": [(cell, stream_words(cell.stream)) for cell in seen.cells],
        "rivals": seen.rivals,
        "turns": seen.turns,
        "sight": seen.sight,
        "blind": seen.blind,
    }


def _texts(seen: looking.Looked) -> str:
    """Texts by kind of harm a day, as strips of bars; empty where there were none."""
    if not seen.texts:
        return ""
    # From the first text on somebody was reading, so a day without one is a zero; before it nobody looked.
    days_read = [day for day in seen.span.days if seen.read_from is not None and day >= seen.read_from]
    strips = [
        charts.Strip(
            title=_(taxonomy.harm(key).title),
            step=timedelta(days=1),
            marks=[charts.Mark(midnight(day), float(seen.texts[key].get(day, 0))) for day in days_read],
            bars=True,
        )
        for key in looking.strips_of(seen.texts)
    ]
    drawn = charts.Chart(
        name=f"texts-{seen.country}",
        title=_("Texts by kind of harm"),
        description=_("How many texts a day speak of each kind of harm in this country."),
        start=seen.span.since,
        end=seen.span.until,
        strips=strips,
        rtl=get_language_bidi(),
        words=words(_("nobody read then")),
    )
    return mark_safe(charts.draw(drawn))  # noqa: S308
