"""Tables, charts and maps of a draft, made from the facts that its audience may see, and from nothing else."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import get_language_bidi, gettext_lazy
from django.utils.translation import gettext as _

from tocsin.lib import charts, territories
from tocsin.lib.locales import reader_locale
from tocsin.reports import coarsening
from tocsin.reports.audiences import Audience
from tocsin.reports.composing import Piece
from tocsin.reports.facts import Fact, Nature, Topic
from tocsin.reports.gathering import words
from tocsin.reports.gathering.period import Period
from tocsin.reports.keeping import chart_out
from tocsin.reports.measures.registry import MEASURES
from tocsin.reports.measures.saying import said
from tocsin.reports.tabling import support_table

_STRIPS = 12
_STEP = timedelta(days=1)


def draw(what: str, name: str, facts: Sequence[Fact], period: Period, audience: Audience) -> Piece | None:
    """One piece by its name, in what its audience may read; None where there is no fact to draw."""
    match what, name:
        case "table", "measures":
            return _measures(facts)
        case "table", "situations":
            return _situations(facts, audience)
        case "table", "support":
            return support_table(facts)
        case "map", "threat-levels":
            return _map(facts, audience)
        case "chart", "threat-levels":
            return _chart(facts, period, audience)
        case "chart", "alerts" | "tasks":
            return _days(name, facts, period, audience)
    return None


def _row(fact: Fact, *cells: str) -> Piece:
    return {"cells": list(cells), "facts": [fact.key]}


def _measures(facts: Sequence[Fact]) -> Piece | None:
    chosen = [one for one in facts if one.topic is Topic.MEASURE and one.value is not None]
    if not chosen:
        return None
    rows = [_row(one, _title(one), *_value_cells(one)) for one in chosen]
    columns = [_("Measure"), _("Now"), _("May lie between"), _("Before"), _("Out of")]
    note = _("“May lie between” is a range of 95 %, “–” says that it is not known, or that nothing was measured. How "
             "each is counted stands with the sources at the end.")  # fmt: skip
    return _table("measures", _("Measures"), columns, rows, [1, 2, 3, 4], note)


def _title(fact: Fact) -> str:
    key = fact.key.removeprefix("measure:")
    return str(MEASURES[key].title) if key in MEASURES else fact.says


def _value_cells(fact: Fact) -> tuple[str, str, str, str]:
    value = fact.value
    assert value is not None
    between = "" if value.low is None or value.high is None else f"{said(value.low, value.unit)} – "
    if value.high is not None and between:
        between += said(value.high, value.unit)
    before = "" if value.before is None else said(value.before, value.unit)
    return said(value.amount, value.unit), between, before, "" if value.of is None else words.number(value.of)


def _place(code: str, audience: Audience) -> str:
    return coarsening.named(code) if code and audience.outside else words.place(code)


def _called(fact: Fact, audience: Audience) -> str:
    """What a situation is called: its title is for the team alone."""
    if not audience.outside:
        return fact.sources[0].title
    return fact.words.get(audience.key) or words.harm(fact.harms[0] if fact.harms else "")


def _situations(facts: Sequence[Fact], audience: Audience) -> Piece | None:
    chosen = [one for one in facts if one.key.startswith("situation:") and one.key.endswith(":state")]
    if not chosen:
        return None
    rows = []
    for one in chosen:
        where = ", ".join(_place(code, audience) for code in one.places) or words.place("")
        rows.append(_row(one, _called(one, audience), where, _share(one, audience)))
    columns = [_("Situation"), _("Where"), _("Likelihood") if audience.outside else _("Probability")]
    return _table("situations", _("Situations"), columns, rows, [2], "")


def _share(fact: Fact, audience: Audience) -> str:
    """A probability: outside in a word; inside it says so where no person judged it."""
    if fact.value is None:
        return ""
    if audience.outside:
        return words.likely(fact.value.amount)
    share = words.percent(fact.value.amount)
    if fact.nature is Nature.ASSESSED:
        return share
    return _("%(share)s (no person has judged it yet)") % {"share": share}


def _table(name: str, title: str, columns: list[str], rows: list[Piece], numeric: list[int], note: str) -> Piece:
    return {
        "kind": "table",
        "name": name,
        "title": title,
        "columns": columns,
        "rows": rows,
        "numeric": numeric,
        "note": note,
        "facts": [key for row in rows for key in row["facts"]],
        "told": [key for row in rows for key in row["facts"]],
    }


def _levels(facts: Sequence[Fact], audience: Audience) -> list[Fact]:
    """Threat levels. What is not named outside can't be shaded there, nor told as its region, which has others."""
    unnamed = coarsening.protected() if audience.outside else frozenset()
    facts = [one for one in facts if not unnamed & set(one.places)]
    return [one for one in facts if one.key.startswith("level:") and one.value is not None and one.places]


