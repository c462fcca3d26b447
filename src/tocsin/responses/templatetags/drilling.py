"""How templates show the time of a plan: life's, and of a drill also its own. Load with ``{% load drilling %}``."""

from datetime import datetime, timedelta
from typing import Any

from django import template
from django.utils.translation import gettext as _

from tocsin.alerts import clock
from tocsin.responses.log import acts
from tocsin.responses.log.folding import Plan

register = template.Library()


@register.inclusion_tag("responses/parts/due.html", takes_context=True)
def due(context: template.Context, plan: Plan, shown: datetime | None, *, quiet: bool = False) -> dict[str, Any]:
    """A moment of the plan's own time, as one of life; of a drill also how far away it is by its clock."""
    away = shown - plan.pace.told(clock.now()) if shown is not None else timedelta(0)
    return {
        "drill": plan.begun.drill and shown is not None,
        "at": plan.pace.comes(shown) if shown is not None else None,
        "away": away,
        "quiet": quiet,
        "now": context.get("now"),
    }


@register.inclusion_tag("responses/parts/drill_clock.html", takes_context=True)
def drill_clock(context: template.Context, plan: Plan) -> dict[str, Any]:
    """What the clock of a drill shows, and how fast it runs; nothing for a plan in earnest."""
    pace, now = plan.pace, clock.now()
    begins = pace.begins
    started = plan.of(acts.Started)
    return {
        "drill": plan.begun.drill,
        "begun": begins is not None,
        "over": plan.closed is not None,
        "runs": pace.runs,
        "shows": pace.told(now) - begins if begins is not None else timedelta(0),
        "watch": plan.closed.at - started[0][0].at if plan.closed is not None and started else timedelta(0),
        "speed": pace.speed,
        "hour": timedelta(hours=1) / pace.speed,
        "here": context.get("drill_page", False),
        "url": context["opened"].url("drill") if context.get("whole") else "",
    }


@register.simple_tag
def shown_at(plan: Plan, at: datetime) -> str:
    """What a drill's clock showed at a moment of life, from its beginning on."""
    begins = plan.pace.begins
    after = plan.pace.told(at) - begins if begins is not None else timedelta(0)
    return _("at %(span)s of the drill") % {"span": span(after)}


@register.filter
def span(length: timedelta) -> str:
    """A length of time to the minute, as clocks of drills show it: a rounded hour would be a quarter on the watch."""
    minutes = round(abs(length).total_seconds() / 60)
    if minutes < 2:
        return _("%(n)s s") % {"n": round(abs(length).total_seconds())}
    hours, minutes = divmod(minutes, 60)
    if not hours:
        return _("%(n)s min") % {"n": minutes}
    if hours < 48:
        return _("%(h)s h %(m)s min") % {"h": hours, "m": minutes} if minutes else _("%(h)s h") % {"h": hours}
    days, hours = divmod(hours, 24)
    return _("%(d)s d %(h)s h") % {"d": days, "h": hours} if hours else _("%(d)s d") % {"d": days}
