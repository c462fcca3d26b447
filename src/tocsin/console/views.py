"""Home, and a country in a window."""

from datetime import date, datetime, timedelta

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
from tocsin.console import needs_you, world
from tocsin.console.daily import by_harm, midnight
from tocsin.console.map import render_map
from tocsin.lib import charts, territories
from tocsin.people.access import needs, person_of, to_sign_in
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.signals.access import findings_for, signals_for
from tocsin.signals.drawing import chart, stream_words, words
from tocsin.signals.models import CellState
from tocsin.situations import actions
from tocsin.situations.access import situations_for
from tocsin.situations.changes import changed_since, has_looked, last_look, trend
from tocsin.situations.freshness import polled
from tocsin.situations.models import Situation, ThreatLevel

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
    context = {
        "since": since,
        "first_look": not has_looked(person),
        "changes": changes[:_CHANGES],
        "changes_more": len(changes) > _CHANGES,
        "needs": needs_you.of(person),
        "map": _map(person),
        "rows": [(row, trend(row)) for row in ranked.order_by("-rank", "-pk")[:_RANKED]],
        "count": ranked.count(),
        "spots": spots[:_SPOTS],
        "spots_more": max(0, len(spots) - _SPOTS),
        "unmeasured": [territories.name(code, get_language() or "en") for code in gone[:12]],
        "unmeasured_count": len(gone),
        "measured_any": bool(seen),
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


def _map(person: Person) -> str:
    address = reverse("console:look")
    return render_map(
        world.cells(person, settings.EXERCISE),
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
    days = next((one for one in _WINDOWS if request.GET.get("days") == str(one)), _WINDOWS[1])
    context: dict[str, object] = {
        "code": code,
        "days": days,
        "windows": _WINDOWS,
        "countries": territories.choices(get_language() or "en"),
        "live": bool(code),
    }
    if code:
        context |= _country(person_of(request), code, days)
    return render(request, "console/look.html", context)


def _country(person: Person, code: str, days: int) -> dict[str, object]:
    now = timezone.now()
    rows = situations_for(person).filter(country=code)
    cells = list(CellState.objects.filter(country=code).order_by("stream", "subject", "network")[:12])
    findings = list(findings_for(person).filter(country=code, seen_at__gte=now - timedelta(days=days))[:40])
    drawn = chart(f"look-{code}", cells, findings, days)
    sight = world.sights().get(code)
    return {
        "rows": [(row, trend(row)) for row in rows.filter(state=Situation.State.OPEN).order_by("-rank", "-pk")[:10]],
        "levels": _levels(person, code),
        # Chart text is escaped where the drawing is made.
        "picture": mark_safe(charts.draw(drawn)) if drawn is not None else "",  # noqa: S308
        "table": charts.table_rows(drawn) if drawn is not None else [],
        "texts": _texts(person, code, days),
        "cells": [(cell, stream_words(cell.stream)) for cell in cells],
        "sight": sight,
        "blind": sight is None or sight.blind(now),
    }


def _levels(person: Person, code: str) -> list[tuple[ThreatLevel, list[Situation]]]:
    """The threat levels of a country now, each with the situations that moved it."""
    levels = list(ThreatLevel.objects.filter(country=code, current=True, probability__gt=0).order_by("-probability"))
    named = [one for level in levels for one in level.moved_by[:3]]
    rows = situations_for(person).filter(public_id__in=named, country=code, state=Situation.State.OPEN)
    moved = {row.public_id: row for row in rows}
    return [(level, [moved[one] for one in level.moved_by[:3] if one in moved]) for level in levels]


def _texts(person: Person, code: str, days: int) -> str:
    """Texts by kind of harm a day, as strips of bars; empty where there were none."""
    end = timezone.localtime()  # days begin, and are named, where the reader is
    start = end - timedelta(days=days)
    rows = signals_for(person).filter(country=code, at__gte=start, at__lte=end, item__isnull=False).exclude(harm="")
    counts = by_harm(rows, _days(start, end))
    if not counts:
        return ""
    # From the first text on somebody was reading, so a day without one is a zero; before it nobody looked.
    first = signals_for(person).filter(item__isnull=False).order_by("at").values_list("at", flat=True).first()
    days_read = [day for day in _days(start, end) if first is not None and day >= first.date()]
    most = sorted(counts, key=lambda key: (-sum(counts[key].values()), key))[:6]
    strips = [
        charts.Strip(
            title=_(taxonomy.harm(key).title),
            step=timedelta(days=1),
            marks=[charts.Mark(midnight(day), float(counts[key].get(day, 0))) for day in days_read],
            bars=True,
        )
        for key in most
    ]
    drawn = charts.Chart(
        name=f"texts-{code}",
        title=_("Texts by kind of harm"),
        description=_("How many texts a day speak of each kind of harm in this country."),
        start=start,
        end=end,
        strips=strips,
        rtl=get_language_bidi(),
        words=words(_("nobody read then")),
    )
    return mark_safe(charts.draw(drawn))  # noqa: S308


def _days(start: datetime, end: datetime) -> list[date]:
    zone = timezone.get_current_timezone()
    first, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