def _map(facts: Sequence[Fact], audience: Audience) -> Piece | None:
    chosen = _levels(facts, audience)
    unnamed = coarsening.protected() if audience.outside else frozenset()
    blind = [one for one in facts if one.topic is Topic.BLIND and not unnamed & set(one.places)]
    if not chosen:
        return None
    highest: dict[str, float] = {}
    for one in chosen:
        assert one.value is not None
        highest[one.places[0]] = max(highest.get(one.places[0], 0.0), one.value.amount)
    missing = sorted({code for one in blind for code in one.places} - highest.keys())
    return {
        "kind": "map",
        "name": "threat-levels",
        "title": _("Threat levels by country"),
        "description": _("The highest level of any kind of harm in each country. Hatched: no level is known there."),
        # Each country knows which facts it rests on, so that a fact that is dropped takes its shade along.
        "countries": [[code, level, [o.key for o in chosen if o.places[0] == code]] for code, level in highest.items()],
        "missing": missing,
        "facts": [one.key for one in chosen] + [one.key for one in blind if set(one.places) & set(missing)],
        "told": [one.key for one in chosen],
    }


def _chart(facts: Sequence[Fact], period: Period, audience: Audience) -> Piece | None:
    chosen = sorted(_levels(facts, audience), key=lambda one: (-one.rank, one.key))[:_STRIPS]
    if not chosen:
        return None
    strips = []
    for one in chosen:
        _kind, country, harm = one.key.split(":", 2)
        title = f"{words.harm(harm)}, {territories.name(country, str(reader_locale()))}"
        strips.append(charts.Strip(title, _STEP, _marks(one, period), top=1.0))
    keys = [one.key for one in chosen]
    chart = charts.Chart(
        "threat-levels",
        _("How threat levels moved"),
        _("The threat level of each day from %(first)s to %(last)s, between 0 and 1.")
        % {"first": words.day(period.first), "last": words.day(period.last)},
        period.since,
        period.until,
        strips,
        rtl=get_language_bidi(),
    )
    return {"kind": "figure", "name": "threat-levels", "chart": chart_out(chart), "facts": keys, "told": keys}


# What is counted by the day, by its fact.
_COUNTED: Mapping[str, tuple[str | Promise, Mapping[str, str | Promise]]] = {
    "alerts": (
        gettext_lazy("Alerts by the day"),
        {
            "alert:came": gettext_lazy("Alerts that came"),
            "alert:answered": gettext_lazy("Alerts that somebody took up"),
        },
    ),
    "tasks": (
        gettext_lazy("Tasks of plans by the day"),
        {"tasks:done": gettext_lazy("Tasks that were done"), "tasks:late": gettext_lazy("Tasks past due")},
    ),
}


def _days(name: str, facts: Sequence[Fact], period: Period, audience: Audience) -> Piece | None:
    """Bars of what was counted on each day. Outside never: a day of few would tell of one thing."""
    title, named = _COUNTED[name]
    counted = {one.key: one for one in facts if one.course}
    chosen = [counted[key] for key in named if key in counted]
    if audience.outside or not chosen:
        return None
    strips = [
        charts.Strip(str(named[one.key]), _STEP, [charts.Mark(at, count) for at, count in one.course], bars=True)
        for one in chosen
    ]
    chart = charts.Chart(
        name,
        str(title),
        _("How many on each day from %(first)s to %(last)s.")
        % {"first": words.day(period.first), "last": words.day(period.last)},
        period.since,
        period.until,
        strips,
        rtl=get_language_bidi(),
    )
    # The number of the whole time is said in words as well.
    keys = [one.key for one in chosen]
    return {"kind": "figure", "name": name, "chart": chart_out(chart), "facts": keys, "told": []}


def _marks(fact: Fact, period: Period) -> list[charts.Mark]:
    """The level at the end of each day, as far as it is known."""
    marks, day = [], period.since
    while day < period.until:
        level = _level_at(fact.course, min(day + _STEP, period.until))
        if level is not None:
            marks.append(charts.Mark(day, round(level, 3)))
        day += _STEP
    return marks


def _level_at(known: Sequence[tuple[datetime, float]], moment: datetime) -> float | None:
    return next((level for at, level in reversed(known) if at < moment), None)
