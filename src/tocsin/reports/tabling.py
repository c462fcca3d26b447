"""The table of help by country: what each country’s people were helped with first, as far as that may be told."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from tocsin.reports import counting
from tocsin.reports.composing import Piece
from tocsin.reports.facts import Fact, Topic
from tocsin.reports.gathering import words


def support_table(facts: Sequence[Fact]) -> Piece | None:
    """Places down, kinds of help across, with all cases of a place beside; of the largest set of months that is told.

    A cell without a fact is not told, and is never a nought. None where nothing of it may be told.
    """
    found: dict[str, dict[str, dict[str, Fact]]] = {}
    for one in facts:
        match one.key.split(":"):
            case ["people", months, "support", where] if one.topic is Topic.PEOPLE:
                place, _slash, support = where.partition("/")
                found.setdefault(months, {}).setdefault(place, {})[support] = one
    if not found:
        return None
    months = max(found, key=lambda key: (key.count(","), key))
    whole = {one.key: one for one in facts}
    shown = [key for key in counting.SUPPORTS if any(key in row for row in found[months].values())]
    rows = []
    for place, row in sorted(found[months].items(), key=lambda each: counting.place_name(each[0])):
        everyone = whole.get(f"people:{months}:place:{place or 'unknown'}")
        cells = [counting.place_name(place), _number(everyone), *(_number(row.get(key)) for key in shown)]
        rows.append({"cells": cells, "facts": [one.key for one in (everyone, *row.values()) if one is not None]})
    keys = [key for one in rows for key in one["facts"]]
    names = [counting.support_name(key) for key in shown]
    return {
        "kind": "table",
        "name": "support",
        "title": _("First help, by country"),
        "columns": [_("Country"), _("All cases"), *names],
        "rows": rows,
        "numeric": list(range(1, 2 + len(shown))),
        "note": _("“Not told” stands for any number, none among them, so that nobody can be recognised."),
        "facts": keys,
        "told": keys,
    }


def _number(fact: Fact | None) -> str:
    if fact is None or fact.value is None:
        return _("not told")
    number = words.number(fact.value.amount)
    return number if fact.value.high is not None else _("at least %(n)s") % {"n": number}
