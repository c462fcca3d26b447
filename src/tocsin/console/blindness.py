"""The map of our blindness: how long a ban that begins now would go unseen, and what one more measurement would buy."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tocsin.analysis.series import Stream
from tocsin.console.map import MapCell, Scale, render_map
from tocsin.console.templatetags.words import duration
from tocsin.console.world import BLIND_AFTER
from tocsin.lib.territories import INVENTED, TERRITORIES
from tocsin.people.access import needs, person_of
from tocsin.people.models import Person
from tocsin.people.roles import Right
from tocsin.signals.access import cells_for
from tocsin.signals.measured import OUR_SITES, is_ours

DAY: Final = timedelta(days=1)
STEPS: Final = (1.5 * DAY, 3 * DAY, 7 * DAY, 14 * DAY)
"""Within so long a ban is found: the steps of the map, from the best."""

NETWORK: Final = "network"
"""Stands for the network of a country as a whole, beside sites."""

_HELPED: Final = 20
_LONGEST_SUBJECT: Final = 200


@dataclass(frozen=True, slots=True)
class Blind:
    """How blind we are to a ban of one site in one country, or to the loss of its whole network.

    ``delay`` is what the detector could achieve at the present rate of data, None where it would never find a ban;
    ``with_more`` the same with one more measurement a day, None where that can't be said. ``silent`` says that
    nothing usable was measured lately, so that no delay can be promised.
    """

    country: str
    subject: str
    delay: timedelta | None
    with_more: timedelta | None
    measured_at: datetime | None
    silent: bool

    @property
    def bought(self) -> timedelta | None:
        """How much sooner one more measurement a day would find a ban; None where nothing else would find it."""
        if self.with_more is None:
            return timedelta(0)
        return None if self.delay is None or self.silent else max(self.delay - self.with_more, timedelta(0))


@require_safe
@needs(Right.READ)
def blindness(request: HttpRequest) -> HttpResponse:
    """Where a ban of our sites would be found late or never, and where one more measurement would help most."""
    person = person_of(request)
    known = sites(person)
    subject = request.GET.get("site", "")[:_LONGEST_SUBJECT]
    if subject not in known:
        subject = OUR_SITES if OUR_SITES in known or not known else known[0]
    cells, found = of(person, subject), _found(subject)
    address = reverse("console:look")
    context = {
        "subject": subject,
        "sites": known,
        "all_sites": OUR_SITES,
        "network": NETWORK,
        "cells": cells,
        "helped": most_helped(cells),
        "never": [one for one in cells if one.silent or one.delay is None],
        "map": render_map(
            {one.country: _cell(one, found) for one in _shown(cells)},
            link=lambda code: f"{address}?country={code}",
            title=found.title,
            desc=_("Darker: later. Hatched: it would not be found by measurement."),
            scale=Scale(_word, found.scale, _("What the map’s colours mean")),
        ),
        "found": found,
    }
    return render(request, "console/blindness.html", context)


def sites(person: Person) -> list[str]:
    """The sites of ours, and their families, that are measured anywhere; all of them together first, and last the
    network as a whole, if that is measured."""
    rows = cells_for(person).filter(stream=Stream.BLOCKING.value, network="").values_list("subject", flat=True)
    ours = sorted({one for one in rows.distinct() if is_ours(one)}, key=lambda one: (one != OUR_SITES, one))
    return [*ours, NETWORK] if cells_for(person).filter(stream=Stream.CONNECTIVITY.value).exists() else ours


def of(person: Person, subject: str) -> list[Blind]:
    """How blind we are to a ban of one site, or family of sites, or to the loss of the network, country by country."""
    measured = {"stream": Stream.CONNECTIVITY.value}
    if subject != NETWORK:
        measured = {"stream": Stream.BLOCKING.value, "subject": subject}
    rows = cells_for(person).filter(**measured, network="").exclude(country="")
    now = timezone.now()
    best: dict[str, Blind] = {}
    for country, delay, more, at in rows.values_list(
        "country", "delay_seconds", "delay_with_one_more_seconds", "last_point_at"
    ):
        silent = at is None or now - at > BLIND_AFTER
        one = Blind(country, subject, _span(delay), _span(more), at, silent)
        if country not in best or _order(one) < _order(best[country]):
            best[country] = one
    return [best[country] for country in sorted(best)]


def most_helped(cells: Iterable[Blind]) -> Sequence[Blind]:
    """Where one more measurement a day would help most: first where nothing would be found without it."""
    helped = [one for one in cells if one.with_more is not None and one.bought != timedelta(0)]
    return sorted(helped, key=lambda one: (one.bought is not None, -(one.bought or DAY).total_seconds(), one.country))[
        :_HELPED
    ]


def _span(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)


def _order(one: Blind) -> tuple[bool, float]:
    return one.silent, one.delay.total_seconds() if one.delay is not None else float("inf")


def _shown(cells: Iterable[Blind]) -> list[Blind]:
    known = TERRITORIES if settings.EXERCISE else TERRITORIES - set(INVENTED)
    return [one for one in cells if one.country in known]


@dataclass(frozen=True, slots=True)
class _Found:
    """What the page calls that which would be found."""

    title: str
    scale: str
    never: str
    after: str


def _found(subject: str) -> _Found:
    if subject == NETWORK:
        return _Found(
            _("How soon a loss of the network would be found"),
            _("A loss would be found"),
            _("at this rate, a loss would never be found"),
            _("a loss of the network would be found after %(time)s"),
        )
    return _Found(
        _("How soon a ban would be found"),
        _("A ban would be found"),
        _("at this rate, a ban would never be found"),
        _("a ban would be found after %(time)s"),
    )


def _cell(one: Blind, found: _Found) -> MapCell:
    if one.silent:
        return MapCell(level=None, words=_("not measured lately"), name=INVENTED.get(one.country, ""))
    if one.delay is None:
        return MapCell(level=None, words=found.never, name=INVENTED.get(one.country, ""))
    words = found.after % {"time": duration(one.delay.total_seconds())}
    return MapCell(level=sum(one.delay > step for step in STEPS), words=words, name=INVENTED.get(one.country, ""))


def _word(step: int | None) -> str:
    if step is None:
        return _("not found by measurement")
    if step == len(STEPS):
        return _("later")
    return _("within %(time)s") % {"time": duration(STEPS[step].total_seconds())}
