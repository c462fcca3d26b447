"""What was arranged on a rota, newest first: layers, overrides and swaps, each when it was made and when it ended."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from tocsin.oncall import words
from tocsin.oncall.models import Layer, Override, Rota

_LAYER, _OVERRIDE = "layer", "override"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened: which row, and whether it began or ended."""

    at: datetime
    kind: str
    pk: int
    ended: bool


def entries(rota: Rota) -> list[Entry]:
    """Everything that happened to a rota, newest first; small values only, words come by `lines`."""
    found = []
    for pk, opened, closed in Layer.objects.filter(rota=rota).values_list("pk", "opened_at", "closed_at"):
        found += [Entry(opened, _LAYER, pk, False)] if opened else []
        found += [Entry(closed, _LAYER, pk, True)] if closed else []
    for pk, made, ended in Override.objects.filter(rota=rota).values_list("pk", "made_at", "ended_at"):
        found.append(Entry(made, _OVERRIDE, pk, False))
        found += [Entry(ended, _OVERRIDE, pk, True)] if ended else []
    return sorted(found, key=lambda one: (one.at, one.kind, one.pk, one.ended), reverse=True)


def lines(found: Iterable[Entry]) -> list[tuple[datetime, str]]:
    """These entries in words, each with its moment."""
    wanted = list(found)
    layers = (
        Layer.objects.filter(pk__in=[one.pk for one in wanted if one.kind == _LAYER])
        .prefetch_related("people__person")
        .in_bulk()
    )
    rows = Override.objects.select_related("person", "by")
    overrides = rows.in_bulk([one.pk for one in wanted if one.kind == _OVERRIDE])
    return [
        (one.at, _layer(layers[one.pk], one.ended) if one.kind == _LAYER else _override(overrides[one.pk], one.ended))
        for one in wanted
    ]


def _layer(layer: Layer, ended: bool) -> str:
    places = sorted(layer.people.all(), key=lambda one: one.position)
    known = {
        "name": layer.name or _("a layer"),
        "people": ", ".join(one.person.name for one in places),
    }
    if ended:
        return _("Covers no more: %(name)s (%(people)s).") % known
    return _("Covers from then on: %(name)s (%(people)s).") % known


def _override(row: Override, ended: bool) -> str:
    known = {
        "person": row.person.name,
        "span": words.span(row.since, row.until),
        "by": row.by.name if row.by else _("somebody whose account was deleted"),
    }
    if ended:
        return _("Cancelled: %(person)s, %(span)s.") % known
    if row.swap_id is not None:
        return _("By a swap: %(person)s, %(span)s; %(by)s said the last yes.") % known
    return _("Arranged by %(by)s: %(person)s, %(span)s.") % known
